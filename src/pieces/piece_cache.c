#include "pieces/piece_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "text/hash_tables.h"

/* A word has one place only, where a later one overwrites it. */
enum { PLACES = 1 << 15, MOST_BYTES = 40, MOST_PIECES = 8 };

struct thor_piece_cache {
    struct remembered {
        char word[MOST_BYTES];
        uint8_t bytes, count;       /* bytes 0: nothing yet */
        uint8_t length[MOST_PIECES];
        int32_t piece[MOST_PIECES];
    } places[PLACES];
};

thor_piece_cache *thor_piece_cache_create(void)
{
    return calloc(1, sizeof(thor_piece_cache));
}

void thor_piece_cache_free(thor_piece_cache *cache)
{
    free(cache);
}

bool thor_piece_cache_get(const thor_piece_cache *cache, const char *word, size_t bytes, size_t start,
                          thor_segments *out)
{
    if (bytes > MOST_BYTES)
        return false;
    const struct remembered *place = &cache->places[thor_text_hash(word, bytes) % PLACES];
    if (place->bytes != bytes || memcmp(place->word, word, bytes) != 0 ||
        !thor_grow(&out->items, &out->room, out->count, place->count, sizeof *out->items))
        return false;
    for (unsigned i = 0; i < place->count; i++) {
        out->items[out->count++] = (thor_segment){ (uint32_t)start, place->length[i], place->piece[i] };
        start += place->length[i];
    }
    return true;
}

void thor_piece_cache_put(thor_piece_cache *cache, const char *word, size_t bytes, const thor_segment *pieces,
                          size_t count)
{
    if (bytes > MOST_BYTES || count > MOST_PIECES)
        return;
    struct remembered *place = &cache->places[thor_text_hash(word, bytes) % PLACES];
    memcpy(place->word, word, bytes);
    place->bytes = (uint8_t)bytes;
    place->count = (uint8_t)count;
    for (size_t i = 0; i < count; i++) {
        place->length[i] = (uint8_t)pieces[i].bytes;
        place->piece[i] = pieces[i].piece;
    }
}
