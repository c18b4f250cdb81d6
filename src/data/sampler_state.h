/* The inside of a sampler, shared by the files that open it and draw from it. */
#ifndef THOR_DATA_SAMPLER_STATE_H
#define THOR_DATA_SAMPLER_STATE_H

#include "data/fill.h"
#include "data/format.h"
#include "data/plan.h"
#include "data/sampler.h"
#include "model/sequence.h"

/* The sentences of one pair and split that may be used. */
typedef struct thor_usable {
    int64_t count;
    uint32_t *items;            /* [count]; NULL: all of them, 0 … count-1 */
} thor_usable;

struct thor_sampler {
    const thor_prepared *corpus;
    const thor_config *config;
    thor_direction *directions;
    int32_t count;
    thor_usable (*usable)[THOR_SPLITS];      /* [pairs] */
    double *shares;             /* [count] */
    int64_t *counts;            /* [count] of the epoch that is planned */
    int64_t virtual_size;
    int64_t longest[2], least;  /* of train and valid: longest source and target side, smallest size of a sentence */
    thor_plan epoch_plan, fixed_plan;
    int64_t epoch;              /* that epoch_plan holds; -1: none */
    thor_split fixed_split;
    int32_t fixed_direction;    /* that fixed_plan holds; -1: none */
    thor_shard *shards;         /* [batch.shards] */
    thor_batch *batches;        /* [batch.shards] */
    thor_shard fixed_shard;
};

static inline uint32_t thor_usable_at(const thor_usable *list, uint32_t index)
{
    return list->items ? list->items[index] : index;
}

/* Pieces of one side of a sentence, and the length of a side with what stands around it. */
static inline int64_t thor_side_pieces(const thor_sampler *sampler, int32_t pair, thor_split split, int side,
                                       int64_t sentence)
{
    const int64_t *offsets = sampler->corpus->files->pairs[pair][split][side][THOR_OFFSETS].values;
    return offsets[sentence + 1] - offsets[sentence];
}

static inline int64_t thor_source_length(const thor_sampler *sampler, const thor_direction *direction, thor_split split,
                                         int64_t sentence)
{
    return thor_side_pieces(sampler, direction->pair, split, direction->source_side, sentence) +
           thor_source_extra(sampler->config);
}

static inline int64_t thor_target_length(const thor_sampler *sampler, const thor_direction *direction, thor_split split,
                                         int64_t sentence)
{
    return thor_side_pieces(sampler, direction->pair, split, 1 - direction->source_side, sentence) + THOR_TARGET_EXTRA;
}

#endif
