/* numpy.random.default_rng: PCG64, that is XSL-RR 128/64 (O'Neill 2014), seeded by SeedSequence. Only here to draw
 * the same resamples as sacreBLEU; everything else in thor draws from base/rng.h. */
#ifndef THOR_SCORE_PCG64_H
#define THOR_SCORE_PCG64_H

#include <stdbool.h>
#include <stdint.h>

typedef struct thor_wide {
    uint64_t high, low;         /* an integer of 128 bits */
} thor_wide;

typedef struct thor_pcg64 {
    thor_wide state, increment;
    uint32_t spare;             /* the upper half of the last 64 bits */
    bool has_spare;
} thor_pcg64;

/* default_rng(seed) */
thor_pcg64 thor_pcg64_make(uint64_t seed);

uint64_t thor_pcg64_next(thor_pcg64 *generator);

/* What Generator.integers(2, dtype=bool) has left of its last 32 bits; zero it before the first use. */
typedef struct thor_pcg64_bits {
    uint32_t bits;
    int left;
} thor_pcg64_bits;

/* One element of Generator.integers(2, dtype=bool). */
bool thor_pcg64_bit(thor_pcg64 *generator, thor_pcg64_bits *bits);

/* One element of Generator.integers(0, n) and Generator.choice(n): Lemire's (2019) method on 32 bits. 0 < n < 2^32. */
uint32_t thor_pcg64_below(thor_pcg64 *generator, uint32_t n);

#endif
