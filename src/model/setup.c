#include "model/setup.h"

#include <string.h>

#include "model/systems.h"

static const char *const names[THOR_SETUPS] = { "multilingual", "multidomain" };

const char *thor_setup_name(thor_setup setup)
{
    return names[setup];
}

thor_status thor_setup_find(thor_setup *setup, const char *name, thor_error *error)
{
    *setup = THOR_SETUP_MULTILINGUAL;
    for (int i = 0; name && i < THOR_SETUPS; i++)
        if (strcmp(name, names[i]) == 0) {
            *setup = (thor_setup)i;
            return THOR_OK;
        }
    return name ? thor_fail(error, THOR_E_USAGE, "--setup=%.40s: expected multilingual or multidomain", name) : THOR_OK;
}

void thor_config_setup(thor_config *config, thor_setup setup)
{
    if (setup != THOR_SETUP_MULTIDOMAIN)
        return;
    config->task.label = THOR_LABEL_DOMAIN;
    config->batch.temperature = 1.0;
    if (thor_system_of(config)->guided)
        config->loss.task = config->loss.task_balance = config->loss.token_balance = 1e-2;
}

bool thor_setup_into_english(thor_setup setup, char *const *languages, int32_t count)
{
    for (int32_t i = 0; setup == THOR_SETUP_MULTIDOMAIN && i < count; i++)
        if (strcmp(languages[i], "en") == 0)
            return true;
    return false;
}
