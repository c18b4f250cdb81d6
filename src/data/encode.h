/* Blocks of sentence pairs on their way from text to ids. While all threads encode the chunks of one block, one of them
 * may read the next and one write the one before. */
#ifndef THOR_DATA_ENCODE_H
#define THOR_DATA_ENCODE_H

#include "data/side.h"
#include "data/prepare.h"

enum { THOR_BLOCK_PAIRS = 4096, THOR_CHUNK_PAIRS = 64, THOR_BLOCK_CHUNKS = THOR_BLOCK_PAIRS / THOR_CHUNK_PAIRS };

typedef struct thor_block {
    const thor_vocab *vocab;
    char *text;                                 /* all lines, first side, second side, first side … */
    size_t text_count, text_room;
    size_t start[2 * THOR_BLOCK_PAIRS + 1];     /* of line 2 * pair + side */
    int64_t pairs, first_line;                  /* number of the first pair's lines in both files */
    thor_ids ids[THOR_BLOCK_CHUNKS];            /* of each chunk's lines, in order */
    size_t place[2 * THOR_BLOCK_PAIRS];         /* of a line's ids in its chunk's */
    int32_t length[2 * THOR_BLOCK_PAIRS];       /* pieces of a line */
    bool blank[2 * THOR_BLOCK_PAIRS];           /* nothing but blanks */
    thor_status statuses[THOR_BLOCK_CHUNKS];
} thor_block;

/* On the heap, because it is large; NULL without memory. */
thor_block *thor_block_make(const thor_vocab *vocab);
void thor_block_free(thor_block *block);

/* Takes the next pairs of both files; block->pairs is 0 at their end. A file that ends before the other is an error. */
thor_status thor_block_read(thor_block *block, thor_side *first, thor_side *second, thor_error *error);

/* Chunks that the block has, and the ids of one of them: any thread may take any chunk, each once. */
int64_t thor_block_chunks(const thor_block *block);
void thor_block_encode(thor_block *block, int64_t chunk);

/* After all chunks: the first line that the vocabulary refused, with its place in `part`. */
thor_status thor_block_check(thor_block *block, const thor_bitext_part *part, thor_error *error);

/* The ids of line 2 * pair + side. */
static inline const int32_t *thor_block_ids(const thor_block *block, int64_t line)
{
    return block->ids[line / (2 * THOR_CHUNK_PAIRS)].ids + block->place[line];
}

#endif
