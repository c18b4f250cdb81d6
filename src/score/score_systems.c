#include "score/score_systems.h"

#include <math.h>
#include <stdlib.h>

/* Scores and resamples of one system and metric; samples[resamples], NULL without a bootstrap. */
static thor_status score_cell(const thor_score_job *job, const thor_metric *metric, const thor_score_system *system,
                              double *samples, thor_system_score *result, thor_error *error)
{
    thor_score_corpus corpus;
    double sums[THOR_SCORE_MAX_COLUMNS];
    *result = (thor_system_score){ .score = 0 };
    THOR_TRY(thor_score_job_corpus(job, system, &corpus, error));
    int64_t *rows = calloc(corpus.count * thor_metric_columns(metric), sizeof *rows);
    if (!rows)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the statistics of %zu lines", corpus.count);
    thor_status status = thor_metric_statistics(metric, &corpus, rows, sums, error);
    if (status == THOR_OK)
        result->score = thor_metric_score(metric, sums, false);
    if (status == THOR_OK && samples)
        status = thor_bootstrap_scores(metric, rows, corpus.count, (size_t)job->resamples, job->seed, samples, error);
    if (status == THOR_OK && samples)
        status = thor_bootstrap_interval(samples, (size_t)job->resamples, &result->interval, error);
    free(rows);
    return status;
}

/* Fills the column of one metric: scores[system]. */
static thor_status score_column(const thor_score_job *job, const thor_metric *metric, double *samples,
                                thor_system_score *scores, thor_error *error)
{
    size_t resamples = (size_t)job->resamples;
    for (size_t s = 0; s < job->system_count; s++) {
        double *own = samples && s > 0 ? samples + resamples : samples;
        THOR_TRY(score_cell(job, metric, &job->systems[s], own, &scores[s], error));
        double difference = fabs(scores[0].score - scores[s].score);
        if (samples && s > 0)
            THOR_TRY(thor_bootstrap_p(samples, own, resamples, difference, &scores[s].p, error));
    }
    return THOR_OK;
}

thor_status thor_score_systems(const thor_score_job *job, thor_system_score *scores, thor_error *error)
{
    double *samples = job->paired ? calloc(2 * (size_t)job->resamples, sizeof *samples) : NULL;
    thor_status status = THOR_OK;
    if (job->paired && !samples)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %lld resamples", (long long)job->resamples);
    for (size_t m = 0; m < job->metric_count && status == THOR_OK; m++)
        status = score_column(job, &job->metrics[m], samples, scores + m * job->system_count, error);
    free(samples);
    return status;
}
