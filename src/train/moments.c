#include "train/moments.h"

#include <stdlib.h>
#include <string.h>

static int64_t floats_of(const thor_buckets *buckets, int64_t b)
{
    const int64_t *at = thor_bucket_at(buckets, b);
    return at[buckets->size] - at[0];
}

/* This rank's part of a bucket, where it is packed. */
static float *own_slice(const thor_trainer *trainer, int which, int64_t b, size_t *bytes)
{
    const thor_buckets *buckets = &trainer->share.buckets;
    const int64_t *at = thor_bucket_at(buckets, b);
    int rank = trainer->share.cluster->rank;
    *bytes = (size_t)(at[rank + 1] - at[rank]) * sizeof(float);
    return (which ? trainer->v : trainer->m) + buckets->packed[b * buckets->size + rank];
}

thor_status thor_moments_open(thor_moments *moments, thor_trainer *trainer, thor_error *error)
{
    const thor_buckets *buckets = &trainer->share.buckets;
    int64_t most = 0;
    *moments = (thor_moments){ .trainer = trainer, .held = -1 };
    if (trainer->share.cluster->rank > 0)
        return THOR_OK;
    for (int64_t b = 0; b < buckets->count; b++)
        most = floats_of(buckets, b) > most ? floats_of(buckets, b) : most;
    moments->bucket = malloc((size_t)most * sizeof(float));
    return moments->bucket ? THOR_OK
                           : thor_fail(error, THOR_E_MEMORY, "no memory for %lld moments", (long long)most);
}

void thor_moments_close(thor_moments *moments)
{
    free(moments->bucket);
    *moments = (thor_moments){ .held = -1 };
}

/* Rank 0 gets a bucket, in the order of the block. */
static void fetch(thor_moments *moments, int which, int64_t b)
{
    const thor_cluster *cluster = moments->trainer->share.cluster;
    const thor_buckets *buckets = &moments->trainer->share.buckets;
    const int64_t *at = thor_bucket_at(buckets, b);
    int64_t asked = which * buckets->count + b;
    size_t bytes;
    if (moments->held == asked)
        return;
    cluster->broadcast(cluster->state, &asked, sizeof asked);
    const float *own = own_slice(moments->trainer, which, b, &bytes);
    memcpy(moments->bucket, own, bytes);
    for (int rank = 1; rank < cluster->size; rank++)
        if (at[rank + 1] > at[rank])
            cluster->receive(cluster->state, rank, moments->bucket + (at[rank] - at[0]),
                             (size_t)(at[rank + 1] - at[rank]) * sizeof(float));
    moments->held = asked;
}

thor_status thor_moments_read(void *context, int which, int64_t first, int64_t count, float *values,
                              thor_error *error)
{
    thor_moments *moments = context;
    const thor_buckets *buckets = &moments->trainer->share.buckets;
    (void)error;
    for (int64_t b = 0; b < buckets->count; b++) {
        const int64_t *at = thor_bucket_at(buckets, b);
        int64_t begin = at[0] > first ? at[0] : first, stop = at[buckets->size];
        stop = stop < first + count ? stop : first + count;
        if (begin >= stop)
            continue;
        fetch(moments, which, b);
        memcpy(values + (begin - first), moments->bucket + (begin - at[0]), (size_t)(stop - begin) * sizeof(float));
    }
    return THOR_OK;
}

void thor_moments_end(thor_moments *moments)
{
    const thor_cluster *cluster = moments->trainer->share.cluster;
    int64_t nothing = -1;
    cluster->broadcast(cluster->state, &nothing, sizeof nothing);
}

void thor_moments_serve(thor_moments *moments)
{
    const thor_cluster *cluster = moments->trainer->share.cluster;
    int64_t count = moments->trainer->share.buckets.count, asked;
    for (;;) {
        size_t bytes;
        cluster->broadcast(cluster->state, &asked, sizeof asked);
        if (asked < 0)
            return;
        const float *own = own_slice(moments->trainer, asked >= count, asked % count, &bytes);
        if (bytes > 0)
            cluster->send(cluster->state, 0, own, bytes);
    }
}

void thor_moments_spread(thor_trainer *trainer, int which, const float *block)
{
    const thor_cluster *cluster = trainer->share.cluster;
    const thor_buckets *buckets = &trainer->share.buckets;
    for (int64_t b = 0; b < buckets->count; b++) {
        const int64_t *at = thor_bucket_at(buckets, b);
        size_t bytes;
        float *own = own_slice(trainer, which, b, &bytes);
        if (cluster->rank > 0 && bytes > 0)
            cluster->receive(cluster->state, 0, own, bytes);
        if (cluster->rank > 0)
            continue;
        memcpy(own, block + at[0], bytes);
        for (int rank = 1; rank < cluster->size; rank++)
            if (at[rank + 1] > at[rank])
                cluster->send(cluster->state, rank, block + at[rank],
                              (size_t)(at[rank + 1] - at[rank]) * sizeof(float));
    }
}
