#include "pieces/trie_states.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/little_endian.h"

/* The states on the way to the last key: their arcs so far, without the one that leads to the next of them. */
typedef struct open_states {
    thor_trie_states *made;
    thor_bytes *arcs;           /* [depth + 1] */
    size_t depth, room;
    bool failed;
} open_states;

static void add_arc(open_states *open, size_t depth, unsigned char label, uint32_t target)
{
    unsigned char arc[THOR_ARC_BYTES] = { label };
    thor_put32(arc + 1, target);
    thor_bytes_add(&open->arcs[depth], arc, sizeof arc);
    open->failed = open->failed || open->arcs[depth].failed;
}

/* Closes every state deeper than `depth`; `last` is the key that they lie on. */
static void close_states(open_states *open, size_t depth, const thor_trie_key *last)
{
    for (; open->depth > depth && !open->failed; open->depth--) {
        thor_bytes *arcs = &open->arcs[open->depth];
        uint32_t state = thor_strings_add(&open->made->states, arcs->data, arcs->count);
        open->failed = state == THOR_ABSENT;
        arcs->count = 0;
        add_arc(open, open->depth - 1, (unsigned char)last->text[open->depth - 1], state);
    }
}

static bool make_room(open_states *open, size_t depth)
{
    size_t had = open->room;
    if (!thor_grow(&open->arcs, &open->room, had, depth + 1 > had ? depth + 1 - had : 0, sizeof *open->arcs))
        return false;
    memset(open->arcs + had, 0, (open->room - had) * sizeof *open->arcs);
    return true;
}

static size_t common_bytes(const thor_trie_key *a, const thor_trie_key *b)
{
    size_t most = a->bytes < b->bytes ? a->bytes : b->bytes, at = 0;
    while (at < most && a->text[at] == b->text[at])
        at++;
    return at;
}

bool thor_trie_states_make(thor_trie_states *states, const thor_trie_key *keys, size_t count)
{
    *states = (thor_trie_states){ .root = 0 };
    open_states open = { .made = states };
    open.failed = !make_room(&open, 0);
    for (size_t i = 0; i < count && !open.failed; i++) {
        if (i > 0)
            close_states(&open, common_bytes(&keys[i - 1], &keys[i]), &keys[i - 1]);
        open.failed = open.failed || !make_room(&open, keys[i].bytes);
        open.depth = keys[i].bytes;
        if (!open.failed)
            add_arc(&open, open.depth, 0, keys[i].value);
    }
    if (count > 0)
        close_states(&open, 0, &keys[count - 1]);
    if (!open.failed)
        states->root = thor_strings_add(&states->states, open.arcs[0].data ? open.arcs[0].data : "",
                                        open.arcs[0].count);
    open.failed = open.failed || states->root == THOR_ABSENT;
    for (size_t i = 0; i < open.room; i++)
        free(open.arcs[i].data);
    free(open.arcs);
    return !open.failed;
}
