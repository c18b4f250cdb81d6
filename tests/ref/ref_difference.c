/* Central differences of the total loss, decisions held. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "ref_parts.h"

double ref_difference(ref_run *run, double *element, double h)
{
    double middle = *element;
    *element = middle + h;
    ref_forward(run);
    double above = run->losses.total;
    *element = middle - h;
    ref_forward(run);
    double below = run->losses.total;
    *element = middle;
    return (above - below) / (2 * h);
}

static void judge(ref_verdict *verdict, const ref_array *param, int64_t i, double ours, double expected, double allowed)
{
    double score = fabs(ours - expected) / allowed;
    verdict->compared++;
    if (score <= verdict->worst)
        return;
    verdict->worst = isnan(score) ? INFINITY : score;
    snprintf(verdict->text, sizeof verdict->text, "%s[%lld] is %.9g, expected %.9g (differs by %.3g, allowed %.3g)",
             param->name, (long long)i, ours, expected, fabs(ours - expected), allowed);
}

void ref_compare_gradient(ref_run *run, ref_array *param, const float *gradient, int64_t most, uint64_t seed,
                          double relative, double absolute, ref_verdict *verdict)
{
    int64_t count = most > 0 && most < param->count ? most : param->count;
    thor_rng rng = thor_rng_make(seed, THOR_SITE_TEST, 1u << 20, 0);
    double *expected = ref_alloc(count, sizeof *expected), largest = 0;
    int64_t *index = ref_alloc(count, sizeof *index);
    for (int64_t i = 0; i < count; i++) {
        index[i] = count == param->count ? i : (int64_t)thor_rng_below(&rng, (uint64_t)i, (uint64_t)param->count);
        expected[i] = ref_difference(run, &param->data[index[i]], 1e-5);
        largest = fmax(largest, fabs(expected[i]));
    }
    for (int64_t i = 0; i < count; i++)
        judge(verdict, param, index[i], (double)gradient[index[i]], expected[i], relative * largest + absolute);
    free(index);
    free(expected);
}
