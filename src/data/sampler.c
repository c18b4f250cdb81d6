#include "data/sampler.h"

#include <stdlib.h>

#include "base/prefetch.h"
#include "data/sampler_state.h"
#include "data/shares.h"

enum { SHUFFLE_SENTENCES = 0, SHUFFLE_BATCHES = 1 }; /* shards of THOR_SITE_SHUFFLE */

/* ---- an epoch ---------------------------------------------------------------------------------------------------- */

static uint16_t short_length(int64_t length)
{
    return length < THOR_LENGTH_MOST ? (uint16_t)length : THOR_LENGTH_MOST;
}

static void add_entry(thor_sampler *sampler, thor_plan *plan, int32_t number, thor_split split, uint32_t index)
{
    const thor_direction *direction = &sampler->directions[number];
    uint32_t sentence = thor_usable_at(&sampler->usable[direction->pair][split], index);
    plan->entries[plan->entry_count++] = (thor_entry){
        .sentence = sentence,
        .direction = (uint16_t)number,
        .source = short_length(thor_source_length(sampler, direction, split, sentence)),
        .target = short_length(thor_target_length(sampler, direction, split, sentence)),
    };
}

enum { AHEAD = 16 };            /* sentences whose offsets are on their way from memory */

/* The offsets lie at random places of megabytes; they are asked for before they are read. */
static void fetch_offsets(const thor_sampler *sampler, int32_t pair, uint32_t index)
{
    uint32_t sentence = thor_usable_at(&sampler->usable[pair][THOR_TRAIN], index);
    for (int side = 0; side < 2; side++) {
        const int64_t *offsets = sampler->corpus->files->pairs[pair][THOR_TRAIN][side][THOR_OFFSETS].values;
        THOR_PREFETCH(&offsets[sentence]);
    }
}

/* Step 2 of sampler.h for one direction. */
static thor_status draw(thor_sampler *sampler, thor_plan *plan, int32_t number, int64_t epoch, thor_error *error)
{
    thor_rng rng = thor_rng_make(sampler->config->seed, THOR_SITE_SAMPLE, (uint32_t)epoch, (uint32_t)number);
    int64_t n = sampler->usable[sampler->directions[number].pair][THOR_TRAIN].count, wanted = sampler->counts[number];
    int64_t room = wanted > n ? wanted : n;
    uint32_t *items = malloc(((size_t)room + 1) * sizeof *items);
    if (!items)
        return thor_fail(error, THOR_E_MEMORY, "no memory to draw from %lld sentences", (long long)n);
    for (int64_t k = 0; k < room; k++)
        items[k] = wanted > n ? (uint32_t)thor_rng_below(&rng, (uint64_t)k, (uint64_t)n) : (uint32_t)k;
    if (wanted <= n)
        thor_shuffle_words(items, n, wanted, &rng);
    for (int64_t k = 0; k < wanted; k++) {
        if (k + AHEAD < wanted)
            fetch_offsets(sampler, sampler->directions[number].pair, items[k + AHEAD]);
        add_entry(sampler, plan, number, THOR_TRAIN, items[k]);
    }
    free(items);
    return THOR_OK;
}

static thor_status plan_epoch(thor_sampler *sampler, int64_t epoch, thor_error *error)
{
    if (epoch < 0 || epoch > UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "epoch %lld; expected 0 to %u", (long long)epoch, UINT32_MAX);
    if (epoch == sampler->epoch)
        return THOR_OK;
    sampler->epoch = -1;
    uint64_t seed = sampler->config->seed;
    thor_rng counts = thor_rng_make(seed, THOR_SITE_SAMPLE, (uint32_t)epoch, (uint32_t)sampler->count);
    thor_rng sentences = thor_rng_make(seed, THOR_SITE_SHUFFLE, (uint32_t)epoch, SHUFFLE_SENTENCES);
    thor_rng batches = thor_rng_make(seed, THOR_SITE_SHUFFLE, (uint32_t)epoch, SHUFFLE_BATCHES);
    thor_plan *plan = &sampler->epoch_plan;
    thor_share_counts(sampler->counts, sampler->shares, sampler->count, sampler->virtual_size, &counts);
    THOR_TRY(thor_plan_clear(plan, sampler->virtual_size, error));
    for (int32_t i = 0; i < sampler->count; i++)
        THOR_TRY(draw(sampler, plan, i, epoch, error));
    thor_shuffle_entries(plan->entries, plan->entry_count, &sentences);
    THOR_TRY(thor_plan_sort(plan, error));
    THOR_TRY(thor_plan_cut(plan, sampler->config->batch.max_tokens, error));
    thor_shuffle_words(plan->order, plan->batch_count, plan->batch_count, &batches);
    sampler->epoch = epoch;
    return THOR_OK;
}

static thor_status fill(thor_sampler *sampler, thor_shard *shard, const thor_plan *plan, thor_split split,
                        int64_t index, thor_error *error)
{
    uint32_t batch = plan->order[index];
    return thor_shard_fill(shard, sampler->corpus, sampler->config, sampler->directions, split,
                           plan->entries + plan->starts[batch], plan->starts[batch + 1] - plan->starts[batch], error);
}

thor_status thor_sampler_next(thor_sampler *sampler, thor_position *position, const thor_batch **shards, int32_t *count,
                              thor_error *error)
{
    thor_position at = *position;
    THOR_TRY(plan_epoch(sampler, at.epoch, error));
    if (at.batch < 0 || at.batch > sampler->epoch_plan.batch_count)
        return thor_fail(error, THOR_E_FORMAT,
                         "batch %lld of epoch %lld does not exist, the epoch has %lld; the "
                         "corpus or batch settings are not those of the saved state",
                         (long long)at.batch, (long long)at.epoch, (long long)sampler->epoch_plan.batch_count);
    if (at.batch == sampler->epoch_plan.batch_count) {
        at = (thor_position){ .epoch = at.epoch + 1 };
        THOR_TRY(plan_epoch(sampler, at.epoch, error));
    }
    int32_t taken = 0;
    for (; taken < sampler->config->batch.shards && at.batch < sampler->epoch_plan.batch_count; taken++, at.batch++) {
        THOR_TRY(fill(sampler, &sampler->shards[taken], &sampler->epoch_plan, THOR_TRAIN, at.batch, error));
        sampler->batches[taken] = sampler->shards[taken].batch;
    }
    *shards = sampler->batches;
    *count = taken;
    *position = at;
    return THOR_OK;
}

/* ---- fixed order ------------------------------------------------------------------------------------------------- */

static thor_status plan_fixed(thor_sampler *sampler, thor_split split, int32_t direction, thor_error *error)
{
    if (sampler->fixed_direction == direction && sampler->fixed_split == split)
        return THOR_OK;
    sampler->fixed_direction = -1;
    thor_plan *plan = &sampler->fixed_plan;
    int64_t count = sampler->usable[sampler->directions[direction].pair][split].count;
    THOR_TRY(thor_plan_clear(plan, count, error));
    for (int64_t i = 0; i < count; i++)
        add_entry(sampler, plan, direction, split, (uint32_t)i);
    THOR_TRY(thor_plan_sort(plan, error));
    THOR_TRY(thor_plan_cut(plan, sampler->config->batch.max_tokens, error));
    sampler->fixed_direction = direction;
    sampler->fixed_split = split;
    return THOR_OK;
}

thor_status thor_sampler_fixed(thor_sampler *sampler, thor_split split, int32_t direction, int64_t index,
                               const thor_batch **batch, const int64_t **order, thor_error *error)
{
    if (direction < 0 || direction >= sampler->count || index < 0)
        return thor_fail(error, THOR_E_USAGE, "batch %lld of direction %d; there are %d directions", (long long)index,
                         (int)direction, (int)sampler->count);
    THOR_TRY(plan_fixed(sampler, split, direction, error));
    thor_shard *shard = &sampler->fixed_shard;
    if (index >= sampler->fixed_plan.batch_count)
        shard->batch = (thor_batch){ .sentences = 0 };
    else
        THOR_TRY(fill(sampler, shard, &sampler->fixed_plan, split, index, error));
    *batch = &shard->batch;
    if (order)
        *order = shard->order;
    return THOR_OK;
}
