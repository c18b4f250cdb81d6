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

void thor_score_job_free_references(thor_score_job *job)
{
    for (size_t r = 0; r < job->reference_count; r++)
        thor_score_lines_free(&job->references[r]);
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
    thor_signature(metric, (int64_t)job->reference_count, job->resamples, job->seed, score->signature);
    if (metric->kind == THOR_METRIC_BLEU) {
        thor_bleu bleu;
        thor_bleu_from_sums(&metric->bleu, sums, false, &bleu);
        thor_bleu_details(&bleu, score->details);
    }
}

/* The bootstrap's interval of one metric. Without a score above 0 sacreBLEU shows none. */
static thor_status add_interval(const thor_score_job *job, const thor_metric *metric, const int64_t *rows,
                                size_t count, thor_score *score, thor_error *error)
{
    size_t resamples = (size_t)job->resamples;
    double *scores = malloc(resamples * sizeof *scores);
    if (!scores)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu resamples", resamples);
    thor_status status = thor_bootstrap_scores(metric, rows, count, resamples, job->seed, scores, error);
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
    int64_t *rows = NULL;
    if (job->resamples > 0) {
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
