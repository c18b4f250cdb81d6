#include "model/labels.h"

#include <stdio.h>
#include <string.h>

const char *thor_direction_name(char name[THOR_DIRECTION_NAME], const char *source, const char *target)
{
    snprintf(name, THOR_DIRECTION_NAME, "%.*s-%.*s", THOR_NAME_LETTERS, source, THOR_NAME_LETTERS, target);
    return name;
}

const char *thor_config_direction(char name[THOR_DIRECTION_NAME], const thor_config *config, int32_t source,
                                  int32_t target)
{
    return thor_direction_name(name, config->languages.items[source], config->languages.items[target]);
}

thor_status thor_directions_add(thor_names *pairs, const char *name, thor_error *error)
{
    if (thor_names_find(pairs, name) >= 0)
        return THOR_OK;
    THOR_TRY(thor_names_add(pairs, name, error));
    char *item = pairs->items[pairs->count - 1];
    int32_t i = pairs->count - 1;
    for (; i > 0 && strcmp(pairs->items[i - 1], item) > 0; i--)
        pairs->items[i] = pairs->items[i - 1];
    pairs->items[i] = item;
    return THOR_OK;
}

int32_t thor_direction_label(const thor_config *config, int32_t source, int32_t target, int32_t domain)
{
    char name[THOR_DIRECTION_NAME];
    switch (config->task.label) {
    case THOR_LABEL_SOURCE_LANGUAGE: return source;
    case THOR_LABEL_PAIR: return thor_names_find(&config->pairs, thor_config_direction(name, config, source, target));
    case THOR_LABEL_DOMAIN: return domain;
    case THOR_LABEL_TARGET_LANGUAGE: break;
    }
    return target;
}

const char *thor_task_name(const thor_config *config, int32_t task, char text[THOR_DIRECTION_NAME])
{
    const thor_names *names = thor_task_names(config);
    if (task < names->count)
        snprintf(text, THOR_DIRECTION_NAME, "%s", names->items[task]);
    else
        snprintf(text, THOR_DIRECTION_NAME, "%d", (int)task);
    return text;
}
