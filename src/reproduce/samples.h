/* Differences between systems and how sure they are. */
#ifndef THOR_REPRODUCE_SAMPLES_H
#define THOR_REPRODUCE_SAMPLES_H

#include "reproduce/job_results.h"

enum { THOR_REPRODUCE_RESAMPLES = 10000 };

/* BLEU of every resample of every test set of every job that is done. */
typedef struct thor_samples {
    const thor_results *results;        /* has to outlive them */
    const thor_job_scores *model;       /* the scores of a done job, for names and order of the test sets; NULL: none */
    size_t tests, resamples;
    double **bleu;                      /* [jobs] -> [tests, resamples]; NULL where a job is not done */
} thor_samples;

/* One stream of PCG64 (seed 12345) runs through the test sets in the order of the data; those that have the same
 * sentences, the two directions of a pair, take the same draws, and so do all jobs. Free after any result. */
thor_status thor_samples_make(thor_samples *samples, const thor_results *results, size_t resamples,
                              thor_error *error);
void thor_samples_free(thor_samples *samples);

/* The mean over the seeds that are done and, of several, the standard deviation (n - 1). */
typedef struct thor_seed_mean {
    size_t seeds;
    double mean, deviation;             /* NaN without a seed; the deviation also with one */
} thor_seed_mean;

/* A number of a job; NaN where it has none. `what` is the taker's own. */
typedef double thor_taker(const thor_job_result *job, const void *what);

/* Of the numbers of a system's jobs; no seed for a system below 0. */
thor_seed_mean thor_over_seeds(const thor_results *results, ptrdiff_t system, thor_taker *take, const void *what);

/* Of BLEU, or chrF, weighted over the test sets: weights[tests]. */
thor_seed_mean thor_weighted_mean(const thor_results *results, ptrdiff_t system, const double *weights, bool chrf);

/* left - right, over the seeds that both have. */
typedef struct thor_comparison_of_systems {
    size_t seeds, pairs;                /* pairs of a seed and a test set */
    double difference;
    double p;                           /* paired bootstrap, two-sided */
    double permutation_p;               /* over the pairs */
} thor_comparison_of_systems;

/* `seeds` is 0, and all else NaN, where they have no seed in common. THOR_E_MEMORY. */
thor_status thor_samples_compare(const thor_samples *samples, size_t left, size_t right, const double *weights,
                                 thor_comparison_of_systems *found, thor_error *error);

#endif
