#include "pieces/double_array.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/little_endian.h"
#include "pieces/trie_states.h"

/* Free places are looked for in the last blocks only, so that building takes time in proportion to the units. */
enum { BLOCK = 256, OPEN_BLOCKS = 16 };

#define MOST_UNITS (UINT32_C(1) << 29)
#define NO_BASE UINT32_MAX

typedef struct layout {
    thor_trie_states states;
    uint32_t *units;
    bool *taken, *is_base;      /* [count]: the place holds a unit; it is the base of some unit */
    size_t count, units_room, taken_room, base_room;
    size_t first_open;          /* block below which nothing is looked for */
    uint32_t *bases;            /* [states]: where the children of a state stand; NO_BASE: nowhere yet */
    struct waiting {
        uint32_t node, state;
    } *stack;
    size_t stack_count, stack_room;
    bool failed, full;
} layout;

/* Places without a unit get a label that no base of their block asks for. */
static void close_block(layout *l, size_t block)
{
    size_t start = block * BLOCK, unused = start;
    while (unused < start + BLOCK && l->is_base[unused])
        unused++;
    for (size_t at = start; at < start + BLOCK; at++)
        if (!l->taken[at])
            l->units[at] = (uint32_t)((at ^ unused) & 0xFF);
}

static bool add_block(layout *l)
{
    l->full = l->count + BLOCK > MOST_UNITS;
    if (l->full || !thor_grow(&l->units, &l->units_room, l->count, BLOCK, sizeof *l->units) ||
        !thor_grow(&l->taken, &l->taken_room, l->count, BLOCK, sizeof *l->taken) ||
        !thor_grow(&l->is_base, &l->base_room, l->count, BLOCK, sizeof *l->is_base))
        return false;
    memset(l->units + l->count, 0, BLOCK * sizeof *l->units);
    memset(l->taken + l->count, 0, BLOCK * sizeof *l->taken);
    memset(l->is_base + l->count, 0, BLOCK * sizeof *l->is_base);
    l->count += BLOCK;
    while (l->count / BLOCK - l->first_open > OPEN_BLOCKS)
        close_block(l, l->first_open++);
    return true;
}

/* Can a unit at `node` say that its children stand at `base`? */
static bool can_say(uint32_t node, uint32_t base)
{
    uint32_t offset = node ^ base;
    return offset < (1u << 21) || (offset & 0xFF) == 0;
}

static bool fits(const layout *l, uint32_t node, uint32_t base, const unsigned char *arcs, size_t arc_count)
{
    if (l->is_base[base] || !can_say(node, base))
        return false;
    for (size_t i = 0; i < arc_count; i++)
        if (l->taken[base ^ arcs[i * THOR_ARC_BYTES]])
            return false;
    return true;
}

static uint32_t find_base(layout *l, uint32_t node, const unsigned char *arcs, size_t arc_count)
{
    for (size_t at = l->first_open * BLOCK; at < l->count; at++)
        if (!l->taken[at] && fits(l, node, (uint32_t)at ^ arcs[0], arcs, arc_count))
            return (uint32_t)at ^ arcs[0];
    uint32_t base = (uint32_t)l->count | (node & 0xFF);
    return add_block(l) ? base : NO_BASE;
}

static void set_offset(layout *l, uint32_t node, uint32_t base)
{
    uint32_t offset = node ^ base;
    l->units[node] |= offset < (1u << 21) ? offset << 10 : offset << 2 | 1u << 9;
}

static void place_children(layout *l, uint32_t node, uint32_t state)
{
    size_t bytes;
    const unsigned char *arcs = (const unsigned char *)thor_strings_text(&l->states.states, state, &bytes);
    size_t arc_count = bytes / THOR_ARC_BYTES;
    if (arc_count == 0)
        return;
    uint32_t base = l->bases[state];
    bool shared = base != NO_BASE && can_say(node, base);
    if (!shared)
        base = find_base(l, node, arcs, arc_count);
    l->failed = base == NO_BASE || !thor_grow(&l->stack, &l->stack_room, l->stack_count, arc_count, sizeof *l->stack);
    if (l->failed)
        return;
    set_offset(l, node, base);
    l->units[node] |= arcs[0] == 0 ? 1u << 8 : 0;
    if (shared)
        return;
    l->bases[state] = base;
    l->is_base[base] = true;
    for (size_t i = 0; i < arc_count; i++) {
        unsigned char label = arcs[i * THOR_ARC_BYTES];
        uint32_t at = base ^ label, target = thor_get32(arcs + i * THOR_ARC_BYTES + 1);
        l->taken[at] = true;
        l->units[at] = label == 0 ? target | 1u << 31 : label;
        if (label != 0)
            l->stack[l->stack_count++] = (struct waiting){ .node = at, .state = target };
    }
}

static void lay_out(layout *l)
{
    l->failed = !add_block(l);
    l->bases = l->failed ? NULL : malloc((l->states.states.count + 1) * sizeof *l->bases);
    l->failed = l->failed || !l->bases;
    if (l->failed)
        return;
    memset(l->bases, 0xFF, (l->states.states.count + 1) * sizeof *l->bases);
    l->taken[0] = true;
    l->is_base[0] = true;       /* the root is no child, not even by the label 0 */
    place_children(l, 0, l->states.root);
    while (l->stack_count > 0 && !l->failed) {
        struct waiting next = l->stack[--l->stack_count];
        place_children(l, next.node, next.state);
    }
    while (!l->failed && l->first_open < l->count / BLOCK)
        close_block(l, l->first_open++);
}

thor_status thor_double_array_build(thor_double_array *array, const thor_trie_key *keys, size_t count,
                                    thor_error *error)
{
    layout l = { .units = NULL };
    l.failed = !thor_trie_states_make(&l.states, keys, count);
    if (!l.failed)
        lay_out(&l);
    thor_strings_free(&l.states.states);
    free(l.taken);
    free(l.is_base);
    free(l.bases);
    free(l.stack);
    *array = (thor_double_array){ .units = l.units, .count = l.count };
    if (!l.failed)
        return THOR_OK;
    free(l.units);
    *array = (thor_double_array){ .units = NULL };
    if (l.full)
        return thor_fail(error, THOR_E_FAILED, "a trie of more than 2^29 units from %zu keys; take fewer", count);
    return thor_fail(error, THOR_E_MEMORY, "no memory for a trie of %zu keys", count);
}

static int by_bytes(const void *a, const void *b)
{
    const thor_trie_key *x = a, *y = b;
    int order = memcmp(x->text, y->text, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order != 0 ? order : x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

static int by_bytes_then_value(const void *a, const void *b)
{
    int order = by_bytes(a, b);
    uint32_t x = ((const thor_trie_key *)a)->value, y = ((const thor_trie_key *)b)->value;
    return order != 0 ? order : x < y ? -1 : x > y;
}

size_t thor_trie_keys_sort(thor_trie_key *keys, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(keys, count, sizeof *keys, by_bytes_then_value);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || by_bytes(&keys[kept - 1], &keys[i]) != 0)
            keys[kept++] = keys[i];
    return kept;
}
