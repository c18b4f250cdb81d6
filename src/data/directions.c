#include "data/directions.h"

#include <stdlib.h>
#include <string.h>

#include "model/labels.h"

/* Direction i of a corpus: both of every pair, first to second before second to first. */
static const char *name_of(char name[THOR_DIRECTION_NAME], const thor_prepared *corpus, int32_t i)
{
    const thor_pair *pair = &corpus->pairs[i / 2];
    const char *first = corpus->languages[pair->first], *second = corpus->languages[pair->second];
    return i % 2 ? thor_direction_name(name, second, first) : thor_direction_name(name, first, second);
}

/* "de-en", "de-*", "*-en". */
static bool matches(const char *pattern, size_t length, const char *name)
{
    size_t i = 0;
    for (; i < length; i++, name++) {
        if (pattern[i] == '*') {
            while (*name && *name != '-')
                name++;
            name--;
        } else if (pattern[i] != *name) {
            return false;
        }
    }
    return *name == '\0';
}

static thor_status add_matching(thor_names *pairs, const thor_prepared *corpus, const char *pattern, size_t length,
                                const char *folder, thor_error *error)
{
    char name[THOR_DIRECTION_NAME];
    int32_t found = 0;
    for (int32_t i = 0; i < 2 * corpus->pair_count; i++) {
        if (!matches(pattern, length, name_of(name, corpus, i)))
            continue;
        found++;
        THOR_TRY(thor_directions_add(pairs, name, error));
    }
    if (found == 0)
        return thor_fail(error, THOR_E_USAGE, "--directions: '%.*s' is not a direction of %s; write them as de-en or "
                         "*-en, separated by commas", (int)length, pattern, folder);
    return THOR_OK;
}

thor_status thor_directions_choose(thor_names *pairs, const thor_prepared *corpus, const char *list,
                                   const char *folder, thor_error *error)
{
    thor_names_clear(pairs);
    for (const char *item = list; *item; item += strcspn(item, ",") + (item[strcspn(item, ",")] == ','))
        THOR_TRY(add_matching(pairs, corpus, item, strcspn(item, ","), folder, error));
    return THOR_OK;
}

thor_status thor_directions_sampler(thor_sampler **sampler, const thor_prepared *corpus, const thor_config *config,
                                    const char *folder, thor_error *error)
{
    char name[THOR_DIRECTION_NAME];
    int32_t count = 0;
    thor_direction *directions = calloc(2 * (size_t)corpus->pair_count + 1, sizeof *directions);
    if (!directions)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the list of directions");
    for (int32_t i = 0; i < 2 * corpus->pair_count; i++)
        if (config->pairs.count == 0 || thor_names_find(&config->pairs, name_of(name, corpus, i)) >= 0)
            directions[count++] = (thor_direction){ .pair = i / 2, .source_side = i % 2 };
    thor_status status = count > 0 ? thor_sampler_open(sampler, corpus, config, directions, count, error)
                                   : thor_fail(error, THOR_E_USAGE, "pairs: none of the configuration's directions is "
                                               "in %s", folder);
    free(directions);
    return status;
}
