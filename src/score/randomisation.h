/* Approximate randomisation (Riezler and Maxwell 2005) as sacreBLEU does it: if two systems were alike, exchanging
 * their translations of some lines would change nothing. */
#ifndef THOR_SCORE_RANDOMISATION_H
#define THOR_SCORE_RANDOMISATION_H

#include <stddef.h>

#include "base/status.h"
#include "score/metric.h"
#include "score/signature.h"

enum { THOR_RANDOMISATION_TRIALS = 10000 };     /* sacreBLEU's default */

/* Two-sided p-value: in each of draws->count trials every line's translations are exchanged or not; (1 + trials whose
 * two scores differ by more than `difference`) / (trials + 1). baseline[count * columns] and system[count * columns]
 * as thor_metric_statistics fills them. The same count and seed exchange the same lines, whichever the metric. */
double thor_randomisation_p(const thor_metric *metric, const double *baseline, const double *system, size_t count,
                            const thor_draws *draws, double difference);

#endif
