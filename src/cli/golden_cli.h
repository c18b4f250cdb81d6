/* thor golden: what its verbs share. */
#ifndef THOR_CLI_GOLDEN_CLI_H
#define THOR_CLI_GOLDEN_CLI_H

#include "cli/opt.h"
#include "simd/compute.h"
#include "train/digest.h"
#include "train/invented_batch.h"

/* What make and digest compute with. */
typedef struct thor_golden_options {
    const char *recipe, *scale, *words, *isa, *backend;
    thor_opt_list set, operands;
    int64_t seed, steps, sentences, pieces, languages, threads;     /* seed -1: the configuration's */
} thor_golden_options;

/* Fewest and most of "4-14" or "9". */
thor_status thor_golden_words(thor_invention *invention, const char *words, thor_error *error);

/* A complete configuration and the batch that every step is made with. */
typedef struct thor_golden_subject {
    thor_config config;
    thor_batch batch;
    thor_invented_batch invented;
} thor_golden_subject;

/* Close it after any result; zero it before. */
thor_status thor_golden_subject_open(thor_golden_subject *subject, const thor_golden_options *options,
                                     thor_error *error);
void thor_golden_subject_close(thor_golden_subject *subject);

/* Kernels and threads; only the reference products are golden. */
thor_status thor_golden_compute(thor_compute *compute, const thor_golden_options *options, thor_error *error);

#endif
