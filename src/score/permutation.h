/* A test that needs no assumption but symmetry: if two systems were alike, every difference could as well have had the
 * other sign (Fisher 1935). */
#ifndef THOR_SCORE_PERMUTATION_H
#define THOR_SCORE_PERMUTATION_H

#include <stddef.h>
#include <stdint.h>

enum { THOR_PERMUTATION_EXACT = 20, THOR_PERMUTATION_DRAWS = 10000 };

/* Two-sided p-value of the mean of `count` paired differences: the share of all 2^count choices of signs whose mean is
 * at least as far from 0 as the observed one. Above THOR_PERMUTATION_EXACT differences, THOR_PERMUTATION_DRAWS choices
 * are drawn, (1 + those as far) / (draws + 1); thor-numerics(7) has the site. Sums that differ by rounding alone, 1e-12
 * of the sum of the absolute values, are equal. 1 for no differences. */
double thor_permutation_p(const double *differences, size_t count, uint64_t seed);

#endif
