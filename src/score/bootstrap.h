/* Bootstrap resampling (Koehn 2004) as sacreBLEU does it: `resamples` times as many lines as the corpus has are drawn
 * with replacement, their float32 statistics added and scored. */
#ifndef THOR_SCORE_BOOTSTRAP_H
#define THOR_SCORE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "score/metric.h"

enum { THOR_BOOTSTRAP_RESAMPLES = 1000, THOR_BOOTSTRAP_SEED = 12345 };     /* sacreBLEU's defaults */

/* mean ± half: half is half the distance between the 2.5 % and the 97.5 % quantile. */
typedef struct thor_interval {
    double mean, half;
} thor_interval;

/* Scores of all resamples. rows[count * columns] as thor_metric_statistics fills them; scores[resamples]. With the
 * same count and seed the same lines are drawn, whichever the metric or system. Errors: THOR_E_MEMORY, THOR_E_USAGE. */
thor_status thor_bootstrap_scores(const thor_metric *metric, const int64_t *rows, size_t count, size_t resamples,
                                  uint64_t seed, double *scores, thor_error *error);

/* The interval of `count` > 0 scores. */
thor_status thor_bootstrap_interval(const double *scores, size_t count, thor_interval *interval, thor_error *error);

/* Two-sided p-value of a paired test: the share of resamples whose difference, moved to mean 0, is larger than the
 * observed one: (c + 1) / (count + 1). `difference` is |score(system) - score(baseline)|. */
thor_status thor_bootstrap_p(const double *baseline, const double *system, size_t count, double difference, double *p,
                             thor_error *error);

#endif
