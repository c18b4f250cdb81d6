#include "learn/unigram_seed.h"

#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "learn/piece_rules.h"
#include "learn/seed_candidates.h"
#include "learn/word_split.h"
#include "text/utf8.h"

/* Suffixes are sorted in batches of about so many, by their first characters, so that memory is bounded. */
enum { BATCH = 16 << 20, FIRST_CODES = 0x110000 };

/* A place in a word. */
typedef struct suffix {
    uint32_t word, at;
    uint32_t code;              /* the character behind the present prefix, or what stands behind the word */
} suffix;

typedef struct seeder {
    const thor_learn_options *options;
    const thor_word_list *words;
    size_t *starts;             /* [FIRST_CODES + 1] suffixes by first character, in the present batch from `base` on */
    size_t base;
    suffix *suffixes;
    uint32_t *codes;            /* first characters of the present batch */
    size_t code_count;
    thor_seed_candidates *found;    /* [threads] */
} seeder;

/* The suffixes first … end - 1 have the same prefix of `bytes` bytes. */
typedef struct node {
    size_t first, end, bytes;
    thor_piece_prefix prefix;
} node;

/* Reads the character behind the prefix of each suffix; says how often the prefix occurs and whether different
 * characters follow. */
static int64_t look_behind(const seeder *s, const node *n, bool *branches)
{
    int64_t weight = 0;
    *branches = false;
    for (size_t i = n->first; i < n->end; i++) {
        suffix *item = &s->suffixes[i];
        size_t at = s->words->starts[item->word] + item->at + n->bytes, end = s->words->starts[item->word + 1];
        if (at < end)
            thor_utf8_next(s->words->text + at, end - at, &item->code);
        else
            item->code = s->words->next[item->word];
        *branches = *branches || item->code == THOR_NEXT_SEVERAL || item->code != s->suffixes[n->first].code;
        weight += s->words->weights[item->word];
    }
    return weight;
}

static bool ends_here(const seeder *s, const suffix *item, size_t bytes)
{
    return s->words->starts[item->word] + item->at + bytes == s->words->starts[item->word + 1];
}

/* Quicksort by the character behind the prefix, in three parts. */
static void sort_by_code(suffix *suffixes, size_t count)
{
    while (count > 1) {
        uint32_t pivot = suffixes[count / 2].code;
        size_t low = 0, at = 0, high = count;
        while (at < high) {
            suffix swap = suffixes[at];
            if (swap.code < pivot) {
                suffixes[at++] = suffixes[low];
                suffixes[low++] = swap;
            } else if (swap.code > pivot) {
                suffixes[at] = suffixes[--high];
                suffixes[high] = swap;
            } else {
                at++;
            }
        }
        /* The smaller part by a call, the larger one in this loop. */
        if (low < count - high) {
            sort_by_code(suffixes, low);
            suffixes += high;
            count -= high;
        } else {
            sort_by_code(suffixes + high, count - high);
            count = low;
        }
    }
}

static void offer(const seeder *s, const node *n, int64_t weight, thor_seed_candidates *found)
{
    const suffix *first = &s->suffixes[n->first];
    thor_seed_candidates_add(found, (thor_seed_candidate){
                                        .score = weight * n->prefix.characters,
                                        .at = s->words->starts[first->word] + first->at,
                                        .bytes = (uint32_t)n->bytes });
}

/* The prefix itself, then everything that starts with it, at most longest_piece deep. */
static void visit(const seeder *s, const node *n, thor_seed_candidates *found)
{
    bool branches;
    int64_t weight = look_behind(s, n, &branches);
    if (weight < 2)
        return;
    if (branches && n->prefix.characters >= 2 && thor_piece_allowed(s->options, &n->prefix))
        offer(s, n, weight, found);
    if (branches)
        sort_by_code(s->suffixes + n->first, n->end - n->first);
    for (size_t first = n->first, end; first < n->end; first = end) {
        /* Words that end here may have the same code as others that go on. */
        uint32_t code = s->suffixes[first].code;
        size_t going = first;
        for (end = first; end < n->end && s->suffixes[end].code == code; end++) {
            suffix swap = s->suffixes[end];
            if (ends_here(s, &swap, n->bytes)) {
                s->suffixes[end] = s->suffixes[going];
                s->suffixes[going++] = swap;
            }
        }
        node next = { .first = going, .end = end, .bytes = n->bytes, .prefix = n->prefix };
        if (going == end || !thor_piece_add(s->options, &next.prefix, code))
            continue;
        char text[4];
        next.bytes += thor_utf8_put(code, text);
        visit(s, &next, found);
    }
}

static void visit_codes(void *context, int64_t begin, int64_t end, int thread)
{
    seeder *s = context;
    for (int64_t i = begin; i < end; i++) {
        char text[4];
        uint32_t code = s->codes[i];
        node start = { .first = s->starts[code] - s->base, .end = s->starts[code + 1] - s->base,
                       .prefix = thor_piece_nothing };
        start.bytes = thor_utf8_put(code, text);
        if (thor_piece_add(s->options, &start.prefix, code))
            visit(s, &start, &s->found[thread]);
    }
}

/* starts[c + 1] becomes the number of suffixes that start with characters up to c. */
static void count_codes(seeder *s)
{
    size_t bytes = s->words->starts[s->words->count];
    for (size_t at = 0; at < bytes;) {
        uint32_t code;
        at += thor_utf8_next(s->words->text + at, bytes - at, &code);
        s->starts[code + 1]++;
    }
    for (size_t code = 0; code < FIRST_CODES; code++)
        s->starts[code + 1] += s->starts[code];
}

/* Suffixes that start with the characters low … high - 1. */
static bool fill_batch(seeder *s, uint32_t low, uint32_t high)
{
    size_t count = s->starts[high] - s->starts[low];
    size_t *at = malloc((high - low + 1) * sizeof *at);
    free(s->suffixes);
    s->suffixes = malloc((count + 1) * sizeof *s->suffixes);
    if (!at || !s->suffixes) {
        free(at);
        return false;
    }
    s->base = s->starts[low];
    s->code_count = 0;
    for (uint32_t code = low; code < high; code++) {
        at[code - low] = s->starts[code] - s->base;
        if (s->starts[code + 1] > s->starts[code])
            s->codes[s->code_count++] = code;
    }
    for (size_t word = 0; word < s->words->count; word++) {
        size_t start = s->words->starts[word], end = s->words->starts[word + 1];
        for (size_t place = start; place < end;) {
            uint32_t code;
            size_t length = thor_utf8_next(s->words->text + place, end - place, &code);
            if (code >= low && code < high)
                s->suffixes[at[code - low]++] = (suffix){ .word = (uint32_t)word, .at = (uint32_t)(place - start) };
            place += length;
        }
    }
    free(at);
    return true;
}

static bool visit_all(seeder *s, const thor_par *par)
{
    for (uint32_t low = 0, high; low < FIRST_CODES; low = high) {
        high = low + 1;
        while (high < FIRST_CODES && s->starts[high + 1] - s->starts[low] <= BATCH)
            high++;
        if (s->starts[high] == s->starts[low])
            continue;
        if (!fill_batch(s, low, high))
            return false;
        thor_par_each(par, (int64_t)s->code_count, visit_codes, s);
    }
    return true;
}

static bool add_characters(const thor_word_list *words, thor_unigram_pieces *pieces)
{
    thor_seed_candidates found = { .words = words, .most = FIRST_CODES };
    int64_t *weights = calloc(FIRST_CODES, sizeof *weights);
    for (size_t word = 0; weights && word < words->count; word++)
        for (size_t at = words->starts[word]; at < words->starts[word + 1];) {
            uint32_t code;
            at += thor_utf8_next(words->text + at, words->starts[word + 1] - at, &code);
            weights[code] += words->weights[word];
        }
    size_t bytes = words->starts[words->count];
    for (size_t at = 0, length; weights && at < bytes; at += length) {
        uint32_t code;
        length = thor_utf8_next(words->text + at, bytes - at, &code);
        if (weights[code] > 0 && code != 0x2585)
            thor_seed_candidates_add(&found, (thor_seed_candidate){ .score = weights[code], .at = at,
                                                                    .bytes = (uint32_t)length });
        weights[code] = 0;
    }
    bool fits = weights && thor_seed_candidates_put(&found, pieces);
    free(weights);
    return fits;
}

/* Sums and logarithms as SentencePiece rounds them. */
static void to_logarithms(thor_unigram_pieces *pieces)
{
    float sum = 0;
    for (size_t i = 0; i < pieces->text.count; i++)
        sum += pieces->score[i];
    float all = (float)thor_ln((double)sum);
    for (size_t i = 0; i < pieces->text.count; i++)
        pieces->score[i] = (float)(thor_ln((double)pieces->score[i]) - (double)all);
}

thor_status thor_unigram_seed(const thor_learn_options *options, const thor_word_list *words, const thor_par *par,
                              thor_unigram_pieces *pieces, thor_error *error)
{
    seeder s = { .options = options, .words = words };
    s.starts = calloc(FIRST_CODES + 1, sizeof *s.starts);
    s.codes = malloc(FIRST_CODES * sizeof *s.codes);
    s.found = calloc((size_t)par->threads, sizeof *s.found);
    bool fits = s.starts && s.codes && s.found && words->count < UINT32_MAX && add_characters(words, pieces);
    /* As SentencePiece counts: the characters are not among the pieces that the number bounds before the others. */
    size_t wanted = (size_t)options->seed_pieces, known = pieces->text.count;
    size_t most = known < wanted ? wanted - known : 0;
    for (int i = 0; fits && i < par->threads; i++)
        s.found[i] = (thor_seed_candidates){ .words = words, .most = most };
    if (fits)
        count_codes(&s);
    fits = fits && visit_all(&s, par);
    for (int i = 1; s.found && i < par->threads; i++)
        thor_seed_candidates_join(&s.found[0], &s.found[i]);
    fits = fits && thor_seed_candidates_put(&s.found[0], pieces);
    free(s.starts);
    free(s.codes);
    free(s.suffixes);
    free(s.found);
    if (!fits)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the parts of %zu words; learn from a part of the text",
                         words->count);
    to_logarithms(pieces);
    return THOR_OK;
}
