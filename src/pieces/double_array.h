/* A trie in an array of 32-bit units, as darts-clone lays it out (github.com/s-yata/darts-clone), which SentencePiece's
 * character maps have: bits 0-7 label, 8 a key ends here, 9 the offset is in steps of 256, 10-30 offset, 31 the unit is
 * a value. The child of the unit at `node` by `label` is at node ^ offset ^ label, the value of a key at
 * node ^ offset. */
#ifndef THOR_PIECES_DOUBLE_ARRAY_H
#define THOR_PIECES_DOUBLE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct thor_trie_key {
    const char *text;           /* no zero byte inside */
    uint32_t bytes;             /* at least 1 */
    uint32_t value;             /* below 2^31 */
} thor_trie_key;

typedef struct thor_double_array {
    uint32_t *units;
    size_t count;
} thor_double_array;

/* Builds the array of `count` keys, which ascend by bytes and differ. Equal endings with equal values are stored once.
 * free(array->units) after the last use. Errors: THOR_E_MEMORY; THOR_E_FAILED beyond 2^29 units. */
thor_status thor_double_array_build(thor_double_array *array, const thor_trie_key *keys, size_t count,
                                    thor_error *error);

/* Sorts keys as _build wants them; of equal ones that with the smallest value stays. Returns how many are left. */
size_t thor_trie_keys_sort(thor_trie_key *keys, size_t count);

static inline size_t thor_unit_offset(uint32_t unit)
{
    return unit >> 10 << ((unit & 1u << 9) >> 6);
}

static inline bool thor_unit_ends_key(uint32_t unit)
{
    return unit >> 8 & 1;
}

/* Goes from *node to its child; false when there is none. *node is 0 at the start. */
static inline bool thor_double_array_step(const thor_double_array *array, size_t *node, unsigned char label)
{
    size_t next = *node ^ thor_unit_offset(array->units[*node]) ^ label;
    if (next >= array->count || (array->units[next] & 0x800000FFu) != label)
        return false;
    *node = next;
    return true;
}

/* The value of the key that ends at `node`; UINT32_MAX when none does. */
static inline uint32_t thor_double_array_value(const thor_double_array *array, size_t node)
{
    uint32_t unit = array->units[node];
    size_t at = node ^ thor_unit_offset(unit);
    return thor_unit_ends_key(unit) && at < array->count ? array->units[at] & 0x7FFFFFFFu : UINT32_MAX;
}

#endif
