#include "model/config.h"

#include <stdlib.h>
#include <string.h>


/* ---- lists of names -------------------------------------------------------------------------------------------- */

thor_status thor_names_add(thor_names *names, const char *name, thor_error *error)
{
    char **items = NULL, *copy = NULL;
    if (names->count < INT32_MAX - 1)
        items = realloc(names->items, ((size_t)names->count + 1) * sizeof *items);
    if (items) {
        names->items = items;
        copy = strdup(name);
    }
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the name '%s'", name);
    names->items[names->count++] = copy;
    return THOR_OK;
}

int32_t thor_names_find(const thor_names *names, const char *name)
{
    for (int32_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return i;
    return -1;
}

void thor_names_clear(thor_names *names)
{
    for (int32_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (thor_names){ .items = NULL };
}

static thor_status names_copy(thor_names *to, const thor_names *from, thor_error *error)
{
    *to = (thor_names){ .items = NULL };
    for (int32_t i = 0; i < from->count; i++)
        THOR_TRY(thor_names_add(to, from->items[i], error));
    return THOR_OK;
}

/* ---- life of a configuration ----------------------------------------------------------------------------------- */

void thor_config_free(thor_config *config)
{
    thor_names_clear(&config->languages);
    thor_names_clear(&config->domains);
    thor_names_clear(&config->pairs);
    thor_names_clear(&config->lingual.families);
}

thor_status thor_config_copy(thor_config *to, const thor_config *from, thor_error *error)
{
    *to = *from;
    to->languages = to->domains = to->pairs = to->lingual.families = (thor_names){ .items = NULL };
    thor_status status = names_copy(&to->languages, &from->languages, error);
    if (status == THOR_OK)
        status = names_copy(&to->domains, &from->domains, error);
    if (status == THOR_OK)
        status = names_copy(&to->pairs, &from->pairs, error);
    if (status == THOR_OK)
        status = names_copy(&to->lingual.families, &from->lingual.families, error);
    if (status != THOR_OK)
        thor_config_free(to);
    return status;
}

/* ---- what follows from the keys -------------------------------------------------------------------------------- */

const thor_names *thor_task_names(const thor_config *config)
{
    switch (config->task.label) {
    case THOR_LABEL_PAIR: return &config->pairs;
    case THOR_LABEL_DOMAIN: return &config->domains;
    case THOR_LABEL_TARGET_LANGUAGE:
    case THOR_LABEL_SOURCE_LANGUAGE: break;
    }
    return &config->languages;
}

int32_t thor_config_tasks(const thor_config *config)
{
    if (config->task.count > 0)
        return config->task.count;
    return thor_task_names(config)->count;
}

int32_t thor_config_group(const thor_config *config)
{
    if (config->task.candidates > 0)
        return config->task.candidates;
    int32_t quarter = config->moe.experts / 4, least = config->moe.experts < 4 ? config->moe.experts : 4;
    return quarter > least ? quarter : least;
}
