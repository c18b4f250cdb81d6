#include "score/score_systems.h"

#include <math.h>
#include <stdlib.h>

#include "score/randomisation.h"

/* One metric of all systems: what the baseline has, for the tests of the others. */
typedef struct column {
    const thor_score_job *job;
    const thor_metric *metric;
    double *baseline;           /* its rows of statistics */
    double *samples;            /* resamples of the baseline, then of the system; NULL without a bootstrap */
} column;

/* Rows of statistics and score of one system; the caller frees *rows. */
static thor_status score_system(const column *c, const thor_score_system *system, double **rows,
                                thor_system_score *result, size_t *lines, thor_error *error)
{
    thor_score_corpus corpus;
    double sums[THOR_SCORE_MAX_COLUMNS];
    *result = (thor_system_score){ .score = 0 };
    THOR_TRY(thor_score_job_corpus(c->job, system, &corpus, error));
    *rows = calloc(corpus.count * thor_metric_columns(c->metric), sizeof **rows);
    if (!*rows)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the statistics of %zu lines", corpus.count);
    THOR_TRY(thor_metric_statistics(c->metric, &corpus, *rows, sums, error));
    result->score = thor_metric_score(c->metric, sums, false);
    *lines = corpus.count;
    return THOR_OK;
}

static thor_status resample(const column *c, size_t system, const double *rows, size_t lines, double difference,
                            thor_system_score *result, thor_error *error)
{
    size_t count = (size_t)c->job->draws.count;
    double *own = system > 0 ? c->samples + count : c->samples;
    THOR_TRY(thor_bootstrap_scores(c->metric, rows, lines, count, c->job->draws.seed, own, error));
    THOR_TRY(thor_bootstrap_interval(own, count, &result->interval, error));
    return system > 0 ? thor_bootstrap_p(c->samples, own, count, difference, &result->p, error) : THOR_OK;
}

/* Fills scores[system]. */
static thor_status score_column(column *c, thor_system_score *scores, thor_error *error)
{
    thor_status status = THOR_OK;
    for (size_t s = 0; s < c->job->system_count && status == THOR_OK; s++) {
        double *rows = NULL;
        size_t lines = 0;
        status = score_system(c, &c->job->systems[s], &rows, &scores[s], &lines, error);
        double difference = fabs(scores[0].score - scores[s].score);
        if (status == THOR_OK && c->samples)
            status = resample(c, s, rows, lines, difference, &scores[s], error);
        if (status == THOR_OK && c->job->draws.randomised && s > 0)
            scores[s].p = thor_randomisation_p(c->metric, c->baseline, rows, lines, &c->job->draws, difference);
        if (s == 0)
            c->baseline = rows;
        else
            free(rows);
    }
    free(c->baseline);
    c->baseline = NULL;
    return status;
}

thor_status thor_score_systems(const thor_score_job *job, thor_system_score *scores, thor_error *error)
{
    column c = { .job = job };
    thor_status status = THOR_OK;
    if (job->paired && !job->draws.randomised) {
        c.samples = calloc(2 * (size_t)job->draws.count, sizeof *c.samples);
        if (!c.samples)
            return thor_fail(error, THOR_E_MEMORY, "no memory for %lld resamples", (long long)job->draws.count);
    }
    for (size_t m = 0; m < job->metric_count && status == THOR_OK; m++) {
        c.metric = &job->metrics[m];
        status = score_column(&c, scores + m * job->system_count, error);
    }
    free(c.samples);
    return status;
}
