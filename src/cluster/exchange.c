#include "cluster/exchange.h"

#include <stdlib.h>
#include <string.h>

enum { ADD_GRAIN = 1 << 14 };

size_t thor_exchange_bytes(const thor_buckets *buckets, int rank, int32_t shards)
{
    return (size_t)thor_buckets_longest(buckets, rank) * (size_t)shards * sizeof(float);
}

thor_status thor_exchange_open(thor_exchange *exchange, const thor_cluster *cluster, const thor_buckets *buckets,
                               const thor_par *par, int32_t shards, thor_error *error)
{
    size_t size = (size_t)cluster->size;
    *exchange = (thor_exchange){ .cluster = cluster, .buckets = buckets, .par = par, .shards = shards };
    exchange->slice = thor_buckets_longest(buckets, cluster->rank);
    exchange->partials = calloc((size_t)shards, sizeof *exchange->partials);
    exchange->room = malloc(thor_exchange_bytes(buckets, cluster->rank, shards) + 1);
    exchange->to = calloc(size, sizeof *exchange->to);
    exchange->from = calloc(size, sizeof *exchange->from);
    exchange->to_count = calloc(size, sizeof *exchange->to_count);
    exchange->from_count = calloc(size, sizeof *exchange->from_count);
    if (!exchange->partials || !exchange->room || !exchange->to || !exchange->from || !exchange->to_count ||
        !exchange->from_count)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the gradients of %d shards that other processes send",
                         (int)shards);
    return THOR_OK;
}

void thor_exchange_close(thor_exchange *exchange)
{
    free(exchange->partials);
    free(exchange->room);
    free(exchange->to);
    free(exchange->from);
    free(exchange->to_count);
    free(exchange->from_count);
    *exchange = (thor_exchange){ .cluster = NULL };
}

void thor_exchange_begin(thor_exchange *exchange, int32_t shards)
{
    exchange->partial_count = thor_partials_list(exchange->partials, shards, exchange->cluster->size);
}

/* The place in the list of a rank's j-th partial, or -1. */
static int32_t find_partial(const thor_exchange *exchange, int rank, int32_t j)
{
    for (int32_t p = 0; p < exchange->partial_count; p++)
        if (exchange->partials[p].rank == rank && j-- == 0)
            return p;
    return -1;
}

/* Everybody's j-th partials of one bucket to the owners of its slices. False: nobody has a j-th. */
static bool send_partials(thor_exchange *exchange, float *const *blocks, const int64_t *at, int32_t j)
{
    const thor_cluster *cluster = exchange->cluster;
    int64_t own = at[cluster->rank + 1] - at[cluster->rank];
    bool have = find_partial(exchange, cluster->rank, j) >= 0, any = false;
    for (int rank = 0; rank < cluster->size; rank++) {
        int32_t partial = find_partial(exchange, rank, j);
        any = any || partial >= 0;
        exchange->from[rank] = blocks[have ? j : 0] + at[rank];
        exchange->from_count[rank] = have ? at[rank + 1] - at[rank] : 0;
        exchange->to[rank] = exchange->room + (partial < 0 ? 0 : partial) * exchange->slice;
        exchange->to_count[rank] = partial < 0 ? 0 : own;
    }
    if (any)
        cluster->all_to_all(cluster->state, exchange->from, exchange->from_count, exchange->to, exchange->to_count);
    return any;
}

typedef struct addition {
    float *sum;
    const float *more;
} addition;

static void add_body(void *context, int64_t begin, int64_t end, int thread)
{
    const addition *a = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        a->sum[i] += a->more[i];
}

/* The later subtree is added to the earlier one. */
static void add(const thor_exchange *exchange, float *sum, const float *more, int64_t count)
{
    addition a = { sum, more };
    thor_par_for(exchange->par, count, ADD_GRAIN, add_body, &a);
}

/* A binary counter of slices: two of equal height become one that is higher by 1; at the end what is left, from the
 * top. The sum lies in the first slice. */
static void add_slices(const thor_exchange *exchange, int64_t count)
{
    float *stack[64];
    int height[64], used = 0;
    for (int32_t p = 0; p < exchange->partial_count; p++) {
        stack[used] = exchange->room + p * exchange->slice;
        height[used++] = exchange->partials[p].height;
        for (; used > 1 && height[used - 1] == height[used - 2]; used--, height[used - 1]++)
            add(exchange, stack[used - 2], stack[used - 1], count);
    }
    for (; used > 1; used--)
        add(exchange, stack[used - 2], stack[used - 1], count);
}

void thor_exchange_sum(thor_exchange *exchange, float *const *blocks)
{
    int rank = exchange->cluster->rank;
    for (int64_t b = 0; b < exchange->buckets->count; b++) {
        const int64_t *at = thor_bucket_at(exchange->buckets, b);
        int64_t own = at[rank + 1] - at[rank];
        for (int32_t j = 0; send_partials(exchange, blocks, at, j); j++)
            continue;
        add_slices(exchange, own);
        memcpy(blocks[0] + at[rank], exchange->room, (size_t)own * sizeof(float));
    }
}
