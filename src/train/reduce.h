/* The fixed tree over shards (thor-numerics(7)): 0+1, 2+3, …, then pairs of pairs; an odd one is carried up
 * unchanged. Shards come one after the other, so a binary counter does it with floor(log2(S)) + 1 buffers. */
#ifndef THOR_TRAIN_REDUCE_H
#define THOR_TRAIN_REDUCE_H

#include <stddef.h>

#include "simd/compute.h"

enum { THOR_REDUCE_MOST = 32 };

typedef struct thor_reduce {
    const thor_compute *compute;
    float **buffers;                    /* blocks of `floats` floats; the tree's sums lie in the first `used` of them */
    int64_t floats;
    int used;
    int height[THOR_REDUCE_MOST];       /* of the subtree in each buffer */
} thor_reduce;

/* floor(log2(shards)) + 1. */
int thor_reduce_buffers(int32_t shards);

/* An empty tree. */
thor_reduce thor_reduce_start(const thor_compute *compute, float **buffers, int64_t floats);

/* The buffer that the next shard's gradient has to be written into. */
float *thor_reduce_next(const thor_reduce *tree);

/* Takes that buffer as the next leaf and adds the subtrees that are now complete. */
void thor_reduce_push(thor_reduce *tree);

/* Adds what is left; the result. At least one leaf was pushed. */
float *thor_reduce_finish(thor_reduce *tree);

#endif
