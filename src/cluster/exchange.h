/* The sum of all ranks' partials (cluster/partials.h): each slice of a bucket goes to its owner, who adds the slices
 * in the order of the tree. The bits are those of one process. */
#ifndef THOR_CLUSTER_EXCHANGE_H
#define THOR_CLUSTER_EXCHANGE_H

#include "base/par.h"
#include "cluster/partials.h"
#include "cluster/buckets.h"
#include "cluster/cluster.h"

typedef struct thor_exchange {
    const thor_cluster *cluster;
    const thor_buckets *buckets;
    const thor_par *par;
    thor_partial *partials;     /* of all ranks, in this step */
    int32_t partial_count;
    int32_t shards;             /* at most */
    float *room;                /* slices that have come: one for each partial */
    int64_t slice;              /* floats of each */
    float **to;                 /* [size] for the calls of the cluster */
    const float **from;
    int64_t *to_count, *from_count;
} thor_exchange;

/* For steps of up to `shards` shards. All three have to outlive it. Error: THOR_E_MEMORY. Close it after any result. */
thor_status thor_exchange_open(thor_exchange *exchange, const thor_cluster *cluster, const thor_buckets *buckets,
                               const thor_par *par, int32_t shards, thor_error *error);
void thor_exchange_close(thor_exchange *exchange);

/* Bytes that thor_exchange_open takes, about. */
size_t thor_exchange_bytes(const thor_buckets *buckets, int rank, int32_t shards);

/* A step of so many shards: lists its partials. */
void thor_exchange_begin(thor_exchange *exchange, int32_t shards);

/* blocks[j] is this rank's j-th partial, of the block's length; blocks[0] is there for a rank without one.
 * Afterwards the slices of blocks[0] that this rank owns hold the sum over all shards; the rest of the blocks is
 * used up. */
void thor_exchange_sum(thor_exchange *exchange, float *const *blocks);

#endif
