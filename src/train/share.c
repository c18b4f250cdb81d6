#include "train/share.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/agree.h"
#include "train/shard.h"

/* What a process tells of its shards; their losses follow. */
typedef struct head {
    int64_t updates;            /* done: all have to be at the same one */
    int32_t status;
} head;

static int32_t most_shards(int32_t shards, int size)
{
    return (shards + size - 1) / size;
}

static thor_status take_records(thor_share *share, int32_t shards, thor_error *error)
{
    int size = share->cluster->size;
    share->record = sizeof(head) + (size_t)most_shards(shards, size) * sizeof(thor_losses);
    share->own = calloc(1, share->record);
    share->all = calloc((size_t)size, share->record);
    return share->own && share->all ? THOR_OK
                                    : thor_fail(error, THOR_E_MEMORY, "no memory for the losses of %d processes", size);
}

thor_status thor_share_open(thor_trainer *trainer, const thor_cluster *cluster, int64_t bucket, int32_t shards,
                            thor_error *error)
{
    thor_share *share = &trainer->share;
    thor_gradient_norm *norm = &trainer->norm;
    share->cluster = cluster;
    int64_t *starts = calloc((size_t)norm->count, sizeof *starts);
    if (!starts)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the places of %lld pieces", (long long)norm->count);
    thor_gradient_norm_starts(norm, starts);
    thor_status status = thor_buckets_open(&share->buckets, starts, norm->count, trainer->model->params.floats, bucket,
                                           cluster->size, error);
    free(starts);
    THOR_TRY(status);
    share->owned = share->buckets.owned[cluster->rank];
    THOR_TRY(thor_gradient_norm_share(norm, cluster, &share->buckets, error));
    THOR_TRY(thor_exchange_open(&share->exchange, cluster, &share->buckets, &trainer->compute->par, shards, error));
    return take_records(share, shards, error);
}

void thor_share_close(thor_share *share)
{
    thor_exchange_close(&share->exchange);
    thor_buckets_close(&share->buckets);
    free(share->own);
    free(share->all);
    *share = (thor_share){ .cluster = NULL };
}

/* ---- shards ---------------------------------------------------------------------------------------------------- */

static thor_losses *losses_of(char *record)
{
    return (thor_losses *)(void *)(record + sizeof(head));
}

/* One partial, made above those that are finished. */
static thor_status run_partial(thor_trainer *trainer, const thor_partial *partial, int before, const thor_batch *shards,
                               thor_pass_options *options, int32_t first, thor_error *error)
{
    thor_reduce tree = thor_reduce_start(trainer->compute, trainer->gradients + before, trainer->model->params.floats);
    for (int32_t shard = partial->first; shard < partial->end; shard++) {
        thor_losses *losses = losses_of(trainer->share.own) + (shard - first);
        options->shard = (uint32_t)shard;
        options->gradients = thor_reduce_next(&tree);
        *losses = (thor_losses){ .tokens = 0 };
        THOR_TRY(thor_shard_run(trainer, &tree, &shards[shard], options, losses, error));
    }
    thor_reduce_finish(&tree);
    return THOR_OK;
}

static thor_status run_own(thor_trainer *trainer, const thor_batch *shards, int32_t count,
                           const thor_step_report *report, thor_error *error)
{
    const thor_exchange *exchange = &trainer->share.exchange;
    const thor_cluster *cluster = trainer->share.cluster;
    thor_pass_options options = thor_shard_options(trainer, report);
    int32_t first, end;
    int before = 0;
    thor_shards_of(count, cluster->size, cluster->rank, &first, &end);
    for (int32_t p = 0; p < exchange->partial_count; p++)
        if (exchange->partials[p].rank == cluster->rank)
            THOR_TRY(run_partial(trainer, &exchange->partials[p], before++, shards, &options, first, error));
    return THOR_OK;
}

thor_status thor_share_run(thor_trainer *trainer, const thor_batch *shards, int32_t count,
                           const thor_step_report *report, thor_error *error)
{
    thor_share *share = &trainer->share;
    const thor_cluster *cluster = share->cluster;
    head *own = (head *)(void *)share->own;
    thor_exchange_begin(&share->exchange, count);
    *own = (head){ .updates = trainer->updates };
    thor_status status = run_own(trainer, shards, count, report, error);
    own->status = (int32_t)status;
    cluster->exchange(cluster->state, share->own, share->record, share->all);
    for (int rank = 0; rank < cluster->size; rank++) {
        const head *other = (const head *)(const void *)(share->all + (size_t)rank * share->record);
        if (other->updates != trainer->updates && status == THOR_OK)
            status = thor_fail(error, THOR_E_FAILED, "ranks are out of step: update %lld here, %lld on rank %d (%.60s)",
                               (long long)trainer->updates, (long long)other->updates, rank, cluster->hosts[rank]);
    }
    /* Ranks have their shards in ascending order, so the lowest rank that failed has the lowest such shard. */
    return thor_cluster_agree(cluster, status, error);
}

const thor_losses *thor_share_losses(const thor_share *share, int32_t shard, int32_t count)
{
    int32_t first = 0, end = 0;
    int rank = -1;
    while (shard >= end)
        thor_shards_of(count, share->cluster->size, ++rank, &first, &end);
    return losses_of(share->all + (size_t)rank * share->record) + (shard - first);
}

/* ---- update ---------------------------------------------------------------------------------------------------- */

void thor_share_update(thor_trainer *trainer, const thor_adam_scalars *scalars)
{
    const thor_share *share = &trainer->share;
    const thor_cluster *cluster = share->cluster;
    float *values = trainer->model->values;
    for (int64_t b = 0; b < share->buckets.count; b++) {
        const int64_t *at = thor_bucket_at(&share->buckets, b);
        int64_t begin = at[cluster->rank], packed = share->buckets.packed[b * cluster->size + cluster->rank];
        thor_adam_run(trainer->compute, scalars, values + begin, trainer->m + packed, trainer->v + packed,
                      trainer->gradients[0] + begin, at[cluster->rank + 1] - begin);
        cluster->all_gather(cluster->state, values, at);
    }
}
