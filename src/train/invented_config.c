/* Languages, domains and directions for a configuration that no data has completed. */
#include <stdio.h>

#include "model/labels.h"
#include "model/sequence.h"
#include "train/invented_batch.h"

/* Codes of OPUS-16, two of a family side by side, so that families and pairs mean something early. */
static const char *const codes[] = { "en", "de", "bg", "sk", "pt", "ga", "fy", "nb", "sl", "hr", "as", "mr", "se",
                                     "rw", "zh", "eu" };

enum { CODES = sizeof codes / sizeof *codes };

thor_invention thor_invention_default(void)
{
    return (thor_invention){ .sentences = 6, .shortest = 4, .longest = 14, .pieces = 200, .languages = 6 };
}

static thor_status add_languages(thor_names *names, int32_t count, thor_error *error)
{
    char code[32];
    for (int32_t i = 0; i < count; i++) {
        snprintf(code, sizeof code, "l%d", (int)i);
        THOR_TRY(thor_names_add(names, i < CODES ? codes[i] : code, error));
    }
    return THOR_OK;
}

static thor_status add_domains(thor_names *names, int32_t count, thor_error *error)
{
    char name[32];
    for (int32_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "domain%d", (int)i);
        THOR_TRY(thor_names_add(names, name, error));
    }
    return THOR_OK;
}

/* All directions, or those into `target` (-1: any). Sorted by name, as the directions of real data are. */
static thor_status add_pairs(thor_config *config, int32_t target, thor_error *error)
{
    char name[THOR_DIRECTION_NAME];
    for (int32_t s = 0; s < config->languages.count; s++)
        for (int32_t t = 0; t < config->languages.count; t++)
            if (s != t && (target < 0 || t == target))
                THOR_TRY(thor_directions_add(&config->pairs, thor_config_direction(name, config, s, t), error));
    return THOR_OK;
}

thor_status thor_invented_config(thor_config *config, const thor_invention *invention, thor_error *error)
{
    if (config->languages.count == 0)
        THOR_TRY(add_languages(&config->languages, invention->languages, error));
    if (config->task.label == THOR_LABEL_DOMAIN && config->domains.count == 0)
        THOR_TRY(add_domains(&config->domains, config->languages.count, error));
    bool into_english = thor_setup_into_english(invention->setup, config->languages.items, config->languages.count);
    if ((config->task.label == THOR_LABEL_PAIR || into_english) && config->pairs.count == 0)
        THOR_TRY(add_pairs(config, into_english ? thor_names_find(&config->languages, "en") : -1, error));
    int32_t ids = (int32_t)thor_sequence_ids(invention->pieces, config->languages.count);
    if (config->vocab.ids != 0 && config->vocab.ids != ids)
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d, but %d pieces and %d languages have %d ids",
                         (int)config->vocab.ids, (int)invention->pieces, (int)config->languages.count, (int)ids);
    config->vocab.size = invention->pieces;
    config->vocab.ids = ids;
    return thor_config_check(config, error);
}
