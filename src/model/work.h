/* How many floating-point operations a shard is: products only, a multiplication and an addition counted as two, no
 * padding. What GFLOP/s on the progress line and the plan of `thor train --dry-run` are made of. */
#ifndef THOR_MODEL_WORK_H
#define THOR_MODEL_WORK_H

#include "model/batch.h"
#include "model/config.h"

typedef struct thor_work {
    double attention;       /* q, k, v, o, scores and weighted sums; causal scores counted up to the diagonal */
    double dense;           /* feed-forward networks */
    double experts;
    double routing;         /* token routers and context gates */
    double output;          /* logits */
    double total;
} thor_work;

/* Lengths as sums over sentences: rows, and the pairs (query, key) of each attention. */
typedef struct thor_lengths {
    double source_rows, target_rows;
    double source_pairs, target_pairs, cross_pairs;
} thor_lengths;

thor_lengths thor_lengths_of(const thor_batch *batch);

/* How many experts a token has: k, or about as many as reach p, at least 1; 1 without mixtures. */
double thor_likely_experts(const thor_config *config);

/* The forward pass; forward and backward are three times as much. `experts` is the mean number of experts of a row. */
thor_work thor_work_forward(const thor_config *config, const thor_lengths *lengths, double experts);

#endif
