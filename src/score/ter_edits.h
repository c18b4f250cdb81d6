/* The edits that make a reference of a hypothesis, moves of words included: Tercom's search with sacreBLEU's limits. */
#ifndef THOR_SCORE_TER_EDITS_H
#define THOR_SCORE_TER_EDITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Cell (i, j): the distance of the first i words of the hypothesis from the first j of the reference. */
typedef struct thor_ter_table {
    int32_t *cost;
    unsigned char *step;                /* the last edit on the way to the cell */
    size_t cost_room, step_room;
} thor_ter_table;

/* Memory of one caller; zero it before the first use. */
typedef struct thor_ter_edits {
    uint32_t *words, *moved, *best;     /* the hypothesis; with a move that is tried; with the best one so far */
    size_t word_room, moved_room, best_room;
    thor_ter_table table, trial;        /* of `words`; of `moved`, from the row on where it differs */
    int64_t *align;                     /* of each word of the reference, the last word of the hypothesis up to it */
    unsigned char *hypothesis_wrong, *reference_wrong;
    size_t align_room, hypothesis_room, reference_room;
} thor_ter_edits;

void thor_ter_edits_free(thor_ter_edits *edits);

/* *count edits make `reference` of `hypothesis`; words are equal where their numbers are. Error: THOR_E_MEMORY. */
thor_status thor_ter_count(thor_ter_edits *edits, const uint32_t *hypothesis, size_t hypothesis_words,
                           const uint32_t *reference, size_t reference_words, int64_t *count, thor_error *error);

#endif
