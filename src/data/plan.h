/* Which sentences make which batch: an ordered list of sentences cut into batches. */
#ifndef THOR_DATA_PLAN_H
#define THOR_DATA_PLAN_H

#include <stdint.h>

#include "base/rng.h"
#include "base/status.h"

enum { THOR_LENGTH_MOST = UINT16_MAX };     /* longer sentences count as this long */

/* A sentence in one direction. Lengths count tags, </s> and [CLS]. */
typedef struct thor_entry {
    uint32_t sentence;
    uint16_t direction;
    uint16_t source, target;
} thor_entry;

typedef struct thor_plan {
    thor_entry *entries;
    int64_t entry_count, entry_room;
    int64_t *starts;            /* [batch_count + 1] first entry of each batch */
    uint32_t *order;            /* [batch_count] the batch that comes first, second … */
    int64_t batch_count;
} thor_plan;

void thor_plan_free(thor_plan *plan);

/* Forgets the entries and makes room for `room` of them. */
thor_status thor_plan_clear(thor_plan *plan, int64_t room, thor_error *error);

/* Fisher and Yates: puts a random choice of the n items in front, so that the first `chosen` of them are drawn without
 * replacement. For k from 0: item k changes places with item k + thor_rng_below(rng, k, n - k). */
void thor_shuffle_entries(thor_entry *items, int64_t n, const thor_rng *rng);
void thor_shuffle_words(uint32_t *items, int64_t n, int64_t chosen, const thor_rng *rng);

/* Sorts by source length, among equal ones by target length; equal pairs of lengths stay in their order. */
thor_status thor_plan_sort(thor_plan *plan, thor_error *error);

/* Cuts the entries, in their order, into batches: at most max_tokens for sentences times the longest of all sides (one
  * sentence may be longer), and a number of sentences that is a multiple of 8, or below 8, as far as the next rule lets
  * it. As fairseq: sentences are taken one after another; those behind the last allowed number wait; when sentence and
  * waiting ones would make the batch too large, the batch ends before the waiting ones, which begin the next one; when
  * they are too many even alone, they are a batch and the sentence begins the next. What still waits at the end is a
  * batch of its own. */
thor_status thor_plan_cut(thor_plan *plan, int64_t max_tokens, thor_error *error);

#endif
