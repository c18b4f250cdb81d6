#include "score/score_job.h"

#include <stdlib.h>

thor_status thor_score_job_add_reference(thor_score_job *job, const char *path, thor_error *error)
{
    size_t r = job->reference_count;
    THOR_TRY(thor_score_lines_open(&job->references[r], path, error));
    job->reference_items[r] = job->references[r].items;
    job->reference_names[r] = path;
    job->reference_count++;
    return THOR_OK;
}

/* Column `column` of `all`'s lines becomes one more reference. */
static thor_status add_column(thor_score_job *job, const thor_score_lines *all, size_t column, const char *path,
                              thor_error *error)
{
    thor_score_lines *lines = &job->references[job->reference_count];
    *lines = (thor_score_lines){ .items = calloc(all->count + 1, sizeof *lines->items), .count = all->count };
    if (!lines->items)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu lines", path, all->count);
    job->reference_items[job->reference_count] = lines->items;
    job->reference_names[job->reference_count++] = path;
    for (size_t i = 0; i < all->count; i++)
        lines->items[i] = thor_score_lines_field(all->items[i], column);
    return THOR_OK;
}

static thor_status check_fields(const thor_score_lines *all, size_t count, const char *path, thor_error *error)
{
    for (size_t i = 0; i < all->count; i++) {
        size_t fields = 1;
        for (size_t k = 0; k < all->items[i].count; k++)
            fields += all->items[i].bytes[k] == '\t';
        if (fields != count)
            return thor_fail(error, THOR_E_FORMAT, "%s:%zu: %zu references; expected %zu with tabs between, as "
                             "--num-refs says", path, i + 1, fields, count);
    }
    return THOR_OK;
}

thor_status thor_score_job_add_columns(thor_score_job *job, const char *path, size_t count, thor_error *error)
{
    thor_score_lines *all = &job->columns;
    THOR_TRY(thor_score_lines_open(all, path, error));
    THOR_TRY(check_fields(all, count, path, error));
    for (size_t c = 0; c < count; c++)
        THOR_TRY(add_column(job, all, c, path, error));
    return THOR_OK;
}

void thor_score_job_free_references(thor_score_job *job)
{
    for (size_t r = 0; r < job->reference_count; r++)
        thor_score_lines_free(&job->references[r]);
    thor_score_lines_free(&job->columns);
    job->reference_count = 0;
}

thor_status thor_score_job_corpus(const thor_score_job *job, const thor_score_system *system,
                                  thor_score_corpus *corpus, thor_error *error)
{
    size_t count = system->lines.count;
    if (count == 0)
        return thor_fail(error, THOR_E_FAILED, "%s: has no lines; expected one translation a line", system->name);
    for (size_t r = 0; r < job->reference_count; r++)
        if (job->references[r].count != count)
            return thor_fail(error, THOR_E_FAILED, "%s has %zu lines and %s has %zu; line i of the one has to belong "
                             "to line i of the other", system->name, count, job->reference_names[r],
                             job->references[r].count);
    *corpus = (thor_score_corpus){ .hypotheses = system->lines.items, .references = job->reference_items,
                                   .reference_count = job->reference_count, .count = count };
    return THOR_OK;
}

/* Title, signature, score and BLEU's details from a sum of rows. */
static void describe(const thor_score_job *job, const thor_metric *metric, const double *sums, thor_score *score)
{
    *score = (thor_score){ .score = thor_metric_score(metric, sums, false) };
    thor_metric_title(metric, score->title);
    thor_signature(metric, (int64_t)job->reference_count, &job->draws, score->signature);
    if (metric->kind == THOR_METRIC_BLEU) {
        thor_bleu bleu;
        thor_bleu_from_sums(&metric->bleu, sums, false, &bleu);
        thor_bleu_details(&bleu, score->details);
    }
}

/* The bootstrap's interval of one metric. Without a score above 0 sacreBLEU shows none. */
static thor_status add_interval(const thor_score_job *job, const thor_metric *metric, const double *rows,
                                size_t count, thor_score *score, thor_error *error)
{
    size_t resamples = (size_t)job->draws.count;
    double *scores = malloc(resamples * sizeof *scores);
    if (!scores)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu resamples", resamples);
    thor_status status = thor_bootstrap_scores(metric, rows, count, resamples, job->draws.seed, scores, error);
    if (status == THOR_OK)
        status = thor_bootstrap_interval(scores, resamples, &score->interval, error);
    score->has_interval = status == THOR_OK && score->interval.mean > 0;
    free(scores);
    return status;
}

thor_status thor_score_of(const thor_score_job *job, const thor_metric *metric, const thor_score_corpus *corpus,
                          thor_score *score, thor_error *error)
{
    double sums[THOR_SCORE_MAX_COLUMNS];
    double *rows = NULL;
    if (job->draws.count > 0) {
        rows = calloc(corpus->count * thor_metric_columns(metric), sizeof *rows);
        if (!rows)
            return thor_fail(error, THOR_E_MEMORY, "no memory for the statistics of %zu lines", corpus->count);
    }
    thor_status status = thor_metric_statistics(metric, corpus, rows, sums, error);
    if (status == THOR_OK)
        describe(job, metric, sums, score);
    if (status == THOR_OK && rows)
        status = add_interval(job, metric, rows, corpus->count, score, error);
    free(rows);
    return status;
}
