/* Many comparisons at once, and orders beside each other. */
#ifndef THOR_SCORE_MULTIPLE_H
#define THOR_SCORE_MULTIPLE_H

#include <stddef.h>

/* Holm's (1979) correction: the k-th smallest of n p-values is multiplied by n - k + 1, is never below the one before
 * it and never above 1. NaN stands for a comparison that was not made: it
 * stays and does not count. `corrected` is another array than `p`. */
void thor_holm(const double *p, size_t count, double *corrected);

/* Kendall's tau-b of two rankings of the same things, -1 to 1: (concordant - discordant) pairs over the root of the
 * product of the numbers of pairs that are not tied in the one and in the other. NaN where either has ties only. */
double thor_kendall_tau(const double *left, const double *right, size_t count);

#endif
