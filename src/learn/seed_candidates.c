#include "learn/seed_candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static bool before(const thor_seed_candidates *c, const thor_seed_candidate *a, const thor_seed_candidate *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    int order = memcmp(c->words->text + a->at, c->words->text + b->at, a->bytes < b->bytes ? a->bytes : b->bytes);
    return order != 0 ? order < 0 : a->bytes > b->bytes;
}

static void sink(thor_seed_candidates *c, size_t at, size_t count)
{
    thor_seed_candidate moved = c->items[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && before(c, &c->items[child], &c->items[child + 1]);
        if (!before(c, &moved, &c->items[child]))
            break;
        c->items[at] = c->items[child];
    }
    c->items[at] = moved;
}

/* Heap sort: best first. */
static void sort(thor_seed_candidates *c)
{
    for (size_t i = c->count / 2; i-- > 0;)
        sink(c, i, c->count);
    for (size_t end = c->count; end > 1; end--) {
        thor_seed_candidate swap = c->items[0];
        c->items[0] = c->items[end - 1];
        c->items[end - 1] = swap;
        sink(c, 0, end - 1);
    }
}

static void cut(thor_seed_candidates *c)
{
    sort(c);
    if (c->count > c->most)
        c->count = c->most;
    if (c->count == c->most && c->count > 0)
        c->least = c->items[c->count - 1].score;
}

void thor_seed_candidates_add(thor_seed_candidates *candidates, thor_seed_candidate candidate)
{
    if (candidate.score < candidates->least || candidates->most == 0)
        return;
    if (candidates->count / 4 > candidates->most)
        cut(candidates);
    if (!thor_grow(&candidates->items, &candidates->room, candidates->count, 1, sizeof *candidates->items))
        candidates->failed = true;
    else
        candidates->items[candidates->count++] = candidate;
}

void thor_seed_candidates_join(thor_seed_candidates *candidates, thor_seed_candidates *other)
{
    for (size_t i = 0; i < other->count; i++)
        thor_seed_candidates_add(candidates, other->items[i]);
    candidates->failed = candidates->failed || other->failed;
    free(other->items);
    *other = (thor_seed_candidates){ .words = other->words };
}

bool thor_seed_candidates_put(thor_seed_candidates *candidates, thor_unigram_pieces *pieces)
{
    bool fits = !candidates->failed;
    cut(candidates);
    for (size_t i = 0; fits && i < candidates->count; i++) {
        const thor_seed_candidate *next = &candidates->items[i];
        fits = thor_unigram_pieces_add(pieces, candidates->words->text + next->at, next->bytes, (float)next->score);
    }
    free(candidates->items);
    *candidates = (thor_seed_candidates){ .words = candidates->words };
    return fits;
}
