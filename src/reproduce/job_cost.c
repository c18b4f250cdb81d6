/* What a system costs: parameters and work are counted; speed, memory and the time of translation are measured. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/fileio.h"
#include "base/log.h"
#include "base/machine.h"
#include "decode/source_batch.h"
#include "decode/translate.h"
#include "file/metrics.h"
#include "model/param_parts.h"
#include "reproduce/job_parts.h"
#include "reproduce/json_fields.h"

static const int batches[] = { 1, 8, 32 }, lengths[] = { 10, 25, 50, 100 };
enum { BATCHES = 3, LENGTHS = 4, POINTS = BATCHES * LENGTHS, MOST_BATCH = 32, MOST_LENGTH = 100 };

static const char peak_file[] = "peak.json";

thor_status thor_job_note_peak(const char *folder, thor_error *error)
{
    char *path = thor_path(folder, peak_file);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a name in %s", folder);
    json_t *root = json_pack("{s:f}", "training_bytes", (double)thor_machine_peak());
    thor_status status = thor_json_write(root, path, error);
    free(path);
    return status;
}

/* NaN where a kill came between the end of training and its note. */
static double noted_peak(const thor_job *job)
{
    char *path = thor_path(job->folder, peak_file);
    json_t *root = path ? json_load_file(path, 0, NULL) : NULL;
    const json_t *value = json_object_get(root, "training_bytes");
    double bytes = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(root);
    free(path);
    return bytes;
}

static thor_status take_training(const thor_job *job, thor_job_cost *cost, thor_error *error)
{
    thor_metrics_history history = { .training = { .count = 0 } };
    char *folder;
    THOR_TRY(thor_job_file(&folder, job, "run", error));
    thor_status status = thor_metrics_read(&history, folder, error);
    const thor_metrics_record *training = &history.training;
    if (status == THOR_OK && training->count > 0) {
        cost->tokens_per_second = thor_metrics_mean(training, THOR_METRICS_SPEED, 0, INFINITY);
        cost->training_seconds = training->values[THOR_METRICS_SECONDS][training->count - 1];
    }
    thor_metrics_free(&history);
    free(folder);
    return status;
}

/* ---- translation ---- */

/* Pieces of the first direction's test set, from the start again where they end. */
static void fill_ids(const thor_job *job, int32_t *ids, int64_t most)
{
    int64_t filled = 0, sentences = job->corpus.pairs[0].count[THOR_TEST];
    for (int64_t s = 0; filled < most; s++) {
        int32_t count = 0;
        const int32_t *from =
            sentences ? thor_prepared_ids(&job->corpus, 0, THOR_TEST, 0, s % sentences, &count) : NULL;
        for (int32_t i = 0; i < count && filled < most; i++)
            ids[filled++] = from[i];
        if (s >= sentences && filled == 0)
            return;
    }
}

/* The best of two runs. A translation may be as long as its source, so that a poor model is not timed by how long it
 * goes on. */
static thor_status time_batch(const thor_job *job, const int32_t *ids, thor_translation_cost *cost, thor_error *error)
{
    thor_source_part sources[MOST_BATCH];
    int64_t order[MOST_BATCH];
    const thor_config *config = &job->model.model.config;
    const thor_pair *pair = &job->corpus.pairs[0];
    thor_search search = thor_translator_make(&job->model.model, job->model.vocab, &job->model.compute).search;
    search.beam = job->reproduction->options->beam;
    search.max_length_a = 1;
    search.max_length_b = 0;
    double best = INFINITY;
    thor_machine_forget_peak();
    for (int run = 0; run < 2; run++) {
        for (int64_t b = 0; b < cost->batch; b++) {
            order[b] = b;
            sources[b] = (thor_source_part){
                .ids = ids + b * cost->source_length, .count = (int32_t)cost->source_length,
                .source_language = thor_names_find(&config->languages, job->corpus.languages[pair->first]),
                .target_language = thor_names_find(&config->languages, job->corpus.languages[pair->second]),
                .domain = pair->domain };
        }
        double start = thor_seconds();
        thor_status status = thor_source_batch_run(&job->model.model, &job->model.compute, &search, sources, order,
                                                   cost->batch, error);
        double seconds = thor_seconds() - start;
        for (int64_t b = 0; b < cost->batch; b++)
            thor_translation_free(&sources[b].translation);
        THOR_TRY(status);
        best = seconds < best ? seconds : best;
    }
    cost->milliseconds = best * 1000 / (double)cost->batch;
    cost->bytes = (double)thor_machine_peak();
    return THOR_OK;
}

static thor_status time_translation(const thor_job *job, thor_job_cost *cost, thor_error *error)
{
    int32_t *ids = calloc(MOST_BATCH * MOST_LENGTH, sizeof *ids);
    cost->translation = calloc(POINTS, sizeof *cost->translation);
    thor_status status = ids && cost->translation ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for times");
    if (status == THOR_OK)
        fill_ids(job, ids, MOST_BATCH * MOST_LENGTH);
    for (int i = 0; i < POINTS && status == THOR_OK; i++) {
        thor_translation_cost *one = &cost->translation[cost->count++];
        *one = (thor_translation_cost){ .batch = batches[i / LENGTHS], .source_length = lengths[i % LENGTHS] };
        status = time_batch(job, ids, one, error);
    }
    free(ids);
    return status;
}

thor_status thor_job_measure(thor_job *job, thor_error *error)
{
    const thor_model *model = &job->model.model;
    double experts = isnan(job->routing.experts_per_token) ? 0 : job->routing.experts_per_token;
    int64_t parts[THOR_PARAM_PARTS];
    thor_param_parts_count(parts, &model->params);
    thor_job_cost cost = { .parameters = model->params.elements,
                           .parameters_per_token =
                               (double)thor_param_parts_used(parts, experts, model->config.moe.experts),
                           .gflop_per_token = job->gflop, .tokens_per_second = NAN, .training_seconds = NAN,
                           .training_bytes = noted_peak(job) };
    char *path;
    THOR_TRY(take_training(job, &cost, error));
    thor_status status = time_translation(job, &cost, error);
    if (status == THOR_OK)
        status = thor_job_file(&path, job, "cost.json", error);
    if (status == THOR_OK) {
        status = thor_job_cost_write(&cost, path, error);
        free(path);
    }
    thor_job_cost_free(&cost);
    return status;
}
