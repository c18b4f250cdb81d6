/* Short words and their pieces, remembered: most words of a text have stood in it before. One thread uses it, for one
 * vocabulary. */
#ifndef THOR_PIECES_PIECE_CACHE_H
#define THOR_PIECES_PIECE_CACHE_H

#include "pieces/segments.h"

/* NULL without memory. */
thor_piece_cache *thor_piece_cache_create(void);
void thor_piece_cache_free(thor_piece_cache *cache);

/* Appends the pieces of the word that starts at `start`. False when it is not known (or there is no memory). */
bool thor_piece_cache_get(const thor_piece_cache *cache, const char *word, size_t bytes, size_t start,
                          thor_segments *out);

/* Remembers the pieces of a word; long words and those of many pieces are not. */
void thor_piece_cache_put(thor_piece_cache *cache, const char *word, size_t bytes, const thor_segment *pieces,
                          size_t count);

#endif
