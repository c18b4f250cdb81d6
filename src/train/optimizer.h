/* From the step's gradient to new parameters: norm, clipping, learning rate, Adam (thor-numerics(7)). */
#ifndef THOR_TRAIN_OPTIMIZER_H
#define THOR_TRAIN_OPTIMIZER_H

#include "cluster/buckets.h"
#include "cluster/cluster.h"
#include "model/params.h"
#include "simd/compute.h"

/* The pieces whose squares are summed on their own: at most 65,536 consecutive floats of a tensor, or of one expert's
 * slice of it; only the last piece of either is shorter. In the order of the tensors' names, experts ascending, and
 * within them. So the sum is cut the same way whoever adds it: threads, or processes that own parts of a tensor. */
typedef struct thor_gradient_piece {
    int64_t offset, count;      /* floats in a block */
    int32_t parameter;          /* in the table */
    int rank;                   /* its owner; 0 where one process does all */
    double sum;                 /* of squares: sixteen binary32 lanes within the piece */
} thor_gradient_piece;

typedef struct thor_gradient_norm {
    thor_gradient_piece *pieces;
    int64_t count;
    const thor_cluster *cluster;
    double *own, *all;          /* sums of this rank's pieces [count], of all ranks' [size * count] */
} thor_gradient_norm;

/* Pieces of at most `most` floats: THOR_PIECE_FLOATS, or fewer in tests, where the norm then is another one. */
enum { THOR_PIECE_FLOATS = 1 << 16 };
thor_status thor_gradient_norm_open(thor_gradient_norm *norm, const thor_params *params, int64_t most,
                                    thor_error *error);
void thor_gradient_norm_close(thor_gradient_norm *norm);

/* The first floats of all pieces, ascending: starts[norm->count]. */
void thor_gradient_norm_starts(const thor_gradient_norm *norm, int64_t *starts);

/* Gives each piece to the rank that owns it. `cluster` has to outlive the norm. Error: THOR_E_MEMORY. */
thor_status thor_gradient_norm_share(thor_gradient_norm *norm, const thor_cluster *cluster,
                                     const thor_buckets *buckets, thor_error *error);

/* The root of the sum over all pieces, in order, in double. Infinity or NaN where a piece is not finite. Where pieces
 * are shared, of `block` only this rank's are read, and all ranks have to ask. */
double thor_gradient_norm_compute(thor_gradient_norm *norm, const thor_compute *compute, const float *block);

/* The first parameter of the table whose last sum is not finite, or -1. */
int32_t thor_gradient_norm_first_bad(const thor_gradient_norm *norm);

/* min(1, clip_norm / (norm + 1e-6)), moments' decay, step size: in double, each rounded once. `done` updates are
 * done. */
thor_adam_scalars thor_adam_make(const thor_config *config, int64_t done, double norm);

/* One update of all parameters. */
void thor_adam_run(const thor_compute *compute, const thor_adam_scalars *scalars, float *values, float *m, float *v,
                   const float *gradient, int64_t floats);

#endif
