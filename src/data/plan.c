#include "data/plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "base/prefetch.h"

enum { MULTIPLE = 8 }; /* fairseq's required_batch_size_multiple */

void thor_plan_free(thor_plan *plan)
{
    free(plan->entries);
    free(plan->starts);
    free(plan->order);
    *plan = (thor_plan){ .entries = NULL };
}

thor_status thor_plan_clear(thor_plan *plan, int64_t room, thor_error *error)
{
    plan->entry_count = plan->batch_count = 0;
    if (room <= plan->entry_room && plan->entries)
        return THOR_OK;
    free(plan->entries);
    plan->entries = malloc(((size_t)room + 1) * sizeof *plan->entries);
    plan->entry_room = plan->entries ? room : 0;
    if (!plan->entries)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld sentences", (long long)room);
    return THOR_OK;
}

/* ---- shuffles ---------------------------------------------------------------------------------------------------- */

/* The draws do not depend on the items, so that a few are made ahead: an epoch has a quarter of a gigabyte of entries,
 * and each exchange would wait for memory. */
enum { AHEAD = 64 };

/* other[i] is the place that item k + i of n changes places with, for i < AHEAD; returns how many there are. */
static int64_t draw_ahead(int64_t *other, int64_t k, int64_t n, int64_t chosen, const thor_rng *rng)
{
    int64_t last = chosen < n ? chosen : n - 1, count = last - k < AHEAD ? last - k : AHEAD;
    for (int64_t i = 0; i < count; i++)
        other[i] = k + i + (int64_t)thor_rng_below(rng, (uint64_t)(k + i), (uint64_t)(n - k - i));
    return count;
}

void thor_shuffle_entries(thor_entry *items, int64_t n, const thor_rng *rng)
{
    int64_t other[AHEAD], count;
    for (int64_t k = 0; (count = draw_ahead(other, k, n, n, rng)) > 0; k += count) {
        for (int64_t i = 0; i < count; i++)
            THOR_PREFETCH(&items[other[i]]);
        for (int64_t i = 0; i < count; i++) {
            thor_entry item = items[k + i];
            items[k + i] = items[other[i]];
            items[other[i]] = item;
        }
    }
}

void thor_shuffle_words(uint32_t *items, int64_t n, int64_t chosen, const thor_rng *rng)
{
    int64_t other[AHEAD], count;
    for (int64_t k = 0; (count = draw_ahead(other, k, n, chosen, rng)) > 0; k += count) {
        for (int64_t i = 0; i < count; i++)
            THOR_PREFETCH(&items[other[i]]);
        for (int64_t i = 0; i < count; i++) {
            uint32_t item = items[k + i];
            items[k + i] = items[other[i]];
            items[other[i]] = item;
        }
    }
}

/* ---- order ------------------------------------------------------------------------------------------------------- */

static uint16_t key_of(const thor_entry *entry, int by_source)
{
    return by_source ? entry->source : entry->target;
}

/* One stable counting sort from `from` to `to`; counts has THOR_LENGTH_MOST + 2 places. */
static void sort_once(thor_entry *to, const thor_entry *from, int64_t count, int by_source, int64_t *counts)
{
    memset(counts, 0, (THOR_LENGTH_MOST + 2) * sizeof *counts);
    for (int64_t i = 0; i < count; i++)
        counts[key_of(&from[i], by_source) + 1]++;
    for (int length = 0; length <= THOR_LENGTH_MOST; length++)
        counts[length + 1] += counts[length];
    for (int64_t i = 0; i < count; i++)
        to[counts[key_of(&from[i], by_source)]++] = from[i];
}

thor_status thor_plan_sort(thor_plan *plan, thor_error *error)
{
    thor_entry *other = malloc(((size_t)plan->entry_count + 1) * sizeof *other);
    int64_t *counts = malloc((THOR_LENGTH_MOST + 2) * sizeof *counts);
    thor_status status = other && counts ? THOR_OK
                                         : thor_fail(error, THOR_E_MEMORY, "no memory to sort %lld sentences",
                                                     (long long)plan->entry_count);
    if (status == THOR_OK) {
        sort_once(other, plan->entries, plan->entry_count, 0, counts);
        sort_once(plan->entries, other, plan->entry_count, 1, counts);
    }
    free(other);
    free(counts);
    return status;
}

/* ---- batches ----------------------------------------------------------------------------------------------------- */

/* The ends of the batches so far; without `ends` they are only counted. */
typedef struct cutting {
    int64_t *ends;
    int64_t count, last;
} cutting;

static void end_batch(cutting *batches, int64_t end)
{
    if (end == batches->last)
        return;
    if (batches->ends)
        batches->ends[batches->count] = end;
    batches->count++;
    batches->last = end;
}

/* The batch is batches.last … closed - 1, and closed … at - 1 wait. */
static int64_t cut(const thor_plan *plan, int64_t max_tokens, int64_t *ends)
{
    cutting batches = { .ends = ends };
    int64_t closed = 0, longest = 0, waiting_longest = 0;
    for (int64_t at = 0; at < plan->entry_count; at++) {
        int64_t size = thor_larger(plan->entries[at].source, plan->entries[at].target);
        waiting_longest = thor_larger(waiting_longest, size);
        int64_t sentences = at + 1 - batches.last;
        bool fits = sentences * thor_larger(longest, waiting_longest) <= max_tokens;
        if (fits && sentences >= MULTIPLE && sentences % MULTIPLE != 0)
            continue;
        if (!fits) {
            end_batch(&batches, closed);
            longest = 0;
            if ((at + 1 - closed) * waiting_longest > max_tokens) {
                end_batch(&batches, at);
                waiting_longest = size;
            }
        }
        longest = thor_larger(longest, waiting_longest);
        waiting_longest = 0;
        closed = at + 1;
    }
    end_batch(&batches, closed);
    end_batch(&batches, plan->entry_count);
    return batches.count;
}

thor_status thor_plan_cut(thor_plan *plan, int64_t max_tokens, thor_error *error)
{
    int64_t count = cut(plan, max_tokens, NULL);
    free(plan->starts);
    free(plan->order);
    plan->starts = malloc(((size_t)count + 1) * sizeof *plan->starts);
    plan->order = malloc(((size_t)count + 1) * sizeof *plan->order);
    plan->batch_count = count;
    if (!plan->starts || !plan->order) {
        plan->batch_count = 0;
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld batches", (long long)count);
    }
    plan->starts[0] = 0;
    cut(plan, max_tokens, plan->starts + 1);
    for (int64_t i = 0; i < count; i++)
        plan->order[i] = (uint32_t)i;
    return THOR_OK;
}
