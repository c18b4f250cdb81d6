#include "text/hash_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static void map_insert(thor_map64 *map, uint64_t key, uint32_t value)
{
    size_t at = thor_hash64(key) & map->mask;
    while (map->slots[at].key != UINT64_MAX && map->slots[at].key != key)
        at = (at + 1) & map->mask;
    map->used += map->slots[at].key != key;
    map->slots[at].key = key;
    map->slots[at].value = value;
}

static bool map_grow(thor_map64 *map)
{
    size_t room = map->slots ? (map->mask + 1) * 2 : 64;
    if (room > SIZE_MAX / 2 / sizeof *map->slots)
        return false;
    thor_map64 grown = { .slots = malloc(room * sizeof *grown.slots), .mask = room - 1 };
    if (!grown.slots)
        return false;
    memset(grown.slots, 0xFF, room * sizeof *grown.slots);
    for (size_t i = 0; map->slots && i <= map->mask; i++)
        if (map->slots[i].key != UINT64_MAX)
            map_insert(&grown, map->slots[i].key, map->slots[i].value);
    free(map->slots);
    *map = grown;
    return true;
}

bool thor_map64_put(thor_map64 *map, uint64_t key, uint32_t value)
{
    if ((!map->slots || map->used + 1 > (map->mask + 1) / 8 * 5) && !map_grow(map))
        return false;
    map_insert(map, key, value);
    return true;
}

void thor_map64_free(thor_map64 *map)
{
    free(map->slots);
    *map = (thor_map64){ .slots = NULL };
}

/* Eight bytes at a time, multiplied and folded. */
uint32_t thor_text_hash(const char *text, size_t count)
{
    uint64_t hash = count * UINT64_C(0x9E3779B97F4A7C15), part;
    for (; count >= 8; text += 8, count -= 8) {
        memcpy(&part, text, 8);
        hash = (hash ^ part) * UINT64_C(0xD6E8FEB86659FD93);
        hash ^= hash >> 32;
    }
    part = 0;
    if (count > 0)
        memcpy(&part, text, count);
    hash = (hash ^ part) * UINT64_C(0xD6E8FEB86659FD93);
    hash = (hash ^ hash >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of the string, or the free one where it belongs. */
static size_t slot_of(const thor_strings *strings, const char *text, size_t count, uint32_t hash)
{
    size_t at = hash & strings->mask;
    while (strings->slots[at].index != THOR_ABSENT) {
        if (strings->slots[at].hash == hash) {
            size_t length;
            const char *other = thor_strings_text(strings, strings->slots[at].index, &length);
            if (length == count && memcmp(other, text, count) == 0)
                break;
        }
        at = (at + 1) & strings->mask;
    }
    return at;
}

static bool strings_grow(thor_strings *strings)
{
    size_t room = strings->slots ? (strings->mask + 1) * 2 : 64;
    if (room > SIZE_MAX / 2 / sizeof *strings->slots)
        return false;
    struct thor_string_slot *slots = malloc(room * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0xFF, room * sizeof *slots);
    for (size_t i = 0; strings->slots && i <= strings->mask; i++) {
        if (strings->slots[i].index == THOR_ABSENT)
            continue;
        size_t at = strings->slots[i].hash & (room - 1);
        while (slots[at].index != THOR_ABSENT)
            at = (at + 1) & (room - 1);
        slots[at] = strings->slots[i];
    }
    free(strings->slots);
    strings->slots = slots;
    strings->mask = room - 1;
    return true;
}

static bool append(thor_strings *strings, const char *text, size_t count)
{
    if (!thor_grow(&strings->text, &strings->text_room, strings->text_used, count + 1, 1) ||
        !thor_grow(&strings->starts, &strings->starts_room, strings->count, 2, sizeof *strings->starts))
        return false;
    memcpy(strings->text + strings->text_used, text, count);
    strings->starts[strings->count] = strings->text_used;
    strings->text_used += count;
    strings->starts[++strings->count] = strings->text_used;
    return true;
}

uint32_t thor_strings_add(thor_strings *strings, const char *text, size_t count)
{
    return thor_strings_add_hashed(strings, text, count, thor_text_hash(text, count));
}

uint32_t thor_strings_add_hashed(thor_strings *strings, const char *text, size_t count, uint32_t hash)
{
    if ((!strings->slots || strings->count + 1 > (strings->mask + 1) / 8 * 5) && !strings_grow(strings))
        return THOR_ABSENT;
    size_t at = slot_of(strings, text, count, hash);
    if (strings->slots[at].index != THOR_ABSENT)
        return strings->slots[at].index;
    if (strings->count >= THOR_ABSENT - 1 || !append(strings, text, count))
        return THOR_ABSENT;
    strings->slots[at].hash = hash;
    strings->slots[at].index = (uint32_t)(strings->count - 1);
    return strings->slots[at].index;
}

uint32_t thor_strings_find(const thor_strings *strings, const char *text, size_t count)
{
    if (!strings->slots)
        return THOR_ABSENT;
    return strings->slots[slot_of(strings, text, count, thor_text_hash(text, count))].index;
}

void thor_strings_free(thor_strings *strings)
{
    free(strings->text);
    free(strings->starts);
    free(strings->slots);
    *strings = (thor_strings){ .text = NULL };
}

void thor_strings_seal(thor_strings *strings)
{
    free(strings->slots);
    strings->slots = NULL;
    strings->mask = 0;
    if (strings->count == 0)
        return;
    char *text = realloc(strings->text, strings->text_used + 1);
    uint64_t *starts = realloc(strings->starts, (strings->count + 1) * sizeof *starts);
    if (text)
        strings->text = text, strings->text_room = strings->text_used + 1;
    if (starts)
        strings->starts = starts, strings->starts_room = strings->count + 1;
}
