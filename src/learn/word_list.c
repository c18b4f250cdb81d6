#include "learn/word_list.h"

#include <stdlib.h>
#include <string.h>

#include "learn/word_split.h"
#include "text/utf8.h"

enum { RARE = 0x2585 };

typedef struct listed_word {
    const char *text;
    size_t bytes;
    int64_t weight;
    uint32_t next;
} listed_word;

typedef struct lister {
    const thor_words *words;
    const thor_alphabet *alphabet;
    thor_strings merged;        /* words with rare characters, after replacing */
    int64_t *weights;           /* [merged] */
    uint32_t *next;             /* [merged] */
    size_t weights_room, next_room;
    thor_bytes spelled;
} lister;

static bool is_kept(const lister *l, uint32_t code)
{
    return thor_map64_get(&l->alphabet->number, code) != THOR_ABSENT;
}

static bool is_clean(const lister *l, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        uint32_t code;
        at += thor_utf8_next(text + at, bytes - at, &code);
        if (!is_kept(l, code))
            return false;
    }
    return true;
}

static void spell(lister *l, const char *text, size_t bytes)
{
    l->spelled.count = 0;
    for (size_t at = 0, length; at < bytes; at += length) {
        uint32_t code;
        char rare[4];
        length = thor_utf8_next(text + at, bytes - at, &code);
        if (is_kept(l, code))
            thor_bytes_add(&l->spelled, text + at, length);
        else
            thor_bytes_add(&l->spelled, rare, thor_utf8_put(RARE, rare));
    }
}

static uint32_t next_of(const lister *l, size_t word)
{
    uint32_t next = thor_words_next(l->words, word);
    bool is_code = next != THOR_NEXT_END && next != THOR_NEXT_SEVERAL && next != THOR_NEXT_NONE;
    return is_code && !is_kept(l, next) ? RARE : next;
}

/* Adds a word to those that were spelled anew. */
static bool merge(lister *l, size_t word, const char *text, size_t bytes)
{
    spell(l, text, bytes);
    size_t known = l->merged.count;
    uint32_t number = l->spelled.failed ? THOR_ABSENT : thor_strings_add(&l->merged, l->spelled.data, l->spelled.count);
    uint32_t next = next_of(l, word);
    if (number == THOR_ABSENT || !thor_grow(&l->weights, &l->weights_room, known, 1, sizeof *l->weights) ||
        !thor_grow(&l->next, &l->next_room, known, 1, sizeof *l->next))
        return false;
    if (number == known) {
        l->weights[number] = 0;
        l->next[number] = next;
    }
    l->weights[number] += thor_words_weight(l->words, word);
    l->next[number] = l->next[number] == next ? next : THOR_NEXT_SEVERAL;
    return true;
}

static int by_weight(const void *a, const void *b)
{
    const listed_word *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    int order = memcmp(x->text, y->text, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order != 0 ? order : x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* Clean words, which are in order, and the others, which are put in order. */
static bool collect(lister *l, listed_word *found, size_t *count)
{
    size_t words = thor_words_count(l->words);
    for (size_t i = 0; i < words; i++) {
        listed_word word = { .weight = thor_words_weight(l->words, i), .next = next_of(l, i) };
        word.text = thor_words_text(l->words, i, &word.bytes);
        if (is_clean(l, word.text, word.bytes))
            found[(*count)++] = word;
        else if (!merge(l, i, word.text, word.bytes))
            return false;
    }
    for (size_t i = 0; i < l->merged.count; i++) {
        listed_word word = { .weight = l->weights[i], .next = l->next[i] };
        word.text = thor_strings_text(&l->merged, i, &word.bytes);
        found[(*count)++] = word;
    }
    if (l->merged.count > 0)
        qsort(found, *count, sizeof *found, by_weight);
    return true;
}

static bool copy(thor_word_list *list, const listed_word *found, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += found[i].bytes;
    list->count = count;
    list->text = malloc(bytes + 1);
    list->starts = malloc((count + 1) * sizeof *list->starts);
    list->weights = malloc((count + 1) * sizeof *list->weights);
    list->next = malloc((count + 1) * sizeof *list->next);
    if (!list->text || !list->starts || !list->weights || !list->next)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        list->starts[i] = at;
        list->weights[i] = found[i].weight;
        list->next[i] = found[i].next;
        memcpy(list->text + at, found[i].text, found[i].bytes);
        at += found[i].bytes;
    }
    list->starts[count] = at;
    return true;
}

thor_status thor_word_list_make(thor_word_list *list, const thor_words *words, const thor_alphabet *alphabet,
                                thor_error *error)
{
    lister l = { .words = words, .alphabet = alphabet };
    size_t count = 0;
    listed_word *found = malloc((thor_words_count(words) + 1) * sizeof *found);
    *list = (thor_word_list){ .count = 0 };
    bool fits = found && collect(&l, found, &count) && copy(list, found, count);
    free(found);
    free(l.weights);
    free(l.next);
    free(l.spelled.data);
    thor_strings_free(&l.merged);
    if (fits)
        return THOR_OK;
    thor_word_list_free(list);
    return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %zu words; learn from a part of the text",
                     thor_words_count(words));
}

void thor_word_list_free(thor_word_list *list)
{
    free(list->text);
    free(list->starts);
    free(list->weights);
    free(list->next);
    *list = (thor_word_list){ .count = 0 };
}
