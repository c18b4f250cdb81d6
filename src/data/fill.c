#include "data/fill.h"

#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "model/sequence.h"
#include "pieces/vocab.h"

void thor_shard_free(thor_shard *shard)
{
    free(shard->offsets);
    free(shard->ids);
    free(shard->labels);
    free(shard->order);
    *shard = (thor_shard){ .offsets = NULL };
}

/* One side of one sentence as the corpus has it. */
typedef struct sentence {
    const int32_t *ids;
    int32_t count;
} sentence;

static sentence find(const thor_prepared *corpus, const thor_direction *direction, thor_split split, uint32_t index,
                     bool target)
{
    sentence found;
    int side = target ? 1 - direction->source_side : direction->source_side;
    found.ids = thor_prepared_ids(corpus, direction->pair, split, side, index, &found.count);
    return found;
}

/* Room for `count` more items than nothing; what was there is forgotten. */
static void *make_room(void *items, int64_t *room, int64_t count, size_t size)
{
    if (count <= *room && items)
        return items;
    free(items);
    *room = count + count / 4;
    return malloc(((size_t)*room + 1) * size);
}

static thor_status measure(thor_shard *shard, const thor_prepared *corpus, const thor_direction *directions,
                           thor_split split, const thor_entry *entries, int64_t count, int64_t extra,
                           thor_error *error)
{
    int64_t source_rows = 0, target_rows = 0;
    for (int64_t b = 0; b < count; b++) {
        const thor_direction *direction = &directions[entries[b].direction];
        source_rows += find(corpus, direction, split, entries[b].sentence, false).count + extra;
        target_rows += find(corpus, direction, split, entries[b].sentence, true).count + THOR_TARGET_EXTRA;
    }
    shard->batch = (thor_batch){ .sentences = count, .source_rows = source_rows, .target_rows = target_rows };
    shard->offsets = make_room(shard->offsets, &shard->offset_room, 2 * (count + 1), sizeof *shard->offsets);
    shard->ids = make_room(shard->ids, &shard->id_room, source_rows + 2 * target_rows, sizeof *shard->ids);
    shard->labels = make_room(shard->labels, &shard->label_room, 3 * count, sizeof *shard->labels);
    shard->order = make_room(shard->order, &shard->order_room, count, sizeof *shard->order);
    if (!shard->offsets || !shard->ids || !shard->labels || !shard->order) {
        thor_shard_free(shard);
        return thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld sentences and %lld tokens",
                         (long long)count, (long long)(source_rows + target_rows));
    }
    return THOR_OK;
}

/* Where the next sentence goes. */
typedef struct cursor {
    int32_t *source, *target_in, *target_out;
} cursor;

static void copy_ids(int32_t *to, sentence from)
{
    if (from.count > 0)
        memcpy(to, from.ids, (size_t)from.count * sizeof *to);
}

static void write_source(cursor *at, const thor_config *config, const thor_direction *direction, sentence words)
{
    copy_ids(thor_source_frame(at->source, config, direction->source_language, words.count), words);
    at->source += words.count + thor_source_extra(config);
}

static void write_target(cursor *at, const thor_config *config, const thor_direction *direction, sentence words)
{
    thor_target_frame(at->target_in, at->target_out, config, direction->target_language, words.count);
    copy_ids(at->target_in + 2, words);
    copy_ids(at->target_out + 1, words);
    at->target_in += words.count + THOR_TARGET_EXTRA;
    at->target_out += words.count + THOR_TARGET_EXTRA;
}

thor_status thor_shard_fill(thor_shard *shard, const thor_prepared *corpus, const thor_config *config,
                            const thor_direction *directions, thor_split split, const thor_entry *entries,
                            int64_t count, thor_error *error)
{
    THOR_TRY(measure(shard, corpus, directions, split, entries, count, thor_source_extra(config), error));
    thor_batch *batch = &shard->batch;
    int64_t *source_offset = shard->offsets, *target_offset = shard->offsets + count + 1;
    cursor at = { shard->ids, shard->ids + batch->source_rows, shard->ids + batch->source_rows + batch->target_rows };
    batch->source = at.source;
    batch->target_in = at.target_in;
    batch->target_out = at.target_out;
    batch->source_offset = source_offset;
    batch->target_offset = target_offset;
    batch->source_language = shard->labels;
    batch->target_language = shard->labels + count;
    batch->task_label = shard->labels + 2 * count;
    source_offset[0] = target_offset[0] = 0;
    for (int64_t b = 0; b < count; b++) {
        const thor_direction *direction = &directions[entries[b].direction];
        write_source(&at, config, direction, find(corpus, direction, split, entries[b].sentence, false));
        write_target(&at, config, direction, find(corpus, direction, split, entries[b].sentence, true));
        source_offset[b + 1] = at.source - batch->source;
        target_offset[b + 1] = at.target_in - batch->target_in;
        batch->source_width = thor_larger(batch->source_width, source_offset[b + 1] - source_offset[b]);
        batch->target_width = thor_larger(batch->target_width, target_offset[b + 1] - target_offset[b]);
        shard->labels[b] = direction->source_language;
        shard->labels[count + b] = direction->target_language;
        shard->labels[2 * count + b] = direction->label;
        shard->order[b] = entries[b].sentence;
    }
    return THOR_OK;
}
