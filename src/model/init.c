/* Initial values: every element from its own random numbers. */
#include <math.h>
#include <string.h>

#include "base/block.h"
#include "base/dmath.h"
#include "base/numbers.h"
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

/* A run of one tensor's elements. */
typedef struct {
    float *values;              /* of the tensor */
    int64_t begin, end;
    double scale;
    thor_rng rng;
} run;

/* scale * (2u - 1); element i takes word i. */
static void fill_uniform(const run *r)
{
    uint32_t words[4];
    for (int64_t i = r->begin; i < r->end; i++) {
        if (i % 4 == 0 || i == r->begin)
            block_of(words, &r->rng, i / 4);
        r->values[i] = (float)(r->scale * (2 * uniform_of(words[i % 4]) - 1));
    }
}

/* scale * sqrt(-2 ln(1 - u1)) cos(2 pi u2); element i takes words 2i and 2i+1. */
static void fill_normal(const run *r)
{
    uint32_t words[4];
    for (int64_t i = r->begin; i < r->end; i++) {
        if (i % 2 == 0 || i == r->begin)
            block_of(words, &r->rng, i / 2);
        const uint32_t *pair = words + 2 * (i % 2);
        double radius = sqrt(-2 * thor_ln(1 - uniform_of(pair[0])));
        double angle = 0x1.921fb54442d18p+2 * uniform_of(pair[1]);
        r->values[i] = (float)(r->scale * (radius * thor_cos(angle)));
    }
}

static void fill_ones(const run *r)
{
    for (int64_t i = r->begin; i < r->end; i++)
        r->values[i] = 1;
}

static void clear_padding_row(const run *r, int64_t width)
{
    int64_t begin = thor_larger(r->begin, PADDING_ROW * width), end = thor_smaller(r->end, (PADDING_ROW + 1) * width);
    for (int64_t i = begin; i < end; i++)
        r->values[i] = 0;
}

typedef struct {
    float *values;
    const thor_params *params;
    uint64_t seed;
} init_job;

/* Floats begin … end-1 of the block, whatever tensors they belong to. */
static void init_body(void *context, int64_t begin, int64_t end, int thread)
{
    const init_job *job = context;
    (void)thread;
    memset(job->values + begin, 0, (size_t)(end - begin) * sizeof *job->values);
    for (int32_t t = 0; t < job->params->count; t++) {
        const thor_param *p = &job->params->items[t];
        const run r = { .values = job->values + p->offset, .begin = thor_larger(begin - p->offset, 0),
                        .end = thor_smaller(end - p->offset, p->count), .scale = p->scale,
                        .rng = thor_rng_make(job->seed, THOR_SITE_INIT + (uint32_t)t, 0, 0) };
        if (p->init == THOR_INIT_UNIFORM)
            fill_uniform(&r);
        else if (p->init == THOR_INIT_NORMAL)
            fill_normal(&r);
        else if (p->init == THOR_INIT_ONE)
            fill_ones(&r);
        if (p->zero_padding_row)
            clear_padding_row(&r, p->shape[1]);
    }
}

void thor_params_init(float *values, const thor_params *params, uint64_t seed, const thor_par *par)
{
    const thor_par alone = { .threads = 1 };
    init_job job = { .values = values, .params = params, .seed = seed };
    thor_par_for(par ? par : &alone, params->floats, THOR_BLOCK_GRAIN, init_body, &job);
}
