/* Blocks of sentence pairs on their way from text to ids. While all threads encode the chunks of one block, one of them
 * may read the next and one write the one before. */
#ifndef THOR_DATA_ENCODE_H
#define THOR_DATA_ENCODE_H

#include "data/bitext.h"
#include "data/side.h"
#include "pieces/encoder.h"

enum { THOR_BLOCK_PAIRS = 4096, THOR_CHUNK_PAIRS = 64, THOR_BLOCK_CHUNKS = THOR_BLOCK_PAIRS / THOR_CHUNK_PAIRS };

typedef struct thor_encode_block {
    const thor_bitext_part *part;               /* the files it was read from */
    thor_bytes text;                            /* all lines, first side, second side, first side … */
    size_t start[2 * THOR_BLOCK_PAIRS + 1];     /* of line 2 * pair + side */
    int64_t pairs, first_line;                  /* number of the first pair's lines in both files */
    thor_ids ids[THOR_BLOCK_CHUNKS];            /* of each chunk's lines, in order */
    size_t place[2 * THOR_BLOCK_PAIRS];         /* of a line's ids in its chunk's */
    int32_t length[2 * THOR_BLOCK_PAIRS];       /* pieces of a line */
    bool blank[2 * THOR_BLOCK_PAIRS];           /* nothing but blanks */
    thor_status statuses[THOR_BLOCK_CHUNKS];
} thor_encode_block;

/* On the heap, because it is large; NULL without memory. */
thor_encode_block *thor_encode_block_make(void);
void thor_encode_block_free(thor_encode_block *block);

/* Takes the next pairs of both files of `part`; block->pairs is 0 at their end. A file that ends before the other is an
 * error. */
thor_status thor_encode_block_read(thor_encode_block *block, const thor_bitext_part *part, thor_side sides[2],
                                   thor_error *error);

/* The ids of one of the block's chunks, 0 … THOR_BLOCK_CHUNKS - 1; chunks behind its last pair are empty. Any thread
 * may take any chunk, with an encoder of its own, each once. */
void thor_encode_block_chunk(thor_encode_block *block, int64_t chunk, const thor_vocab *vocab, thor_encoder *encoder);

/* After all chunks: the first line that the vocabulary refused, with its place in the file. */
thor_status thor_encode_block_check(thor_encode_block *block, const thor_vocab *vocab, thor_error *error);

/* The ids of line 2 * pair + side. */
static inline const int32_t *thor_encode_block_ids(const thor_encode_block *block, int64_t line)
{
    return block->ids[line / (2 * THOR_CHUNK_PAIRS)].ids + block->place[line];
}

#endif
