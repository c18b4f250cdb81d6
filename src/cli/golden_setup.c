/* From options to a configuration and a batch. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/golden_cli.h"
#include "file/config_json.h"

enum { MOST_WORDS = 100000 };

static bool read_count(const char **text, int32_t *count)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(*text, &end, 10);
    if (errno || **text < '0' || **text > '9' || value < 1 || value > MOST_WORDS)
        return false;
    *text = end;
    *count = (int32_t)value;
    return true;
}

thor_status thor_golden_words(thor_invention *invention, const char *words, thor_error *error)
{
    const char *rest = words;
    bool good = read_count(&rest, &invention->shortest);
    invention->longest = invention->shortest;
    if (good && *rest == '-') {
        rest++;
        good = read_count(&rest, &invention->longest);
    }
    if (!good || *rest || invention->longest < invention->shortest)
        return thor_fail(error, THOR_E_USAGE, "--words=%.40s: expected a number such as 9 or a range such as 4-14, 1 "
                         "to %d", words, (int)MOST_WORDS);
    return THOR_OK;
}

/* A recipe's sizes are tiny unless --scale says something else: golden numbers of a paper-sized model fill a disk. */
static thor_status configure(thor_config *config, const thor_golden_options *options, thor_error *error)
{
    if (!options->recipe)
        return thor_fail(error, THOR_E_USAGE, "--recipe is missing: name a recipe such as thor-top2, or a "
                         "configuration file");
    THOR_TRY(thor_config_load(config, options->recipe, error));
    const char *scale = options->scale ? options->scale : strcmp(config->recipe, options->recipe) == 0 ? "tiny" : NULL;
    if (scale)
        THOR_TRY(thor_config_scale(config, scale, error));
    for (size_t i = 0; i < options->set.count; i++)
        THOR_TRY(thor_config_set(config, options->set.items[i], error));
    if (options->seed >= 0)
        config->seed = (uint64_t)options->seed;
    return THOR_OK;
}

thor_status thor_golden_subject_open(thor_golden_subject *subject, const thor_golden_options *options,
                                     thor_error *error)
{
    thor_invention invention = { .sentences = (int32_t)options->sentences, .pieces = (int32_t)options->pieces,
                                 .languages = (int32_t)options->languages };
    THOR_TRY(thor_golden_words(&invention, options->words, error));
    THOR_TRY(configure(&subject->config, options, error));
    THOR_TRY(thor_invented_config(&subject->config, &invention, error));
    THOR_TRY(thor_invented_batch_make(&subject->invented, &subject->config, &invention, subject->config.seed, error));
    subject->batch = subject->invented.batch;
    return THOR_OK;
}

void thor_golden_subject_close(thor_golden_subject *subject)
{
    thor_invented_batch_free(&subject->invented);
    thor_config_free(&subject->config);
}

thor_status thor_golden_compute(thor_compute *compute, const thor_golden_options *options, thor_error *error)
{
    if (options->backend && strcmp(options->backend, "reference") != 0)
        return thor_fail(error, THOR_E_USAGE, "--backend=%.40s: golden numbers are those of the reference products; "
                         "leave the option away", options->backend);
    return thor_compute_open(compute, options->isa, (int)options->threads, error);
}
