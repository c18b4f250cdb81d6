#include "learn/bpe_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "learn/piece_rules.h"

void thor_bpe_pairs_free(thor_bpe_pairs *pairs)
{
    thor_map64_free(&pairs->number);
    free(pairs->pairs);
    free(pairs->places);
    free(pairs->heap);
}

static bool may_merge(const thor_bpe_pairs *pairs, uint32_t left, uint32_t right)
{
    thor_piece_prefix prefix = thor_piece_nothing;
    if (pairs->lengths[left] + pairs->lengths[right] > pairs->options->longest_piece)
        return false;
    for (int part = 0; part < 2; part++) {
        size_t bytes;
        const char *text = thor_strings_text(pairs->symbols, part == 0 ? left : right, &bytes);
        if (!thor_piece_add_text(pairs->options, &prefix, text, bytes))
            return false;
    }
    return thor_piece_allowed(pairs->options, &prefix);
}

/* The number of a pair, which is made when it is new; THOR_BPE_PAIR_DEAD for one that may not be merged. */
static uint32_t number_of(thor_bpe_pairs *pairs, uint32_t left, uint32_t right)
{
    uint64_t key = (uint64_t)left << 32 | right;
    uint32_t number = thor_map64_get(&pairs->number, key);
    if (number != THOR_ABSENT)
        return number;
    number = may_merge(pairs, left, right) ? (uint32_t)pairs->count : THOR_BPE_PAIR_DEAD;
    if (pairs->count >= THOR_BPE_PAIR_DEAD || !thor_map64_put(&pairs->number, key, number) ||
        !thor_grow(&pairs->pairs, &pairs->room, pairs->count, 1, sizeof *pairs->pairs)) {
        pairs->failed = true;
        return THOR_BPE_PAIR_DEAD;
    }
    if (number != THOR_BPE_PAIR_DEAD)
        pairs->pairs[pairs->count++] = (thor_bpe_pair){ left, right, 0, THOR_ABSENT, THOR_ABSENT };
    return number;
}

static uint32_t new_place(thor_bpe_pairs *pairs, uint32_t word)
{
    uint32_t place = pairs->free_places;
    if (place != THOR_ABSENT) {
        pairs->free_places = pairs->places[place].next;
    } else {
        place = (uint32_t)pairs->place_count;
        if (pairs->place_count >= THOR_ABSENT ||
            !thor_grow(&pairs->places, &pairs->place_room, pairs->place_count, 1, sizeof *pairs->places)) {
            pairs->failed = true;
            return THOR_ABSENT;
        }
        pairs->place_count++;
    }
    pairs->places[place].word = word;
    pairs->places[place].next = THOR_ABSENT;
    return place;
}

void thor_bpe_pairs_add(thor_bpe_pairs *pairs, uint32_t left, uint32_t right, uint32_t word, int64_t weight)
{
    uint32_t number = number_of(pairs, left, right);
    if (number == THOR_BPE_PAIR_DEAD)
        return;
    thor_bpe_pair *pair = &pairs->pairs[number];
    pair->weight += weight;
    if (pair->last != THOR_ABSENT && pairs->places[pair->last].word == word)
        return;
    uint32_t place = new_place(pairs, word);
    if (pair->last == THOR_ABSENT)
        pair->first = place;
    else if (place != THOR_ABSENT)
        pairs->places[pair->last].next = place;
    pair->last = place;
}

void thor_bpe_pairs_remove(thor_bpe_pairs *pairs, uint32_t left, uint32_t right, int64_t weight)
{
    uint32_t number = thor_map64_get(&pairs->number, (uint64_t)left << 32 | right);
    if (number < THOR_BPE_PAIR_DEAD)
        pairs->pairs[number].weight -= weight;
}

/* Compares the bytes of two pairs' pieces without building them. */
static int compare_pieces(const thor_bpe_pairs *pairs, const thor_bpe_pair *a, const thor_bpe_pair *b)
{
    const char *text[2][2];
    size_t bytes[2][2];
    text[0][0] = thor_strings_text(pairs->symbols, a->left, &bytes[0][0]);
    text[0][1] = thor_strings_text(pairs->symbols, a->right, &bytes[0][1]);
    text[1][0] = thor_strings_text(pairs->symbols, b->left, &bytes[1][0]);
    text[1][1] = thor_strings_text(pairs->symbols, b->right, &bytes[1][1]);
    size_t part[2] = { 0, 0 }, at[2] = { 0, 0 };
    for (;;) {
        for (int i = 0; i < 2; i++)
            if (part[i] == 0 && at[i] == bytes[i][0])
                part[i] = 1, at[i] = 0;
        size_t rest[2] = { bytes[0][part[0]] - at[0], bytes[1][part[1]] - at[1] };
        size_t run = rest[0] < rest[1] ? rest[0] : rest[1];
        if (run == 0)
            return rest[0] < rest[1] ? -1 : rest[0] > rest[1];
        int order = memcmp(text[0][part[0]] + at[0], text[1][part[1]] + at[1], run);
        if (order != 0)
            return order;
        at[0] += run;
        at[1] += run;
    }
}

static bool before(const thor_bpe_pairs *pairs, const struct thor_bpe_candidate *a, const struct thor_bpe_candidate *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    const thor_bpe_pair *x = &pairs->pairs[a->pair], *y = &pairs->pairs[b->pair];
    int length = pairs->lengths[x->left] + pairs->lengths[x->right];
    int other = pairs->lengths[y->left] + pairs->lengths[y->right];
    if (length != other)
        return length < other;
    int order = compare_pieces(pairs, x, y);
    return order != 0 ? order < 0 : a->pair < b->pair;
}

static void heap_push(thor_bpe_pairs *pairs, struct thor_bpe_candidate candidate)
{
    if (!thor_grow(&pairs->heap, &pairs->heap_room, pairs->heap_count, 1, sizeof *pairs->heap)) {
        pairs->failed = true;
        return;
    }
    size_t at = pairs->heap_count++;
    while (at > 0 && before(pairs, &candidate, &pairs->heap[(at - 1) / 2])) {
        pairs->heap[at] = pairs->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    pairs->heap[at] = candidate;
}

static struct thor_bpe_candidate heap_pop(thor_bpe_pairs *pairs)
{
    struct thor_bpe_candidate top = pairs->heap[0], last = pairs->heap[--pairs->heap_count];
    size_t at = 0, child;
    while ((child = 2 * at + 1) < pairs->heap_count) {
        child += child + 1 < pairs->heap_count && before(pairs, &pairs->heap[child + 1], &pairs->heap[child]);
        if (!before(pairs, &pairs->heap[child], &last))
            break;
        pairs->heap[at] = pairs->heap[child];
        at = child;
    }
    pairs->heap[at] = last;
    return top;
}

uint32_t thor_bpe_pairs_best(thor_bpe_pairs *pairs)
{
    for (; pairs->heaped < pairs->count; pairs->heaped++) {
        int64_t weight = pairs->pairs[pairs->heaped].weight;
        if (weight > 0)
            heap_push(pairs, (struct thor_bpe_candidate){ .weight = weight, .pair = (uint32_t)pairs->heaped });
    }
    while (pairs->heap_count > 0 && !pairs->failed) {
        struct thor_bpe_candidate top = heap_pop(pairs);
        int64_t weight = pairs->pairs[top.pair].weight;
        if (weight == top.weight)
            return top.pair;
        if (weight > 0)
            heap_push(pairs, (struct thor_bpe_candidate){ .weight = weight, .pair = top.pair });
    }
    return THOR_ABSENT;
}

void thor_bpe_pairs_retire(thor_bpe_pairs *pairs, uint32_t number)
{
    thor_bpe_pair *pair = &pairs->pairs[number];
    if (!thor_map64_put(&pairs->number, (uint64_t)pair->left << 32 | pair->right, THOR_BPE_PAIR_DEAD))
        pairs->failed = true;
    if (pair->last != THOR_ABSENT) {
        pairs->places[pair->last].next = pairs->free_places;
        pairs->free_places = pair->first;
    }
    pair->first = pair->last = THOR_ABSENT;
}
