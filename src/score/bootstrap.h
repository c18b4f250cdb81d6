/* Bootstrap resampling (Koehn 2004) as sacreBLEU does it: `resamples` times as many lines as the corpus has are drawn
 * with replacement, their float32 statistics added and scored. */
#ifndef THOR_SCORE_BOOTSTRAP_H
#define THOR_SCORE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "score/metric.h"
#include "score/pcg64.h"

enum { THOR_BOOTSTRAP_RESAMPLES = 1000, THOR_BOOTSTRAP_SEED = 12345 };     /* sacreBLEU's defaults */

/* mean ± half: half is half the distance between the 2.5 % and the 97.5 % quantile. */
typedef struct thor_interval {
    double mean, half;
} thor_interval;

/* Scores of all resamples. rows[count * columns] as thor_metric_statistics fills them; scores[resamples]. With the
 * same count and seed the same lines are drawn, whichever the metric or system. Errors: THOR_E_MEMORY, THOR_E_USAGE. */
thor_status thor_bootstrap_scores(const thor_metric *metric, const double *rows, size_t count, size_t resamples,
                                  uint64_t seed, double *scores, thor_error *error);

/* One of several texts over the same sentences, and where the scores of its resamples go. */
typedef struct thor_resampled {
    const double *rows;        /* [count * columns] */
    double *scores;             /* [resamples] */
} thor_resampled;

/* The same for several texts at once, which all take the same draws: systems, seeds and the two directions of a pair of
 * languages. `generator` goes on from where it is, so that one stream runs through many test sets. */
thor_status thor_bootstrap_together(const thor_metric *metric, thor_pcg64 *generator, size_t count, size_t resamples,
                                    const thor_resampled *texts, size_t text_count, thor_error *error);

/* The interval of `count` > 0 scores. */
thor_status thor_bootstrap_interval(const double *scores, size_t count, thor_interval *interval, thor_error *error);

/* Two-sided p-value of a paired test: the share of resamples whose difference, moved to mean 0, is larger than the
 * observed one: (c + 1) / (count + 1). `difference` is |score(system) - score(baseline)|. */
thor_status thor_bootstrap_p(const double *baseline, const double *system, size_t count, double difference, double *p,
                             thor_error *error);

/* Two-sided p-value of a difference that is a mean over directions and seeds: with m the mean of the differences of the
 * resamples, (1 + number of |differences[i] - m| >= |difference|) / (count + 1); 1 where `difference` is 0. It is not
 * sacreBLEU's rule, which takes absolute values before it centres. */
double thor_bootstrap_mean_p(const double *differences, size_t count, double difference);

#endif
