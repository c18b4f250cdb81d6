#include "data/encode.h"

#include <stdlib.h>

enum { MOST_TEXT = 1 << 22 };   /* bytes after which a block is full; one line may be longer */

thor_encode_block *thor_encode_block_make(void)
{
    return calloc(1, sizeof(thor_encode_block));
}

void thor_encode_block_free(thor_encode_block *block)
{
    if (!block)
        return;
    for (int chunk = 0; chunk < THOR_BLOCK_CHUNKS; chunk++)
        free(block->ids[chunk].ids);
    thor_bytes_free(&block->text);
    free(block);
}

static thor_status add_line(thor_encode_block *block, int64_t line, const char *text, size_t count, thor_error *error)
{
    block->start[line] = block->text.count;
    thor_bytes_add(&block->text, text, count);
    block->start[line + 1] = block->text.count;
    block->blank[line] = true;
    for (size_t i = 0; i < count && block->blank[line]; i++)
        block->blank[line] = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
    return thor_bytes_check(&block->text, "lines to encode", error);
}

thor_status thor_encode_block_read(thor_encode_block *block, const thor_bitext_part *part, thor_side sides[2],
                                   thor_error *error)
{
    block->part = part;
    block->pairs = 0;
    block->text.count = 0;
    block->first_line = sides[0].number + 1;
    while (block->pairs < THOR_BLOCK_PAIRS && block->text.count < MOST_TEXT) {
        bool more[2];
        for (int side = 0; side < 2; side++) {
            const char *text;
            size_t count;
            THOR_TRY(thor_side_next(&sides[side], &text, &count, &more[side], error));
            if (more[side])
                THOR_TRY(add_line(block, 2 * block->pairs + side, text, count, error));
        }
        if (more[0] != more[1])
            return thor_fail(error, THOR_E_FORMAT,
                             "%s ends before %s, although both had as many lines when they were checked; is another "
                             "program writing to them?",
                             part->path[more[0]], part->path[more[1]]);
        if (!more[0])
            return THOR_OK;
        block->pairs++;
    }
    return THOR_OK;
}

static thor_status encode_line(thor_encode_block *block, int64_t line, const thor_vocab *vocab, thor_encoder *encoder,
                               thor_error *error)
{
    thor_ids *ids = &block->ids[line / (2 * THOR_CHUNK_PAIRS)];
    block->place[line] = ids->count;
    if (block->start[line + 1] > block->start[line])    /* without any text there may be no bytes at all */
        THOR_TRY(thor_encoder_line(encoder, vocab, block->text.data + block->start[line],
                                   block->start[line + 1] - block->start[line], ids, error));
    block->length[line] = (int32_t)(ids->count - block->place[line]);
    return THOR_OK;
}

void thor_encode_block_chunk(thor_encode_block *block, int64_t chunk, const thor_vocab *vocab, thor_encoder *encoder)
{
    int64_t line = chunk * 2 * THOR_CHUNK_PAIRS, last = line + 2 * THOR_CHUNK_PAIRS;
    if (last > 2 * block->pairs)
        last = 2 * block->pairs;
    block->ids[chunk].count = 0;
    block->statuses[chunk] = THOR_OK;
    for (; line < last && block->statuses[chunk] == THOR_OK; line++)
        block->statuses[chunk] = encode_line(block, line, vocab, encoder, NULL);
}

/* The first line that the vocabulary refuses. */
static thor_status explain(thor_encode_block *block, const thor_vocab *vocab, thor_error *error)
{
    thor_encoder encoder = { .normal = { .data = NULL } };
    thor_status status = THOR_OK;
    thor_error inner = { .code = THOR_OK };
    int64_t line = 0;
    while (line < 2 * block->pairs && (status = encode_line(block, line, vocab, &encoder, &inner)) == THOR_OK)
        line++;
    thor_encoder_free(&encoder);
    return status == THOR_OK ? thor_fail(error, THOR_E_FAILED, "%s: could not be encoded", block->part->path[0])
                             : thor_fail(error, status, "%s:%lld: %.700s", block->part->path[line % 2],
                                         (long long)(block->first_line + line / 2), inner.text);
}

thor_status thor_encode_block_check(thor_encode_block *block, const thor_vocab *vocab, thor_error *error)
{
    for (int64_t chunk = 0; chunk < THOR_BLOCK_CHUNKS; chunk++)
        if (block->statuses[chunk] != THOR_OK)
            return explain(block, vocab, error);
    return THOR_OK;
}
