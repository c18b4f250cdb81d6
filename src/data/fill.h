/* Writes sentences of a prepared corpus into the packed rows of a shard. */
#ifndef THOR_DATA_FILL_H
#define THOR_DATA_FILL_H

#include "data/plan.h"
#include "data/sampler.h"

/* What a shard's arrays are made of; zero it first, thor_shard_free last. */
typedef struct thor_shard {
    thor_batch batch;           /* points into the rest */
    int64_t *offsets;           /* [2 (B + 1)] source, target */
    int32_t *ids;               /* [source_rows + 2 target_rows] source, target_in, target_out */
    int32_t *labels;            /* [3 B] source language, target language, task label */
    int64_t *order;             /* [B] places of the sentences in the corpus */
    int64_t offset_room, id_room, label_room, order_room;
} thor_shard;

void thor_shard_free(thor_shard *shard);

/* The sides of entries[0 … count-1], in their order, as model/sequence.h has them. */
thor_status thor_shard_fill(thor_shard *shard, const thor_prepared *corpus, const thor_config *config,
                            const thor_direction *directions, thor_split split, const thor_entry *entries,
                            int64_t count, thor_error *error);

#endif
