#include "score/randomisation.h"

#include <math.h>
#include <stdbool.h>

#include "score/pcg64.h"

/* |score of the one mixture of lines - score of the other| in one trial */
static double trial(const thor_metric *metric, const double *baseline, const double *system, size_t count,
                    thor_pcg64 *generator, thor_pcg64_bits *bits)
{
    size_t columns = thor_metric_columns(metric);
    double one[THOR_SCORE_MAX_COLUMNS] = { 0 }, other[THOR_SCORE_MAX_COLUMNS] = { 0 };
    for (size_t i = 0; i < count; i++) {
        bool kept = thor_pcg64_bit(generator, bits);
        const double *a = (kept ? baseline : system) + i * columns, *b = (kept ? system : baseline) + i * columns;
        for (size_t c = 0; c < columns; c++) {
            one[c] += a[c];
            other[c] += b[c];
        }
    }
    return fabs(thor_metric_score(metric, one, false) - thor_metric_score(metric, other, false));
}

double thor_randomisation_p(const thor_metric *metric, const double *baseline, const double *system, size_t count,
                            const thor_draws *draws, double difference)
{
    thor_pcg64 generator = thor_pcg64_make(draws->seed);
    thor_pcg64_bits bits = { .left = 0 };
    int64_t larger = 0;
    for (int64_t t = 0; t < draws->count; t++)
        larger += trial(metric, baseline, system, count, &generator, &bits) > difference;
    return (double)(larger + 1) / (double)(draws->count + 1);
}
