/* The work of a measured step: a model of a named size, and sentences that mean nothing. */
#ifndef BENCH_BENCH_WORK_H
#define BENCH_BENCH_WORK_H

#include "model/batch.h"
#include "model/config.h"

typedef struct bench_work {
    const char *size;           /* tiny, small, base */
    int32_t experts, every;     /* experts of every such layer; 0: dense */
    int64_t sentences, length;  /* of both sides */
    double dropout;             /* of residuals, attention and activations alike */
    double smoothing;
} bench_work;

/* thor-top2 without task router and context gate (or dense): vocabulary 32,000 at base size, 8,000 below. Free with
 * thor_config_free. */
thor_status bench_work_config(thor_config *config, const bench_work *work, thor_error *error);

/* A shard of the work's sentences, all of the same length, with ids drawn from Philox. Free with
 * bench_work_free_batch. */
thor_status bench_work_batch(thor_batch *batch, const bench_work *work, const thor_config *config, thor_error *error);
void bench_work_free_batch(thor_batch *batch);

#endif
