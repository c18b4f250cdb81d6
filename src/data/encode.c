#include "data/encode.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_TEXT = 1 << 22 }; /* bytes after which a block is full; one line may be longer */

thor_block *thor_block_make(const thor_vocab *vocab)
{
    thor_block *block = calloc(1, sizeof *block);
    if (block)
        block->vocab = vocab;
    return block;
}

void thor_block_free(thor_block *block)
{
    if (!block)
        return;
    for (int chunk = 0; chunk < THOR_BLOCK_CHUNKS; chunk++)
        free(block->ids[chunk].ids);
    free(block->text);
    free(block);
}

static thor_status add_line(thor_block *block, int64_t line, const char *text, size_t count, thor_error *error)
{
    if (block->text_room - block->text_count < count) {
        size_t room = 2 * (block->text_count + count);
        char *longer = realloc(block->text, room);
        if (!longer)
            return thor_fail(error, THOR_E_MEMORY, "no memory for %zu bytes of text", room);
        block->text = longer;
        block->text_room = room;
    }
    if (count > 0)
        memcpy(block->text + block->text_count, text, count);
    block->start[line] = block->text_count;
    block->text_count += count;
    block->start[line + 1] = block->text_count;
    block->blank[line] = true;
    for (size_t i = 0; i < count && block->blank[line]; i++)
        block->blank[line] = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
    return THOR_OK;
}

thor_status thor_block_read(thor_block *block, thor_side *first, thor_side *second, thor_error *error)
{
    thor_side *lines[2] = { first, second };
    block->pairs = 0;
    block->text_count = 0;
    block->first_line = first->number + 1;
    while (block->pairs < THOR_BLOCK_PAIRS && block->text_count < MOST_TEXT) {
        bool more[2];
        for (int side = 0; side < 2; side++) {
            const char *text;
            size_t count;
            THOR_TRY(thor_side_next(lines[side], &text, &count, &more[side], error));
            if (more[side])
                THOR_TRY(add_line(block, 2 * block->pairs + side, text, count, error));
        }
        if (more[0] != more[1])
            return thor_fail(error, THOR_E_FORMAT,
                             "%s ends before %s, which it did not a moment ago; is somebody writing to them?",
                             lines[more[0]]->path, lines[more[1]]->path);
        if (!more[0])
            return THOR_OK;
        block->pairs++;
    }
    return THOR_OK;
}

static thor_status encode_line(thor_block *block, int64_t line, thor_error *error)
{
    thor_ids *ids = &block->ids[line / (2 * THOR_CHUNK_PAIRS)];
    block->place[line] = ids->count;
    THOR_TRY(thor_vocab_encode(block->vocab, block->text + block->start[line],
                               block->start[line + 1] - block->start[line], ids, error));
    block->length[line] = (int32_t)(ids->count - block->place[line]);
    return THOR_OK;
}

int64_t thor_block_chunks(const thor_block *block)
{
    return (block->pairs + THOR_CHUNK_PAIRS - 1) / THOR_CHUNK_PAIRS;
}

void thor_block_encode(thor_block *block, int64_t chunk)
{
    int64_t line = chunk * 2 * THOR_CHUNK_PAIRS, last = line + 2 * THOR_CHUNK_PAIRS;
    if (last > 2 * block->pairs)
        last = 2 * block->pairs;
    block->ids[chunk].count = 0;
    block->statuses[chunk] = THOR_OK;
    for (; line < last && block->statuses[chunk] == THOR_OK; line++)
        block->statuses[chunk] = encode_line(block, line, NULL);
}

/* The first line that the vocabulary refuses, with its place in the file. */
static thor_status explain(thor_block *block, const thor_bitext_part *part, thor_error *error)
{
    for (int64_t line = 0; line < 2 * block->pairs; line++) {
        thor_error inner = { .code = THOR_OK };
        thor_status status = encode_line(block, line, &inner);
        if (status != THOR_OK)
            return thor_fail(error, status, "%s:%lld: %.700s", part->path[line % 2],
                             (long long)(block->first_line + line / 2), inner.text);
    }
    return thor_fail(error, THOR_E_FAILED, "%s: could not be encoded", part->path[0]);
}

thor_status thor_block_check(thor_block *block, const thor_bitext_part *part, thor_error *error)
{
    for (int64_t chunk = 0; chunk < thor_block_chunks(block); chunk++)
        if (block->statuses[chunk] != THOR_OK)
            return explain(block, part, error);
    return THOR_OK;
}
