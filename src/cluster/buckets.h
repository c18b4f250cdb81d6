/* The block of parameters cut into buckets, and each bucket among the ranks.
 *
 * A bucket is a run of whole pieces (train/optimizer.h) and of the gaps behind them: as much as is sent at a time.
 * Its pieces belong to the ranks in runs of about equal floats: rank o owns those whose first float f, counted from
 * the bucket's start, has n o <= f N < n (o + 1), with n the bucket's floats and N the ranks. Nothing in a result
 * depends on where buckets are cut. */
#ifndef THOR_CLUSTER_BUCKETS_H
#define THOR_CLUSTER_BUCKETS_H

#include <stdint.h>

#include "base/status.h"

enum { THOR_BUCKET_FLOATS = 8 << 20 };      /* at most, but for a single larger piece */

typedef struct thor_buckets {
    int64_t count;
    int size;                   /* ranks */
    int64_t *at;                /* [count * (size + 1)] where each rank's slice of each bucket begins, in the block */
    int64_t *packed;            /* [count * size] where that slice begins among all that the rank owns */
    int64_t *owned;             /* [size] floats that each rank owns */
} thor_buckets;

/* starts[pieces]: first floats of all pieces, ascending from 0. Error: THOR_E_MEMORY. Close it after any result. */
thor_status thor_buckets_open(thor_buckets *buckets, const int64_t *starts, int64_t pieces, int64_t floats,
                              int64_t most, int size, thor_error *error);
void thor_buckets_close(thor_buckets *buckets);

/* Slices of bucket b: rank r's is at[r] … at[r + 1] - 1. */
static inline const int64_t *thor_bucket_at(const thor_buckets *buckets, int64_t b)
{
    return buckets->at + b * (buckets->size + 1);
}

/* Floats of the longest slice that a rank owns in one bucket. */
int64_t thor_buckets_longest(const thor_buckets *buckets, int rank);

/* The rank that owns the piece that begins at `start`. */
int thor_buckets_owner(const thor_buckets *buckets, int64_t start);

#endif
