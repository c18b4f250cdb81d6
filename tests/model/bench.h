/* The program's model and its judge side by side: the same configuration, parameters and sentences in both. */
#ifndef TESTS_MODEL_BENCH_H
#define TESTS_MODEL_BENCH_H

#include "model/pass.h"
#include "tests/ref/fixture.h"

typedef struct bench {
    const char *name;
    thor_config config;
    ref_table params;
    ref_batch *batch;
    ref_run run;                /* the judge's pass */
    thor_model model;
    thor_batch packed;
    thor_compute compute;
    thor_pass *pass;            /* the program's pass */
    thor_pass_options options;
    thor_losses losses;
    float *gradients;           /* [model.params.floats] */
} bench;

/* The seed of parameters and batch: THOR_TEST_SEED, or 1. */
uint64_t bench_seed(void);
/* Whether THOR_TEST_LONG asks for tests that take longer than a person waits. */
bool bench_long(void);

/* Ends the test where something cannot be opened. `isa` NULL: the machine's best. */
void bench_open(bench *b, const ref_case *what, bool training, const char *isa, int threads);
void bench_close(bench *b);
/* The program's forward pass; and backward where it trains. */
void bench_run(bench *b);
/* Gradients of a parameter by the number in the program's table. */
const float *bench_gradient(const bench *b, int32_t param);

#endif
