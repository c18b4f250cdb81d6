/* thor golden: what its verbs share. */
#ifndef THOR_CLI_GOLDEN_CLI_H
#define THOR_CLI_GOLDEN_CLI_H

#include "cli/opt.h"
#include "file/golden_folder.h"
#include "run/run_data.h"
#include "simd/compute.h"
#include "train/golden.h"
#include "train/golden_margin.h"
#include "train/invented_batch.h"

/* What make, digest and check compute with. */
typedef struct thor_golden_options {
    const char *recipe, *setup, *scale, *words, *data, *from, *output, *isa, *backend;
    thor_opt_list set, operands;
    int64_t seed, steps, sentences, pieces, languages, threads;     /* seed -1: the configuration's */
    double margin;              /* 0: any seed */
    bool overwrite;
} thor_golden_options;

/* --- where a folder begins (golden_setup.c) --- */

/* Fewest and most of "4-14" or "9". */
thor_status thor_golden_words(thor_invention *invention, const char *words, thor_error *error);

/* A model before step 1 and the batch of every step. */
typedef struct thor_golden_subject {
    thor_model model;
    thor_batch batch;
    const char *initial_from, *batch_from;      /* as in golden.json */
    thor_invented_batch invented;               /* what owns the batch: one of these */
    thor_read_batch read;
    thor_config data_config;
    thor_run_data data;
} thor_golden_subject;

/* Close it after any result; zero it before. */
thor_status thor_golden_subject_open(thor_golden_subject *subject, const thor_golden_options *options,
                                     thor_error *error);
/* From config.json, initial.safetensors and batch.safetensors of `folder`; seed -1: the configuration's. */
thor_status thor_golden_subject_read(thor_golden_subject *subject, const char *folder, int64_t seed,
                                     thor_error *error);
void thor_golden_subject_close(thor_golden_subject *subject);

/* Kernels and threads; only the reference products are golden. */
thor_status thor_golden_compute_open(thor_compute *compute, const thor_golden_options *options, thor_error *error);

/* Refuses what needs more memory than the machine has. */
thor_status thor_golden_check_memory(const thor_golden_subject *subject, int threads, thor_error *error);

/* --- verbs --- */

thor_status thor_golden_make(const thor_golden_options *options, thor_error *error);
thor_status thor_golden_check(const thor_golden_options *options, thor_error *error);
int thor_golden_compare(int argc, char **argv);

#endif
