/* Two hash tables: numbers to numbers, and strings to the order in which they came. Nothing depends on the order of
 * hashes. */
#ifndef THOR_TEXT_HASH_TABLES_H
#define THOR_TEXT_HASH_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THOR_ABSENT UINT32_MAX

/* Open addressing, linear steps, at most 5/8 full. Zero it before the first use. A key may be anything but
 * UINT64_MAX. */
typedef struct thor_map64 {
    struct thor_slot64 {
        uint64_t key;
        uint32_t value;
    } *slots;
    size_t mask, used;
} thor_map64;

/* Sets key's value. False without memory. */
bool thor_map64_put(thor_map64 *map, uint64_t key, uint32_t value);
void thor_map64_free(thor_map64 *map);

static inline size_t thor_hash64(uint64_t key)
{
    key *= UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(key ^ key >> 32);
}

/* The value of `key`, THOR_ABSENT when there is none. */
static inline uint32_t thor_map64_get(const thor_map64 *map, uint64_t key)
{
    if (!map->slots)
        return THOR_ABSENT;
    for (size_t at = thor_hash64(key) & map->mask;; at = (at + 1) & map->mask) {
        if (map->slots[at].key == key)
            return map->slots[at].value;
        if (map->slots[at].key == UINT64_MAX)
            return THOR_ABSENT;
    }
}

/* Strings numbered 0, 1, 2 … in the order of their first appearance; copies of them lie one after the other in
 * `text`. */
typedef struct thor_strings {
    char *text;
    size_t text_used, text_room;
    uint64_t *starts;           /* [count + 1] once there is one: string i is starts[i] … starts[i + 1] - 1 */
    size_t count, starts_room;
    struct thor_string_slot {
        uint32_t hash, index;   /* index THOR_ABSENT: free */
    } *slots;
    size_t mask;
} thor_strings;

/* The number of the string, which is added when it is new. THOR_ABSENT without memory (or beyond 2^32 - 2 strings). */
uint32_t thor_strings_add(thor_strings *strings, const char *text, size_t count);
/* The same for a caller that has the hash already. */
uint32_t thor_strings_add_hashed(thor_strings *strings, const char *text, size_t count, uint32_t hash);
uint32_t thor_text_hash(const char *text, size_t count);
/* The number of the string, THOR_ABSENT when it is not there. */
uint32_t thor_strings_find(const thor_strings *strings, const char *text, size_t count);
void thor_strings_free(thor_strings *strings);
/* Gives back what only adding and finding need: the strings can be read, no more. */
void thor_strings_seal(thor_strings *strings);

static inline const char *thor_strings_text(const thor_strings *strings, size_t index, size_t *count)
{
    *count = (size_t)(strings->starts[index + 1] - strings->starts[index]);
    return strings->text + strings->starts[index];
}

#endif
