/* Statistics of translations that nobody made, the same here and in significance.py. */
#ifndef THOR_TESTS_MADE_SCORES_H
#define THOR_TESTS_MADE_SCORES_H

#include <stddef.h>
#include <stdint.h>

enum { MADE_SENTENCES = 60, MADE_COLUMNS = 10 };

/* A row of BLEU's statistics of a sentence of `test_set` by `system`: lengths, then matches, then n-grams. */
static inline void made_row(int test_set, int system, int sentence, double row[MADE_COLUMNS])
{
    int length = 8 + (sentence * 7 + test_set * 3) % 13;
    row[0] = length;
    row[1] = length + (sentence + test_set) % 3 - 1;
    for (int n = 0; n < 4; n++) {
        int grams = length - n, missed = (sentence * (3 + system) + n * 5 + test_set) % (3 + n + system % 2);
        row[6 + n] = grams;
        row[2 + n] = grams - missed > 0 ? grams - missed : 0;
    }
}

#endif
