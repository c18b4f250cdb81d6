/* The pieces of a normalised text, one after another: a list that grows. */
#ifndef THOR_PIECES_SEGMENTS_H
#define THOR_PIECES_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes start … start + bytes - 1 of the text are this piece of the model (its index in the file). */
typedef struct thor_segment {
    uint32_t start, bytes;
    int32_t piece;
} thor_segment;

typedef struct thor_piece_cache thor_piece_cache;

/* Zero it before the first use, free(items) after the last. */
typedef struct thor_segments {
    thor_segment *items;
    size_t count, room;
    thor_piece_cache *cache;    /* pieces/piece_cache.h, the caller's; NULL: none. It changes the speed alone */
} thor_segments;

/* Appends a segment; false without memory. */
bool thor_segments_add(thor_segments *segments, size_t start, size_t bytes, int32_t piece);

#endif
