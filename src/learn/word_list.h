/* Words one behind the other, for going over them many times. */
#ifndef THOR_LEARN_WORD_LIST_H
#define THOR_LEARN_WORD_LIST_H

#include "learn/alphabet.h"
#include "learn/words.h"

/* Word i is the bytes starts[i] … starts[i + 1] - 1 of the text. */
typedef struct thor_word_list {
    char *text;
    uint64_t *starts;           /* [count + 1] */
    int64_t *weights;           /* [count] */
    uint32_t *next;             /* [count]: what stands behind it, THOR_NEXT_… */
    size_t count;
} thor_word_list;

/* Copies the words, every character outside of the alphabet replaced by U+2585; words that become the same are one. The
 * order is that of thor_words. Errors: THOR_E_MEMORY. */
thor_status thor_word_list_make(thor_word_list *list, const thor_words *words, const thor_alphabet *alphabet,
                                thor_error *error);
void thor_word_list_free(thor_word_list *list);

#endif
