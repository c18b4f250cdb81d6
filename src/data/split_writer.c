#include "data/split_writer.h"

#include <string.h>

thor_status thor_split_open(thor_split_writer *writer, const char *folder, int32_t pair, thor_split split,
                            int32_t max_pieces, thor_error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->filtered = split != THOR_TEST;
    writer->max_pieces = max_pieces;
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
            char *name = writer->done.columns[side][kind].name;
            thor_column_name(name, pair, split, side, (thor_column_kind)kind);
            THOR_TRY(thor_column_open(&writer->columns[side][kind], folder, name, (thor_column_kind)kind, error));
        }
    for (int side = 0; side < 2; side++)
        THOR_TRY(thor_column_add(&writer->columns[side][THOR_OFFSETS], 0, error));
    return THOR_OK;
}

static thor_status add_sentence(thor_split_writer *writer, int side, const int32_t *ids, int32_t length,
                                thor_error *error)
{
    thor_column_writer *columns = writer->columns[side];
    thor_prepare_counts *counts = &writer->done.counts;
    for (int32_t i = 0; i < length; i++) {
        counts->unknown[side] += ids[i] == THOR_ID_UNK;
        THOR_TRY(thor_column_add(&columns[THOR_IDS], ids[i], error));
    }
    counts->pieces[side] += length;
    if (length > counts->longest[side])
        counts->longest[side] = length;
    return thor_column_add(&columns[THOR_OFFSETS], columns[THOR_IDS].count, error);
}

/* Keeps or drops pair `pair` of the block. */
static thor_status sort_pair(thor_split_writer *writer, const thor_encode_block *block, int64_t pair, thor_error *error)
{
    const int32_t *length = block->length + 2 * pair;
    thor_prepare_counts *counts = &writer->done.counts;
    counts->read++;
    bool empty = length[0] == 0 || length[1] == 0 || block->blank[2 * pair] || block->blank[2 * pair + 1];
    bool too_long = writer->max_pieces > 0 && (length[0] > writer->max_pieces || length[1] > writer->max_pieces);
    if (writer->filtered && (empty || too_long)) {
        counts->empty += empty;
        counts->too_long += !empty;
        return THOR_OK;
    }
    counts->kept++;
    THOR_TRY(add_sentence(writer, 0, thor_encode_block_ids(block, 2 * pair), length[0], error));
    return add_sentence(writer, 1, thor_encode_block_ids(block, 2 * pair + 1), length[1], error);
}

thor_status thor_split_add(thor_split_writer *writer, const thor_encode_block *block, thor_error *error)
{
    for (int64_t pair = 0; pair < block->pairs; pair++)
        THOR_TRY(sort_pair(writer, block, pair, error));
    return THOR_OK;
}

thor_status thor_split_commit(thor_split_writer *writer, thor_error *error)
{
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++) {
            thor_column *column = &writer->done.columns[side][kind];
            char name[48];
            memcpy(name, column->name, sizeof name);
            THOR_TRY(thor_column_commit(&writer->columns[side][kind], name, column, error));
        }
    return THOR_OK;
}

void thor_split_abandon(thor_split_writer *writer)
{
    for (int side = 0; side < 2; side++)
        for (int kind = 0; kind < THOR_COLUMN_KINDS; kind++)
            thor_column_abandon(&writer->columns[side][kind]);
}
