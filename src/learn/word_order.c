#include "learn/word_order.h"

#include <stdlib.h>
#include <string.h>

/* What is compared first: the weight and the word's first eight bytes as a number. */
typedef struct sorted_word {
    int64_t weight;
    uint64_t start;
    uint32_t number;
} sorted_word;

typedef struct sorter {
    const thor_word_shard *shards;
    sorted_word *words, *other;
    int64_t count, run;         /* runs of this length are sorted */
} sorter;

static const char *text_of(const thor_word_shard *shards, uint32_t number, size_t *count)
{
    return thor_strings_text(&shards[number & (THOR_WORD_SHARDS - 1)].strings, number >> THOR_WORD_SHARD_BITS, count);
}

static uint64_t start_of(const char *text, size_t count)
{
    uint64_t start = 0;
    for (size_t i = 0; i < 8; i++)
        start = start << 8 | (i < count ? (unsigned char)text[i] : 0);
    return start;
}

static bool before(const sorter *s, const sorted_word *a, const sorted_word *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    if (a->start != b->start)
        return a->start < b->start;
    size_t count, other;
    const char *x = text_of(s->shards, a->number, &count), *y = text_of(s->shards, b->number, &other);
    int order = memcmp(x, y, count < other ? count : other);
    return order != 0 ? order < 0 : count < other;
}

/* Merges from `words` to `other`. */
static void merge_runs(void *context, int64_t begin, int64_t end, int thread)
{
    sorter *s = context;
    (void)thread;
    for (int64_t pair = begin; pair < end; pair++) {
        int64_t left = 2 * pair * s->run, middle = left + s->run, right = middle + s->run;
        middle = middle < s->count ? middle : s->count;
        right = right < s->count ? right : s->count;
        for (int64_t i = left, j = middle, to = left; to < right; to++) {
            bool take_left = j == right || (i < middle && !before(s, &s->words[j], &s->words[i]));
            s->other[to] = take_left ? s->words[i++] : s->words[j++];
        }
    }
}

static void sort(sorter *s, const thor_par *par)
{
    for (s->run = 1; s->run < s->count; s->run *= 2) {
        thor_par_for(par, (s->count + 2 * s->run - 1) / (2 * s->run), s->run < 4096 ? 4096 / s->run : 1, merge_runs, s);
        sorted_word *swap = s->words;
        s->words = s->other;
        s->other = swap;
    }
}

static void collect(sorter *s)
{
    for (uint32_t shard = 0; shard < THOR_WORD_SHARDS; shard++)
        for (size_t i = 0; i < s->shards[shard].strings.count; i++) {
            size_t count;
            if (s->shards[shard].weights[i] == 0)
                continue;
            const char *text = thor_strings_text(&s->shards[shard].strings, i, &count);
            s->words[s->count++] = (sorted_word){ .weight = s->shards[shard].weights[i],
                                                  .start = start_of(text, count),
                                                  .number = (uint32_t)i << THOR_WORD_SHARD_BITS | shard };
        }
}

bool thor_word_order(const thor_word_shard *shards, const thor_par *par, uint32_t **order, size_t *count)
{
    size_t most = 0;
    for (int i = 0; i < THOR_WORD_SHARDS; i++)
        most += shards[i].strings.count;
    sorter s = { .shards = shards };
    s.words = malloc((most + 1) * sizeof *s.words);
    s.other = malloc((most + 1) * sizeof *s.other);
    *order = malloc((most + 1) * sizeof **order);
    bool fits = s.words && s.other && *order;
    if (fits) {
        collect(&s);
        sort(&s, par);
        for (int64_t i = 0; i < s.count; i++)
            (*order)[i] = s.words[i].number;
    }
    *count = (size_t)s.count;
    free(s.words);
    free(s.other);
    return fits;
}
