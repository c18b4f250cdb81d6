#include "pieces/nfkc_map.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* A compatibility decomposition has at most 18 characters (U+FDFA). */
enum { MOST = 32, LAST_CODE = 0x10FFFF };

/* Characters by what they decompose to, when that is one character: lists in ascending order. */
typedef struct origins {
    thor_map64 first;           /* normal form to the index of its first origin */
    struct origin {
        uint32_t code, next;
    } *items;
    size_t count, room;
} origins;

typedef struct builder {
    thor_charsmap *map;
    origins same;
    thor_strings sequences;     /* decompositions of several characters, each 4 bytes */
} builder;

static bool is_character(uint32_t code)
{
    bool surrogate = code >= 0xD800 && code < 0xE000, none = (code & 0xFFFE) == 0xFFFE;
    return !surrogate && !none && !(code >= 0xFDD0 && code <= 0xFDEF);
}

/* The canonical order of marks: by combining class, equal ones as they stand. */
static void order_marks(int32_t *codes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0; j--) {
            int left = utf8proc_get_property(codes[j - 1])->combining_class;
            int right = utf8proc_get_property(codes[j])->combining_class;
            if (right == 0 || left <= right)
                break;
            int32_t swap = codes[j];
            codes[j] = codes[j - 1];
            codes[j - 1] = swap;
        }
}

static size_t decompose(uint32_t code, int32_t *codes)
{
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)code, codes, MOST,
                                                     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STABLE, &boundary);
    if (count < 1 || count > MOST) {
        codes[0] = (int32_t)code;
        return 1;
    }
    order_marks(codes, (size_t)count);
    return (size_t)count;
}

static size_t compose(int32_t *codes, size_t count)
{
    utf8proc_ssize_t left = utf8proc_normalize_utf32(codes, (utf8proc_ssize_t)count,
                                                     UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    return left < 1 ? count : (size_t)left;
}

static void put(thor_charsmap *map, const uint32_t *from, size_t from_count, const int32_t *to, size_t to_count)
{
    uint32_t codes[MOST];
    for (size_t i = 0; i < to_count; i++)
        codes[i] = (uint32_t)to[i];
    thor_charsmap_put(map, from, from_count, codes, to_count);
}

static bool add_origin(origins *o, uint32_t normal, uint32_t code)
{
    uint32_t first = thor_map64_get(&o->first, normal), index = (uint32_t)o->count;
    if (!thor_grow(&o->items, &o->room, index, 1, sizeof *o->items) ||
        !thor_map64_put(&o->first, normal, index))
        return false;
    o->items[o->count++] = (struct origin){ .code = code, .next = first };
    return true;
}

/* One character: its own entry, and what is needed for the sequences. */
static bool look_at(builder *b, uint32_t code)
{
    int32_t codes[MOST], composed[MOST];
    size_t count = decompose(code, codes);
    if (count == 1 && codes[0] == (int32_t)code)
        return true;
    bool fits = count == 1 ? add_origin(&b->same, (uint32_t)codes[0], code)
                           : thor_strings_add(&b->sequences, (const char *)codes, count * sizeof *codes) != THOR_ABSENT;
    memcpy(composed, codes, count * sizeof *codes);
    count = compose(composed, count);
    if (count != 1 || composed[0] != (int32_t)code)
        put(b->map, &code, 1, composed, count);
    return fits;
}

/* Every sequence that decomposes to `codes`, character by character, composes to the same text. */
static void put_variants(builder *b, const int32_t *codes, size_t count, const int32_t *composed, size_t composed_count)
{
    uint32_t from[MOST], at[MOST];      /* at: the origin in turn; THOR_ABSENT: the character itself */
    for (size_t i = 0; i < count; i++)
        at[i] = thor_map64_get(&b->same.first, (uint64_t)codes[i]);
    uint32_t first[MOST];
    memcpy(first, at, count * sizeof *at);
    for (size_t place = 0; place < count;) {
        for (size_t i = 0; i < count; i++)
            from[i] = at[i] == THOR_ABSENT ? (uint32_t)codes[i] : b->same.items[at[i]].code;
        put(b->map, from, count, composed, composed_count);
        for (place = 0; place < count && at[place] == THOR_ABSENT; place++)
            at[place] = first[place];
        if (place < count)
            at[place] = b->same.items[at[place]].next;
    }
}

static void put_sequences(builder *b)
{
    for (size_t i = 0; i < b->sequences.count; i++) {
        int32_t codes[MOST], composed[MOST];
        size_t bytes;
        const char *text = thor_strings_text(&b->sequences, i, &bytes);
        size_t count = bytes / sizeof *codes;
        memcpy(codes, text, bytes);
        memcpy(composed, text, bytes);
        size_t composed_count = compose(composed, count);
        if (composed_count != count || memcmp(codes, composed, bytes) != 0)
            put_variants(b, codes, count, composed, composed_count);
    }
}

/* The rules that nmt_nfkc adds (SentencePiece's builder): controls, blanks of every kind, the full-width tilde. */
static void add_nmt(thor_charsmap *map)
{
    static const uint32_t blanks[] = { 0x09,   0x0A,   0x0C,   0x0D,   0x1680, 0x200B, 0x200C,
                                       0x200E, 0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD };
    static const uint32_t gone[] = { 0x0B, 0x7F, 0x8F, 0x9F }, blank = ' ';
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        thor_charsmap_put(map, &blanks[i], 1, &blank, 1);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        thor_charsmap_put(map, &gone[i], 1, NULL, 0);
    for (uint32_t code = 1; code < 0x20; code++)
        if (code < 0x09 || code > 0x0D)
            thor_charsmap_put(map, &code, 1, NULL, 0);
    thor_charsmap_remove(map, 0xFF5E);
}

/* Simple case folding: the full one where it is one character, else the lower case. U+0130 has no simple one. */
static uint32_t fold_code(uint32_t code)
{
    int32_t codes[MOST];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)code, codes, MOST, UTF8PROC_CASEFOLD, &boundary);
    if (count == 1)
        return (uint32_t)codes[0];
    return code == 0x130 ? code : (uint32_t)utf8proc_tolower((utf8proc_int32_t)code);
}

static size_t codes_of(const char *text, size_t bytes, uint32_t *codes)
{
    size_t count = 0;
    for (size_t at = 0; at < bytes && count < MOST;) {
        utf8proc_int32_t code;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                                                   (utf8proc_ssize_t)(bytes - at), &code);
        if (length < 1)
            break;
        codes[count++] = (uint32_t)code;
        at += (size_t)length;
    }
    return count;
}

static void add_folding(thor_charsmap *map)
{
    for (size_t i = 0; i < map->from.count && !map->failed; i++) {
        uint32_t from[MOST], to[MOST];
        size_t bytes, count;
        if (map->target[i] == THOR_ABSENT)
            continue;
        const char *text = thor_strings_text(&map->to, map->target[i], &bytes);
        count = codes_of(text, bytes, to);
        for (size_t j = 0; j < count; j++)
            to[j] = fold_code(to[j]);
        text = thor_strings_text(&map->from, i, &bytes);
        thor_charsmap_put(map, from, codes_of(text, bytes, from), to, count);
    }
    for (uint32_t code = 1; code <= LAST_CODE && !map->failed; code++) {
        char text[4];
        size_t count;
        if (!is_character(code))
            continue;
        uint32_t folded = fold_code(code);
        if (folded == code)
            continue;
        size_t bytes = (size_t)utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)text);
        if (!thor_charsmap_get(map, text, bytes, &count))
            thor_charsmap_put(map, &code, 1, &folded, 1);
    }
}

void thor_nfkc_map_make(thor_charsmap *map, bool nmt, bool fold)
{
    builder b = { .map = map };
    for (uint32_t code = 1; code <= LAST_CODE && !map->failed; code++)
        if (is_character(code) && !look_at(&b, code))
            map->failed = true;
    if (!map->failed)
        put_sequences(&b);
    thor_strings_free(&b.sequences);
    thor_map64_free(&b.same.first);
    free(b.same.items);
    thor_charsmap_reduce(map);
    if (nmt) {
        add_nmt(map);
        thor_charsmap_reduce(map);
    }
    if (fold) {
        add_folding(map);
        thor_charsmap_reduce(map);
    }
}
