/* Initial values: every element from its own random numbers. */
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/rng.h"
#include "model/params.h"

enum { PADDING_ROW = 1 };

static void block_of(uint32_t words[4], const thor_rng *rng, int64_t block)
{
    uint32_t counter[4] = { (uint32_t)block, rng->site, rng->step, rng->shard };
    thor_philox(words, counter, rng->key);
}

static double uniform_of(uint32_t word)
{
    return (double)(word >> 8) * 0x1p-24;
}

/* scale * (2u - 1); element i takes word i. */
static void fill_uniform(float *values, int64_t count, double scale, const thor_rng *rng)
{
    uint32_t words[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 4 == 0)
            block_of(words, rng, i / 4);
        values[i] = (float)(scale * (2 * uniform_of(words[i % 4]) - 1));
    }
}

/* scale * sqrt(-2 ln(1 - u1)) cos(2 pi u2); element i takes words 2i and 2i+1. */
static void fill_normal(float *values, int64_t count, double scale, const thor_rng *rng)
{
    uint32_t words[4];
    for (int64_t i = 0; i < count; i++) {
        if (i % 2 == 0)
            block_of(words, rng, i / 2);
        const uint32_t *pair = words + 2 * (i % 2);
        double radius = sqrt(-2 * thor_ln(1 - uniform_of(pair[0])));
        double angle = 0x1.921fb54442d18p+2 * uniform_of(pair[1]);
        values[i] = (float)(scale * (radius * thor_cos(angle)));
    }
}

void thor_params_init(float *values, const thor_params *params, uint64_t seed)
{
    memset(values, 0, (size_t)params->floats * sizeof *values);
    for (int32_t t = 0; t < params->count; t++) {
        const thor_param *p = &params->items[t];
        float *place = values + p->offset;
        thor_rng rng = thor_rng_make(seed, THOR_SITE_INIT + (uint32_t)t, 0, 0);
        if (p->init == THOR_INIT_UNIFORM)
            fill_uniform(place, p->count, p->scale, &rng);
        else if (p->init == THOR_INIT_NORMAL)
            fill_normal(place, p->count, p->scale, &rng);
        else if (p->init == THOR_INIT_ONE)
            for (int64_t i = 0; i < p->count; i++)
                place[i] = 1;
        if (p->zero_padding_row)
            memset(place + PADDING_ROW * p->shape[1], 0, (size_t)p->shape[1] * sizeof *place);
    }
}
