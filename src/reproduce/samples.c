#include "reproduce/samples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/bootstrap.h"
#include "score/permutation.h"

void thor_samples_free(thor_samples *samples)
{
    for (size_t job = 0; samples->bleu && job < thor_job_count(samples->results->plan); job++)
        free(samples->bleu[job]);
    free(samples->bleu);
    *samples = (thor_samples){ .tests = 0 };
}

/* Whether two test sets have the same sentences: the directions of one pair in one domain. */
static bool share_sentences(const thor_test_scores *a, const thor_test_scores *b)
{
    const char *dash_a = strchr(a->direction, '-'), *dash_b = strchr(b->direction, '-');
    if (a->sentences != b->sentences || strcmp(a->domain, b->domain) != 0)
        return false;
    if (strcmp(a->direction, b->direction) == 0)
        return true;
    if (!dash_a || !dash_b)
        return false;
    size_t source_a = (size_t)(dash_a - a->direction), source_b = (size_t)(dash_b - b->direction);
    return strlen(dash_b + 1) == source_a && strncmp(dash_b + 1, a->direction, source_a) == 0 &&
           strlen(dash_a + 1) == source_b && strncmp(dash_a + 1, b->direction, source_b) == 0;
}

/* Draws for test set `first` and those behind it that share its sentences. */
static thor_status draw_set(const thor_samples *samples, size_t first, bool *drawn, thor_pcg64 *generator,
                            thor_resampled *texts, thor_error *error)
{
    const thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    const thor_results *results = samples->results;
    const thor_test_scores *tests = samples->model->tests;
    size_t count = 0;
    for (size_t t = first; t < samples->tests; t++) {
        if (!share_sentences(&tests[first], &tests[t]))
            continue;
        drawn[t] = true;
        for (size_t job = 0; job < thor_job_count(results->plan); job++)
            if (samples->bleu[job])
                texts[count++] = (thor_resampled){ results->jobs[job].scores.tests[t].rows,
                                                   samples->bleu[job] + t * samples->resamples };
    }
    return thor_bootstrap_together(&metric, generator, (size_t)tests[first].sentences, samples->resamples, texts, count,
                                   error);
}

static thor_status draw_all(const thor_samples *samples, thor_error *error)
{
    size_t jobs = thor_job_count(samples->results->plan);
    bool *drawn = calloc(samples->tests + 1, sizeof *drawn);
    thor_resampled *texts = calloc(samples->tests * jobs + 1, sizeof *texts);
    thor_pcg64 generator = thor_pcg64_make(THOR_BOOTSTRAP_SEED);
    thor_status status = THOR_OK;
    if (!drawn || !texts)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu test sets", samples->tests);
    for (size_t t = 0; status == THOR_OK && t < samples->tests; t++)
        if (!drawn[t])
            status = draw_set(samples, t, drawn, &generator, texts, error);
    free(drawn);
    free(texts);
    return status;
}

thor_status thor_samples_make(thor_samples *samples, const thor_results *results, size_t resamples, thor_error *error)
{
    size_t jobs = thor_job_count(results->plan);
    *samples = (thor_samples){ .results = results, .resamples = resamples, .bleu = calloc(jobs + 1, sizeof(double *)) };
    if (!samples->bleu)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the resamples of %zu jobs", jobs);
    for (size_t job = 0; job < jobs; job++) {
        if (!results->jobs[job].done)
            continue;
        samples->model = &results->jobs[job].scores;
        samples->tests = samples->model->count;
        samples->bleu[job] = calloc(samples->tests, resamples * sizeof(double));
        if (!samples->bleu[job])
            return thor_fail(error, THOR_E_MEMORY, "no memory for %zu resamples of %zu test sets", resamples,
                             samples->tests);
    }
    return samples->model ? draw_all(samples, error) : THOR_OK;
}

thor_seed_mean thor_over_seeds(const thor_results *results, ptrdiff_t system, thor_taker *take, const void *what)
{
    const thor_job_plan *plan = results->plan;
    thor_seed_mean found = { .mean = NAN, .deviation = NAN };
    double sum = 0, squares = 0;
    for (int round = 0; round < 2 && system >= 0; round++)
        for (size_t s = 0; s < plan->seed_count; s++) {
            const thor_job_result *job = &results->jobs[thor_job_of(plan, (size_t)system, s)];
            double value = job->done ? take(job, what) : NAN;
            if (isnan(value))
                continue;
            if (round == 0) {
                sum += value;
                found.seeds++;
                found.mean = sum / (double)found.seeds;
            } else {
                squares += (value - found.mean) * (value - found.mean);
            }
        }
    if (found.seeds > 1)
        found.deviation = sqrt(squares / (double)(found.seeds - 1));
    return found;
}

typedef struct weighing {
    const double *weights;
    bool chrf;
} weighing;

static double weigh(const thor_job_result *job, const void *what)
{
    const weighing *by = what;
    double sum = 0;
    for (size_t t = 0; t < job->scores.count; t++)
        if (by->weights[t] != 0)
            sum += by->weights[t] * (by->chrf ? job->scores.tests[t].chrf : job->scores.tests[t].bleu);
    return sum;
}

thor_seed_mean thor_weighted_mean(const thor_results *results, ptrdiff_t system, const double *weights, bool chrf)
{
    const weighing by = { weights, chrf };
    return thor_over_seeds(results, system, weigh, &by);
}

/* Adds the differences of one seed: to those of the resamples, and those of its test sets behind `pairs`. */
static void add_seed(const thor_samples *samples, size_t left, size_t right, const double *weights, double *resampled,
                     double *pairs, thor_comparison_of_systems *found)
{
    const thor_job_scores *a = &samples->results->jobs[left].scores, *b = &samples->results->jobs[right].scores;
    for (size_t t = 0; t < samples->tests; t++) {
        if (weights[t] == 0)
            continue;
        pairs[found->pairs] = weights[t] * (a->tests[t].bleu - b->tests[t].bleu);
        found->difference += pairs[found->pairs++];
        const double *x = samples->bleu[left] + t * samples->resamples;
        const double *y = samples->bleu[right] + t * samples->resamples;
        for (size_t r = 0; r < samples->resamples; r++)
            resampled[r] += weights[t] * (x[r] - y[r]);
    }
    found->seeds++;
}

static void judge(const thor_samples *samples, double *resampled, const double *pairs,
                  thor_comparison_of_systems *found)
{
    double seeds = (double)found->seeds;
    for (size_t r = 0; r < samples->resamples; r++)
        resampled[r] /= seeds;
    found->difference /= seeds;
    found->p = thor_bootstrap_mean_p(resampled, samples->resamples, found->difference);
    found->permutation_p = thor_permutation_p(pairs, found->pairs, THOR_BOOTSTRAP_SEED);
}

thor_status thor_samples_compare(const thor_samples *samples, size_t left, size_t right, const double *weights,
                                 thor_comparison_of_systems *found, thor_error *error)
{
    const thor_job_plan *plan = samples->results->plan;
    double *resampled = calloc(samples->resamples + 1, sizeof *resampled);
    double *pairs = calloc(plan->seed_count * samples->tests + 1, sizeof *pairs);
    *found = (thor_comparison_of_systems){ .seeds = 0 };
    thor_status status = THOR_OK;
    if (!resampled || !pairs)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %zu resamples", samples->resamples);
    for (size_t s = 0; status == THOR_OK && s < plan->seed_count; s++) {
        size_t a = thor_job_of(plan, left, s), b = thor_job_of(plan, right, s);
        if (samples->bleu[a] && samples->bleu[b])
            add_seed(samples, a, b, weights, resampled, pairs, found);
    }
    if (status == THOR_OK && found->seeds > 0)
        judge(samples, resampled, pairs, found);
    else
        found->difference = found->p = found->permutation_p = NAN;
    free(resampled);
    free(pairs);
    return status;
}
