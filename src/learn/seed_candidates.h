/* The best texts for a seed, out of many more. */
#ifndef THOR_LEARN_SEED_CANDIDATES_H
#define THOR_LEARN_SEED_CANDIDATES_H

#include "learn/unigram_model.h"
#include "learn/word_list.h"

typedef struct thor_seed_candidate {
    int64_t score;
    uint64_t at;                /* in the list's text */
    uint32_t bytes;
} thor_seed_candidate;

typedef struct thor_seed_candidates {
    const thor_word_list *words;
    size_t most;                /* so many are wanted */
    thor_seed_candidate *items;
    size_t count, room;
    int64_t least;              /* what scores less is not among the best `most` */
    bool failed;                /* no memory */
} thor_seed_candidates;

void thor_seed_candidates_add(thor_seed_candidates *candidates, thor_seed_candidate candidate);
/* Moves all of `other`, which is empty after. */
void thor_seed_candidates_join(thor_seed_candidates *candidates, thor_seed_candidates *other);

/* Appends the best, best score first, ties as unigram_seed.h says, with their scores, and frees the candidates. False
 * without memory, also when an addition had none. */
bool thor_seed_candidates_put(thor_seed_candidates *candidates, thor_unigram_pieces *pieces);

#endif
