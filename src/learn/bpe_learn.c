#include "learn/bpe_learn.h"

#include <stdlib.h>
#include <string.h>

#include "learn/bpe_pairs.h"
#include "text/utf8.h"

/* A cell is symbol << 1 | odd. `odd` says that the cell stood at an odd place in a run of its symbol when it came
 * into being, so that a pair of equal symbols is one only from an even cell on. */
#define UNKNOWN_CELL UINT32_MAX

typedef struct learner {
    const thor_words *words;
    thor_strings *symbols;
    uint8_t *lengths;           /* [symbols] */
    size_t lengths_room;
    uint32_t *cells;
    size_t *starts;             /* [words] of its cells */
    uint32_t *counts;           /* [words] cells */
    thor_bpe_pairs pairs;
} learner;

static uint32_t symbol_of(uint32_t cell)
{
    return cell >> 1;
}

static bool is_pair(uint32_t left, uint32_t right)
{
    if (left == UNKNOWN_CELL || right == UNKNOWN_CELL)
        return false;
    return symbol_of(left) != symbol_of(right) || (left & 1) == 0;
}

static void add_pair(learner *l, uint32_t left, uint32_t right, uint32_t word, int64_t weight)
{
    if (is_pair(left, right))
        thor_bpe_pairs_add(&l->pairs, symbol_of(left), symbol_of(right), word, weight);
}

static void remove_pair(learner *l, uint32_t left, uint32_t right, int64_t weight)
{
    if (is_pair(left, right))
        thor_bpe_pairs_remove(&l->pairs, symbol_of(left), symbol_of(right), weight);
}

/* The cell of a symbol that comes into being behind `previous`. */
static uint32_t cell_after(uint32_t symbol, uint32_t previous)
{
    return symbol << 1 | (previous != UNKNOWN_CELL && symbol_of(previous) == symbol && (previous & 1) == 0);
}

static bool make_room(learner *l)
{
    size_t words = thor_words_count(l->words), cells = 0;
    for (size_t i = 0; i < words; i++) {
        size_t bytes;
        const char *text = thor_words_text(l->words, i, &bytes);
        for (size_t at = 0; at < bytes; at += thor_utf8_length(text[at]))
            cells++;
    }
    l->cells = malloc((cells + 1) * sizeof *l->cells);
    l->starts = malloc((words + 1) * sizeof *l->starts);
    l->counts = malloc((words + 1) * sizeof *l->counts);
    return l->cells && l->starts && l->counts && thor_grow(&l->lengths, &l->lengths_room, 0, l->symbols->count, 1);
}

static void fill_word(learner *l, const thor_alphabet *alphabet, size_t word, size_t start)
{
    size_t bytes, count = 0;
    const char *text = thor_words_text(l->words, word, &bytes);
    uint32_t *cells = l->cells + start, code;
    for (size_t at = 0; at < bytes; count++) {
        at += thor_utf8_next(text + at, bytes - at, &code);
        uint32_t symbol = thor_map64_get(&alphabet->number, code);
        cells[count] = symbol == THOR_ABSENT ? UNKNOWN_CELL
                                             : cell_after(symbol, count > 0 ? cells[count - 1] : UNKNOWN_CELL);
    }
    l->starts[word] = start;
    l->counts[word] = (uint32_t)count;
    for (size_t i = 0; i + 1 < count; i++)
        add_pair(l, cells[i], cells[i + 1], (uint32_t)word, thor_words_weight(l->words, word));
}

/* Replaces the pair in one word. Neighbouring units, of which one was merged, change their pair; others keep it. */
static void merge_word(learner *l, uint32_t word, uint32_t left, uint32_t right, uint32_t merged)
{
    uint32_t *cells = l->cells + l->starts[word], count = l->counts[word], kept = 0;
    int64_t weight = thor_words_weight(l->words, word);
    uint32_t old_last = UNKNOWN_CELL;       /* the last cell of the unit before, as it was */
    bool merged_last = false;
    for (uint32_t i = 0; i < count;) {
        uint32_t first = cells[i], last = first, cell = first;
        bool merges = i + 1 < count && is_pair(first, cells[i + 1]) && symbol_of(first) == left &&
                      symbol_of(cells[i + 1]) == right;
        if (merges) {
            last = cells[i + 1];
            cell = cell_after(merged, kept > 0 ? cells[kept - 1] : UNKNOWN_CELL);
        }
        if (kept > 0 && (merges || merged_last)) {
            remove_pair(l, old_last, first, weight);
            add_pair(l, cells[kept - 1], cell, word, weight);
        }
        i += merges ? 2 : 1;
        cells[kept++] = cell;
        old_last = last;
        merged_last = merges;
    }
    l->counts[word] = kept;
}

/* A new symbol of the pair's piece; THOR_ABSENT when the piece exists already (or there is no memory). */
static uint32_t new_symbol(learner *l, const thor_bpe_pair *pair)
{
    char text[8 * 64];
    size_t left, right, known = l->symbols->count;
    const char *part = thor_strings_text(l->symbols, pair->left, &left);
    memcpy(text, part, left);
    part = thor_strings_text(l->symbols, pair->right, &right);
    memcpy(text + left, part, right);
    uint32_t symbol = thor_strings_add(l->symbols, text, left + right);
    if (symbol < known)
        return THOR_ABSENT;
    if (symbol == THOR_ABSENT || symbol >= UINT32_MAX / 2 || !thor_grow(&l->lengths, &l->lengths_room, known, 1, 1)) {
        l->pairs.failed = true;
        return THOR_ABSENT;
    }
    l->lengths[symbol] = (uint8_t)(l->lengths[pair->left] + l->lengths[pair->right]);
    l->pairs.lengths = l->lengths;
    return symbol;
}

static void merge_everywhere(learner *l, uint32_t number, uint32_t symbol)
{
    thor_bpe_pair pair = l->pairs.pairs[number];
    uint32_t before = THOR_ABSENT;
    for (uint32_t place = pair.first; place != THOR_ABSENT && !l->pairs.failed; place = l->pairs.places[place].next) {
        uint32_t word = l->pairs.places[place].word;
        if (word != before)
            merge_word(l, word, pair.left, pair.right, symbol);
        before = word;
    }
}

static void learn(learner *l, size_t merges, int64_t *last_weight)
{
    for (size_t done = 0; done < merges && !l->pairs.failed;) {
        uint32_t number = thor_bpe_pairs_best(&l->pairs);
        if (number == THOR_ABSENT)
            break;
        int64_t weight = l->pairs.pairs[number].weight;
        uint32_t symbol = new_symbol(l, &l->pairs.pairs[number]);
        if (symbol != THOR_ABSENT) {
            merge_everywhere(l, number, symbol);
            *last_weight = weight;
            done++;
        }
        thor_bpe_pairs_retire(&l->pairs, number);
    }
}

thor_status thor_bpe_learn(const thor_learn_options *options, const thor_words *words, const thor_alphabet *alphabet,
                           size_t merges, thor_strings *merged, int64_t *last_weight, thor_error *error)
{
    learner l = { .words = words, .symbols = merged };
    l.pairs = (thor_bpe_pairs){ .options = options, .symbols = merged, .free_places = THOR_ABSENT };
    *last_weight = 0;
    bool fits = make_room(&l) && thor_words_count(words) < UINT32_MAX;
    if (fits) {
        memset(l.lengths, 1, merged->count);
        l.pairs.lengths = l.lengths;
        size_t start = 0;
        for (size_t word = 0; word < thor_words_count(words); word++) {
            fill_word(&l, alphabet, word, start);
            start += l.counts[word];
        }
        learn(&l, merges, last_weight);
        fits = !l.pairs.failed;
    }
    thor_bpe_pairs_free(&l.pairs);
    free(l.lengths);
    free(l.cells);
    free(l.starts);
    free(l.counts);
    if (!fits)
        return thor_fail(error, THOR_E_MEMORY,
                         "no memory for learning from %zu different words; learn from a part of the text",
                         thor_words_count(words));
    return THOR_OK;
}
