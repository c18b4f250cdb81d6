/* Before the first job: which systems can be trained, and what the folder was begun with. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/config_json.h"
#include "reproduce/json_fields.h"
#include "reproduce/out_record.h"
#include "reproduce/report_parts.h"
#include "reproduce/reproduction.h"

/* ---- systems ---- */

static thor_status check_system(const thor_reproduction *reproduction, size_t job, const thor_prepared *corpus,
                                thor_error *error)
{
    thor_run run = { .target = 0 };
    thor_job_settings settings;
    thor_status status = thor_job_settings_make(&settings, reproduction, job, error);
    thor_run_options options = thor_job_run_options(reproduction, job, &settings, NULL);
    if (status == THOR_OK)
        status = thor_run_configure(&run, &options, NULL, error);
    if (status == THOR_OK)
        status = thor_run_data_complete(&run.config, corpus, options.data, NULL, options.setup, error);
    thor_run_close(&run);
    thor_job_settings_free(&settings);
    return status;
}

static thor_status check_systems(const thor_reproduction *reproduction, thor_job_plan *plan,
                                 const thor_prepared *corpus, thor_error *error)
{
    thor_error first, found;
    size_t wrong = 0;
    for (size_t i = 0; i < plan->system_count; i++) {
        thor_status status = check_system(reproduction, i, corpus, &found);
        if (status != THOR_OK && status != THOR_E_USAGE) {
            *error = found;
            return status;
        }
        if (status == THOR_E_USAGE) {
            snprintf(plan->systems[i].left_out, sizeof plan->systems[i].left_out, "%.255s", found.text);
            first = wrong++ ? first : found;
        }
    }
    if (wrong < plan->system_count || wrong == 0)
        return THOR_OK;
    *error = first;
    return THOR_E_USAGE;
}

thor_status thor_reproduce_check(const thor_reproduce_options *options, thor_job_plan *plan, thor_error *error)
{
    const thor_reproduction reproduction = { .options = options, .plan = plan };
    thor_prepared corpus = { .files = NULL };
    thor_status status = thor_prepared_open(&corpus, options->data, NULL, THOR_CHECK_FORM, error);
    if (status == THOR_OK && options->setup == THOR_SETUP_MULTIDOMAIN && corpus.domain_count == 0)
        status = thor_fail(error, THOR_E_USAGE, "%s: the multidomain setup needs data with domains; prepare it from a "
                           "folder for each domain", options->data);
    if (status == THOR_OK)
        status = check_systems(&reproduction, plan, &corpus, error);
    thor_prepared_close(&corpus);
    return status;
}

/* Data and sizes are the same for all systems: any recipe stands for them. */
static thor_status configure(thor_config *config, const thor_reproduce_options *options, thor_error *error)
{
    THOR_TRY(thor_config_recipe(config, thor_config_recipes()[0], error));
    return thor_config_adjust(config, options->setup, options->scale, options->set, options->set_count, error);
}

thor_status thor_reproduce_sizes(const thor_reproduce_options *options, int32_t *experts, int64_t *updates,
                                 thor_error *error)
{
    thor_config config = { .recipe = "" };
    thor_status status = configure(&config, options, error);
    *experts = config.moe.experts;
    *updates = options->updates > 0 ? options->updates : config.schedule.updates;
    thor_config_free(&config);
    return status;
}

/* ---- the folder ---- */

/* report.json of the prepared data has what was read; where it is missing, what was kept stands for it. */
static int64_t pairs_read(const json_t *report, int32_t pair, int64_t kept)
{
    const json_t *train = json_object_get(json_array_get(json_object_get(report, "pairs"), (size_t)pair), "train");
    const json_t *read = json_object_get(json_object_get(train, "counts"), "read");
    return json_is_integer(read) ? (int64_t)json_integer_value(read) : kept;
}

static void name_pair(thor_data_pair *to, const thor_prepared *corpus, const thor_pair *pair)
{
    if (pair->domain >= 0)
        snprintf(to->name, sizeof to->name, "%.63s", corpus->domains[pair->domain]);
    else
        snprintf(to->name, sizeof to->name, "%.31s-%.31s", corpus->languages[pair->first],
                 corpus->languages[pair->second]);
}

static thor_status write_facts(const thor_prepared *corpus, const char *data, const char *out, thor_error *error)
{
    thor_data_facts facts = { .count = (size_t)corpus->pair_count };
    char *path = thor_path(out, "data.json"), *report_path = thor_path(data, "report.json");
    json_t *report = report_path ? json_load_file(report_path, 0, NULL) : NULL;
    facts.pairs = calloc(facts.count + 1, sizeof *facts.pairs);
    thor_status status = path && facts.pairs ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for data.json");
    for (int32_t i = 0; i < corpus->pair_count && status == THOR_OK; i++) {
        const int64_t *count = corpus->pairs[i].count;
        facts.pairs[i] = (thor_data_pair){ .raw = pairs_read(report, i, count[THOR_TRAIN]), .kept = count[THOR_TRAIN],
                                           .valid = count[THOR_VALID], .test = count[THOR_TEST] };
        name_pair(&facts.pairs[i], corpus, &corpus->pairs[i]);
    }
    facts.tasks = corpus->domain_count ? corpus->domain_count : corpus->language_count;
    if (status == THOR_OK)
        status = thor_data_facts_write(&facts, path, error);
    json_decref(report);
    thor_data_facts_free(&facts);
    free(report_path);
    free(path);
    return status;
}

static thor_status write_record(const thor_reproduce_options *options, const thor_run_data *data, thor_error *error)
{
    bool more;
    const thor_out_record record = { .version = options->version, .data = data->checksum, .setup = options->setup,
                                     .scale = options->scale ? options->scale : "", .settings = options->set,
                                     .setting_count = options->set_count, .beam = options->beam,
                                     .updates = options->updates };
    return thor_out_record_open(&record, options->out, &more, error);
}

thor_status thor_reproduce_open(const thor_reproduce_options *options, thor_error *error)
{
    thor_config config = { .recipe = "" };
    thor_run_data data = { .sampler = NULL };
    thor_par par = thor_par_make(options->threads);
    THOR_TRY(thor_make_folder(options->out, error));
    thor_status status = configure(&config, options, error);
    if (status == THOR_OK)
        status = thor_run_data_open(&data, &config, options->data, NULL, options->setup, &par, error);
    if (status == THOR_OK)
        status = write_record(options, &data, error);
    if (status == THOR_OK)
        status = write_facts(&data.corpus, options->data, options->out, error);
    thor_run_data_close(&data);
    thor_config_free(&config);
    return status;
}
