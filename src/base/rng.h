/* Random numbers that depend on where they are used, never on how many were drawn before: Philox4x32-10
 * (Salmon, Moraes, Dror and Shaw 2011).
 *
 *   counter = (element index / 4, site, step, shard), key = (low word, high word) of the seed; element i takes output
 *   word i mod 4; u = (word >> 8) * 2^-24, in [0, 1). */
#ifndef THOR_BASE_RNG_H
#define THOR_BASE_RNG_H

#include <stdint.h>

/* Sites of dropout are stack << 16 | layer << 8 | kind (below 1 << 24); every other use has one of these. */
enum thor_rng_site {
    THOR_SITE_INIT = 1 << 24,           /* + index of the parameter in the table; index = element */
    THOR_SITE_SAMPLE = 2 << 24,         /* drawing of sentences; step = epoch, shard = direction */
    THOR_SITE_SHUFFLE = 3 << 24,        /* order of batches; step = epoch */
    THOR_SITE_VOCABULARY = 4 << 24,     /* sampling of text for the vocabulary */
    THOR_SITE_TEST = 5 << 24,           /* tests */
    THOR_SITE_BATCH = 6 << 24,          /* + what is drawn (train/invented_batch.h); shard = sentence */
    THOR_SITE_PERMUTE = 7 << 24,        /* signs of a permutation test; step = draw */
    THOR_SITE_CLUSTER = 8 << 24         /* k-means++; step = start, shard = centre */
};

typedef struct thor_rng {
    uint32_t key[2];
    uint32_t site, step, shard;
} thor_rng;

thor_rng thor_rng_make(uint64_t seed, uint32_t site, uint32_t step, uint32_t shard);

/* One block: ten rounds over `counter` with `key`. */
void thor_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* The word of element `index`; index / 4 has to be below 2^32. */
uint32_t thor_rng_word(const thor_rng *rng, uint64_t index);

/* Uniform in [0, 1), 24 bits. */
float thor_rng_uniform(const thor_rng *rng, uint64_t index);

/* Uniform integer in 0 … n-1 from 64 bits (words of elements 2*index and 2*index+1), by multiplication. n > 0. */
uint64_t thor_rng_below(const thor_rng *rng, uint64_t index, uint64_t n);

#endif
