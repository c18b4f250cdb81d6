/* From options to a model and a batch: invented, from prepared data, or given ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/machine.h"
#include "base/units.h"
#include "cli/golden_cli.h"
#include "file/config_json.h"

enum { MOST_WORDS = 100000 };

/* ---- options --------------------------------------------------------------------------------------------------- */

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
static const char *scale_of(const thor_golden_options *options, const thor_config *config)
{
    if (options->scale)
        return options->scale;
    return strcmp(config->recipe, options->recipe) == 0 ? "tiny" : NULL;
}

static thor_status configure(thor_config *config, const thor_golden_options *options, thor_setup setup,
                             thor_error *error)
{
    THOR_TRY(thor_config_load(config, options->recipe, error));
    THOR_TRY(thor_config_adjust(config, setup, scale_of(options, config), options->set.items, options->set.count,
                                error));
    if (options->seed >= 0)
        config->seed = (uint64_t)options->seed;
    return THOR_OK;
}

static thor_status check_options(const thor_golden_options *o, thor_error *error)
{
    if (!o->recipe && !o->from)
        return thor_fail(error, THOR_E_USAGE, "--recipe is missing: name a recipe such as thor-top2, or a "
                         "configuration file");
    if (o->from && (o->recipe || o->setup || o->scale || o->set.count > 0 || o->data))
        return thor_fail(error, THOR_E_USAGE, "--from=%.80s holds configuration and batch: it goes with none of "
                         "--recipe, --setup, --scale, --set and --data", o->from);
    return THOR_OK;
}

thor_status thor_golden_compute_open(thor_compute *compute, const thor_golden_options *options, thor_error *error)
{
    if (options->backend && strcmp(options->backend, "reference") != 0)
        return thor_fail(error, THOR_E_USAGE, "--backend=%.40s: golden numbers are those of the reference products; "
                         "leave the option out", options->backend);
    return thor_compute_open(compute, options->isa, (int)options->threads, error);
}

thor_status thor_golden_check_memory(const thor_golden_subject *subject, int threads, thor_error *error)
{
    char needed[32], there[32];
    size_t bytes = thor_golden_bytes(&subject->model, &subject->batch, threads), memory = thor_machine_memory();
    if (memory == 0 || bytes <= memory)
        return THOR_OK;
    return thor_fail(error, THOR_E_MEMORY, "%s are needed, the machine has %s; choose a smaller --scale or a smaller "
                     "batch", thor_bytes_text(needed, (double)bytes), thor_bytes_text(there, (double)memory));
}

/* ---- three sources --------------------------------------------------------------------------------------------- */

static thor_status model_of_seed(thor_golden_subject *subject, const thor_config *config, thor_error *error)
{
    THOR_TRY(thor_model_open(&subject->model, config, error));
    thor_params_init(subject->model.values, &subject->model.params, config->seed, NULL);
    subject->initial_from = "seed";
    return THOR_OK;
}

static thor_status invent(thor_golden_subject *subject, thor_config *config, const thor_golden_options *options,
                          thor_error *error)
{
    thor_invention invention = { .sentences = (int32_t)options->sentences, .pieces = (int32_t)options->pieces,
                                 .languages = (int32_t)options->languages };
    thor_setup setup;
    THOR_TRY(thor_golden_words(&invention, options->words, error));
    THOR_TRY(thor_setup_find(&setup, options->setup, error));
    THOR_TRY(configure(config, options, setup, error));
    invention.setup = setup;
    THOR_TRY(thor_invented_config(config, &invention, error));
    THOR_TRY(thor_invented_batch_make(&subject->invented, config, &invention, config->seed, error));
    subject->batch = subject->invented.batch;
    subject->batch_from = "seed";
    return model_of_seed(subject, config, error);
}

/* The first `count` sentences of a batch. */
static thor_batch first_of(const thor_batch *batch, int64_t count)
{
    thor_batch first = *batch;
    first.sentences = batch->sentences < count ? batch->sentences : count;
    first.source_rows = batch->source_offset[first.sentences];
    first.target_rows = batch->target_offset[first.sentences];
    first.source_width = first.target_width = 0;
    for (int64_t b = 0; b < first.sentences; b++) {
        int64_t s = batch->source_offset[b + 1] - batch->source_offset[b];
        int64_t t = batch->target_offset[b + 1] - batch->target_offset[b];
        first.source_width = s > first.source_width ? s : first.source_width;
        first.target_width = t > first.target_width ? t : first.target_width;
    }
    return first;
}

/* The first sentences of the first shard that training with this configuration would see. */
static thor_status take_from_data(thor_golden_subject *subject, const thor_golden_options *options, thor_error *error)
{
    thor_config *config = &subject->data_config;
    thor_par par = thor_par_make((int)options->threads);
    thor_position position = { 0, 0 };
    const thor_batch *shards;
    int32_t count;
    thor_setup setup;
    THOR_TRY(thor_setup_find(&setup, options->setup, error));
    THOR_TRY(configure(config, options, setup, error));
    THOR_TRY(thor_config_check(config, error));
    THOR_TRY(thor_run_data_open(&subject->data, config, options->data, NULL, setup, &par, error));
    THOR_TRY(thor_sampler_next(subject->data.sampler, &position, &shards, &count, error));
    if (count < 1)
        return thor_fail(error, THOR_E_FAILED, "%s: there is no batch in it", options->data);
    subject->batch = first_of(&shards[0], options->sentences);
    subject->batch_from = "data";
    return model_of_seed(subject, config, error);
}

thor_status thor_golden_subject_read(thor_golden_subject *subject, const char *folder, int64_t seed,
                                     thor_error *error)
{
    THOR_TRY(thor_golden_model_open(&subject->model, folder, error));
    if (seed >= 0)
        subject->model.config.seed = (uint64_t)seed;
    char *path = thor_path(folder, "batch.safetensors");
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = thor_golden_batch_read(&subject->read, path, &subject->model.config, error);
    free(path);
    subject->batch = subject->read.batch;
    subject->initial_from = subject->batch_from = "given";
    return status;
}

thor_status thor_golden_subject_open(thor_golden_subject *subject, const thor_golden_options *options,
                                     thor_error *error)
{
    THOR_TRY(check_options(options, error));
    if (options->from)
        return thor_golden_subject_read(subject, options->from, options->seed, error);
    if (options->data)
        return take_from_data(subject, options, error);
    thor_config config = { .seed = 0 };
    thor_status status = invent(subject, &config, options, error);
    thor_config_free(&config);
    return status;
}

void thor_golden_subject_close(thor_golden_subject *subject)
{
    thor_invented_batch_free(&subject->invented);
    thor_golden_batch_free(&subject->read);
    thor_run_data_close(&subject->data);
    thor_config_free(&subject->data_config);
    thor_model_close(&subject->model);
}
