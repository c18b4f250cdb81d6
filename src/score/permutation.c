#include "score/permutation.h"

#include <math.h>
#include <stdbool.h>

#include "base/rng.h"

static const double rounding = 1e-12;

/* What a choice of signs has to reach to count. */
static double least_sum(const double *differences, size_t count)
{
    double sum = 0, absolute = 0;
    for (size_t i = 0; i < count; i++) {
        sum += differences[i];
        absolute += fabs(differences[i]);
    }
    return fabs(sum) - rounding * absolute;
}

/* Bit i of `flips` turns the sign of difference i. */
static double exact_p(const double *differences, size_t count, double least)
{
    uint32_t all = (uint32_t)1 << count, reached = 0;
    for (uint32_t flips = 0; flips < all; flips++) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += flips >> i & 1 ? -differences[i] : differences[i];
        reached += fabs(sum) >= least;
    }
    return (double)reached / (double)all;
}

static double drawn_p(const double *differences, size_t count, double least, uint64_t seed)
{
    uint32_t reached = 0;
    for (uint32_t draw = 0; draw < THOR_PERMUTATION_DRAWS; draw++) {
        thor_rng rng = thor_rng_make(seed, THOR_SITE_PERMUTE, draw, 0);
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += thor_rng_word(&rng, i) >> 31 ? -differences[i] : differences[i];
        reached += fabs(sum) >= least;
    }
    return (double)(reached + 1) / (THOR_PERMUTATION_DRAWS + 1);
}

double thor_permutation_p(const double *differences, size_t count, uint64_t seed)
{
    double least = least_sum(differences, count);
    return count <= THOR_PERMUTATION_EXACT ? exact_p(differences, count, least)
                                           : drawn_p(differences, count, least, seed);
}
