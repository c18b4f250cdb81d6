/* Counting n-grams exactly and in linear time.
 *
 * The units (words or characters) of a few sequences are numbered; an n-gram's number comes from a table of pairs
 * (number of the (n-1)-gram that starts there, number of the unit behind it). Equal n-grams have equal numbers in all
 * sequences, so that counts are arrays and no n-gram is ever compared as text. */
#ifndef THOR_SCORE_NGRAM_H
#define THOR_SCORE_NGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

typedef struct thor_ngram_word {
    size_t at, length;          /* in `text` */
} thor_ngram_word;

/* Zero it before the first use, thor_ngrams_free after the last. Sequence s has the units start[s] … start[s + 1] -
 * 1. */
typedef struct thor_ngrams {
    size_t *start;
    size_t sequences, start_room;
    uint32_t *units, *grams;    /* number of the unit; number of the n-gram that starts there */
    size_t unit_count, unit_room, gram_room;
    thor_ngram_word *words;     /* of each unit, where the units are words */
    size_t word_room;
    thor_bytes text;
    uint64_t *keys;             /* the table of pairs, open addressing */
    uint32_t *numbers;
    size_t key_room, number_room, slots;
    uint32_t distinct;          /* n-grams of the present order */
    uint32_t *counts[3];        /* for callers: arrays of `distinct` numbers */
    size_t count_room[3];
    int order;                  /* 0: none yet */
    bool of_words, failed;
} thor_ngrams;

void thor_ngrams_free(thor_ngrams *ngrams);

/* Forgets all sequences. */
void thor_ngrams_start(thor_ngrams *ngrams, bool of_words);

/* Appends a sequence: what stands between white space, or every character (with white space only if `spaces`). */
void thor_ngrams_add_words(thor_ngrams *ngrams, const char *bytes, size_t count);
void thor_ngrams_add_characters(thor_ngrams *ngrams, const char *bytes, size_t count, bool spaces);

/* Numbers the n-grams of the next order, 1 the first time. Error: THOR_E_MEMORY, also for what failed while adding. */
thor_status thor_ngrams_next_order(thor_ngrams *ngrams, thor_error *error);

/* Units and n-grams (of the present order) of a sequence. */
size_t thor_ngrams_length(const thor_ngrams *ngrams, size_t sequence);
size_t thor_ngrams_total(const thor_ngrams *ngrams, size_t sequence);

/* Counts a sequence into counts[which] (cleared before). */
void thor_ngrams_tally(thor_ngrams *ngrams, size_t sequence, int which);

/* Sum over n-grams of min(counts[a], counts[b]). */
int64_t thor_ngrams_common(const thor_ngrams *ngrams, int a, int b);

/* counts[into] = max(counts[into], counts[from]) */
void thor_ngrams_unite(thor_ngrams *ngrams, int into, int from);

#endif
