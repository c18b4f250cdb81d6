#include "pieces/charsmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "pieces/double_array.h"
#include "text/utf8.h"

static void put_codes(thor_bytes *out, const uint32_t *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[4];
        thor_bytes_add(out, text, thor_utf8_put(codes[i], text));
    }
}

static void put_text(thor_charsmap *map, const thor_bytes *from, const thor_bytes *to)
{
    uint32_t known = (uint32_t)map->from.count, source = thor_strings_add(&map->from, from->data, from->count);
    uint32_t target = thor_strings_add(&map->to, to->data ? to->data : "", to->count);
    map->failed = map->failed || source == THOR_ABSENT || target == THOR_ABSENT ||
                  !thor_grow(&map->target, &map->target_room, known, 1, sizeof *map->target);
    if (!map->failed)
        map->target[source] = target;
}

void thor_charsmap_put(thor_charsmap *map, const uint32_t *from, size_t from_count, const uint32_t *to,
                       size_t to_count)
{
    thor_bytes source = { .data = NULL }, target = { .data = NULL };
    put_codes(&source, from, from_count);
    put_codes(&target, to, to_count);
    map->failed = map->failed || source.failed || target.failed;
    if (!map->failed && source.count > 0)
        put_text(map, &source, &target);
    free(source.data);
    free(target.data);
}

void thor_charsmap_remove(thor_charsmap *map, uint32_t from)
{
    char text[4];
    uint32_t source = thor_strings_find(&map->from, text, thor_utf8_put(from, text));
    if (source != THOR_ABSENT)
        map->target[source] = THOR_ABSENT;
}

const char *thor_charsmap_get(const thor_charsmap *map, const char *from, size_t bytes, size_t *count)
{
    uint32_t source = thor_strings_find(&map->from, from, bytes);
    if (source == THOR_ABSENT || map->target[source] == THOR_ABSENT)
        return NULL;
    return thor_strings_text(&map->to, map->target[source], count);
}

static size_t characters(const char *text, size_t bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes; at += thor_utf8_length(text[at]))
        count++;
    return count;
}

/* The bytes of the first `most` characters. */
static size_t first_characters(const char *text, size_t bytes, size_t most)
{
    size_t at = 0;
    for (; at < bytes && most > 0; most--)
        at += thor_utf8_length(text[at]);
    return at;
}

/* What `text` turns into by entries of at most `most` characters. */
static void apply(const thor_charsmap *map, const char *text, size_t bytes, size_t most, thor_bytes *out)
{
    out->count = 0;
    for (size_t at = 0; at < bytes;) {
        size_t length = first_characters(text + at, bytes - at, most), one = thor_utf8_length(text[at]), count = 0;
        const char *target = NULL;
        while (length > 0 && !(target = thor_charsmap_get(map, text + at, length, &count)))
            for (length--; length > 0 && ((unsigned char)text[at + length] & 0xC0) == 0x80;)
                length--;
        thor_bytes_add(out, target ? target : text + at, target ? count : one);
        at += target ? length : one;
    }
}

void thor_charsmap_reduce(thor_charsmap *map)
{
    thor_bytes out = { .data = NULL };
    size_t longest = 1;
    for (size_t length = 2; length <= longest + 1 && !map->failed; length++)
        for (size_t i = 0; i < map->from.count && !map->failed; i++) {
            size_t bytes, count;
            const char *from = thor_strings_text(&map->from, i, &bytes);
            size_t long_as = characters(from, bytes);
            longest = long_as > longest ? long_as : longest;
            if (long_as != length || map->target[i] == THOR_ABSENT)
                continue;
            apply(map, from, bytes, length - 1, &out);
            const char *target = thor_strings_text(&map->to, map->target[i], &count);
            map->failed = out.failed;
            if (out.count == count && memcmp(out.data, target, count) == 0)
                map->target[i] = THOR_ABSENT;
        }
    free(out.data);
}

static size_t collect_keys(const thor_charsmap *map, thor_trie_key *keys)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->from.count; i++) {
        size_t bytes;
        const char *from = thor_strings_text(&map->from, i, &bytes);
        if (map->target[i] == THOR_ABSENT)
            continue;
        /* Target number i has i zero bytes before it. */
        uint32_t place = (uint32_t)(map->to.starts[map->target[i]] + map->target[i]);
        keys[kept++] = (thor_trie_key){ .text = from, .bytes = (uint32_t)bytes, .value = place };
    }
    return thor_trie_keys_sort(keys, kept);
}

thor_status thor_charsmap_compile(const thor_charsmap *map, thor_bytes *out, thor_error *error)
{
    thor_trie_key *keys = map->failed ? NULL : malloc((map->from.count + 1) * sizeof *keys);
    if (!keys)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a character map of %zu entries", map->from.count);
    thor_double_array trie;
    thor_status status = thor_double_array_build(&trie, keys, collect_keys(map, keys), error);
    free(keys);
    THOR_TRY(status);
    unsigned char number[4];
    thor_put32(number, (uint32_t)(4 * trie.count));
    thor_bytes_add(out, number, 4);
    for (size_t i = 0; i < trie.count; i++) {
        thor_put32(number, trie.units[i]);
        thor_bytes_add(out, number, 4);
    }
    free(trie.units);
    for (size_t i = 0; i < map->to.count; i++) {
        size_t bytes;
        const char *to = thor_strings_text(&map->to, i, &bytes);
        thor_bytes_add(out, to, bytes);
        thor_bytes_add_byte(out, 0);
    }
    return thor_bytes_check(out, "a character map", error);
}

void thor_charsmap_free(thor_charsmap *map)
{
    thor_strings_free(&map->from);
    thor_strings_free(&map->to);
    free(map->target);
    *map = (thor_charsmap){ .target = NULL };
}
