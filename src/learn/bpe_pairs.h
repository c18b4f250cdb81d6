/* The pairs of a learner: how much each weighs now, in which words it stands, and which is next. */
#ifndef THOR_LEARN_BPE_PAIRS_H
#define THOR_LEARN_BPE_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "learn/learn.h"
#include "text/hash_tables.h"

typedef struct thor_bpe_pair {
    uint32_t left, right;       /* symbols: numbers of strings */
    int64_t weight;
    uint32_t first, last;       /* list of words in `places`, ascending; THOR_ABSENT: empty */
} thor_bpe_pair;

typedef struct thor_bpe_pairs {
    const thor_learn_options *options;
    const thor_strings *symbols;
    const uint8_t *lengths;     /* [symbols]: characters */
    thor_map64 number;          /* left << 32 | right to the pair; THOR_BPE_PAIR_DEAD: never to be merged */
    thor_bpe_pair *pairs;
    size_t count, room;
    struct thor_bpe_place {
        uint32_t word, next;
    } *places;
    size_t place_count, place_room;
    uint32_t free_places;       /* list of places to use again */
    struct thor_bpe_candidate {
        int64_t weight;         /* when it was put in; a pair only ever loses weight after that */
        uint32_t pair;
    } *heap;
    size_t heap_count, heap_room;
    size_t heaped;              /* pairs below this number have been put into the heap */
    bool failed;                /* no memory */
} thor_bpe_pairs;

#define THOR_BPE_PAIR_DEAD (UINT32_MAX - 1)

void thor_bpe_pairs_free(thor_bpe_pairs *pairs);

/* One more place of the pair, in `word` (not before the words it stands in already). */
void thor_bpe_pairs_add(thor_bpe_pairs *pairs, uint32_t left, uint32_t right, uint32_t word, int64_t weight);
/* One place less; the word stays on the pair's list. */
void thor_bpe_pairs_remove(thor_bpe_pairs *pairs, uint32_t left, uint32_t right, int64_t weight);

/* The pair to merge next: the largest weight, ties as in bpe_learn.h; THOR_ABSENT when none is left. */
uint32_t thor_bpe_pairs_best(thor_bpe_pairs *pairs);

/* The pair will not be merged any more; its list of words is given back. */
void thor_bpe_pairs_retire(thor_bpe_pairs *pairs, uint32_t pair);

#endif
