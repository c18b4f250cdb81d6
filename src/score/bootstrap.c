#include "score/bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "score/pcg64.h"

static thor_status no_memory(size_t count, thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "bootstrap: no memory for %zu numbers; try fewer resamples", count);
}

static void add_resample(const float *rows, const uint32_t *drawn, size_t count, size_t columns, float *sums)
{
    for (size_t c = 0; c < columns; c++)
        sums[c] = 0;
    for (size_t i = 0; i < count; i++) {
        const float *row = rows + drawn[i] * columns;
        for (size_t c = 0; c < columns; c++)
            sums[c] += row[c];
    }
}

static double score_resample(const thor_metric *metric, const float *rows, const uint32_t *drawn, size_t count)
{
    size_t columns = thor_metric_columns(metric);
    float single[THOR_SCORE_MAX_COLUMNS];
    double sums[THOR_SCORE_MAX_COLUMNS];
    add_resample(rows, drawn, count, columns, single);
    for (size_t c = 0; c < columns; c++)
        sums[c] = (double)single[c];
    return thor_metric_score(metric, sums, true);
}

thor_status thor_bootstrap_together(const thor_metric *metric, thor_pcg64 *generator, size_t count, size_t resamples,
                                    const thor_resampled *texts, size_t text_count, thor_error *error)
{
    size_t each = count * thor_metric_columns(metric);
    if (count == 0 || count > UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "bootstrap: %zu lines; expected 1 to %lu", count,
                         (unsigned long)UINT32_MAX);
    float *values = calloc(text_count ? text_count : 1, each * sizeof *values);
    uint32_t *drawn = malloc(count * sizeof *drawn);
    if (!values || !drawn) {
        free(values);
        free(drawn);
        return no_memory(text_count * each + count, error);
    }
    for (size_t t = 0; t < text_count; t++)
        for (size_t i = 0; i < each; i++)
            values[t * each + i] = (float)texts[t].rows[i];
    for (size_t r = 0; r < resamples; r++) {
        for (size_t i = 0; i < count; i++)
            drawn[i] = thor_pcg64_below(generator, (uint32_t)count);
        for (size_t t = 0; t < text_count; t++)
            texts[t].scores[r] = score_resample(metric, values + t * each, drawn, count);
    }
    free(values);
    free(drawn);
    return THOR_OK;
}

thor_status thor_bootstrap_scores(const thor_metric *metric, const double *rows, size_t count, size_t resamples,
                                  uint64_t seed, double *scores, thor_error *error)
{
    thor_pcg64 generator = thor_pcg64_make(seed);
    const thor_resampled text = { rows, scores };
    return thor_bootstrap_together(metric, &generator, count, resamples, &text, 1, error);
}

/* The order in which numpy adds: eight running sums in blocks of up to 128, halves above. */
static double pairwise_sum(const double *values, size_t count)
{
    if (count > 128) {
        size_t half = count / 2;
        half -= half % 8;
        return pairwise_sum(values, half) + pairwise_sum(values + half, count - half);
    }
    double sum = 0, r[8];
    size_t i = 0;
    if (count >= 8) {
        memcpy(r, values, sizeof r);
        for (i = 8; i + 8 <= count; i += 8)
            for (size_t k = 0; k < 8; k++)
                r[k] += values[i + k];
        sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
    }
    for (; i < count; i++)
        sum += values[i];
    return sum;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

thor_status thor_bootstrap_interval(const double *scores, size_t count, thor_interval *interval, thor_error *error)
{
    double *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return no_memory(count, error);
    memcpy(sorted, scores, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_size);
    size_t lower = count / 40;
    interval->half = 0.5 * (sorted[count - lower - 1] - sorted[lower]);
    interval->mean = pairwise_sum(sorted, count) / (double)count;
    free(sorted);
    return THOR_OK;
}

thor_status thor_bootstrap_p(const double *baseline, const double *system, size_t count, double difference, double *p,
                             thor_error *error)
{
    double *differences = calloc(count ? count : 1, sizeof *differences);
    if (!differences)
        return no_memory(count, error);
    for (size_t i = 0; i < count; i++)
        differences[i] = fabs(system[i] - baseline[i]);
    double mean = pairwise_sum(differences, count) / (double)count;
    size_t larger = 0;
    for (size_t i = 0; i < count; i++)
        larger += differences[i] - mean > difference;
    *p = (double)(larger + 1) / (double)(count + 1);
    free(differences);
    return THOR_OK;
}

double thor_bootstrap_mean_p(const double *differences, size_t count, double difference)
{
    if (difference == 0)
        return 1;
    double mean = pairwise_sum(differences, count) / (double)count;
    size_t larger = 0;
    for (size_t i = 0; i < count; i++)
        larger += fabs(differences[i] - mean) >= fabs(difference);
    return (double)(larger + 1) / (double)(count + 1);
}
