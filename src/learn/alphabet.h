/* The characters of a corpus that become pieces. */
#ifndef THOR_LEARN_ALPHABET_H
#define THOR_LEARN_ALPHABET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "learn/words.h"
#include "text/hash_tables.h"

typedef struct thor_character {
    uint32_t code;
    int64_t weight;
    bool required;
} thor_character;

typedef struct thor_alphabet {
    thor_character *characters; /* [count], the most frequent first, equal ones by code point */
    size_t count, unknown;      /* unknown: how many different ones were left out */
    thor_map64 number;          /* code point to its place in `characters`, for those that were kept */
} thor_alphabet;

/* Takes characters, required ones first, then in order of their frequency, until their share of the text reaches the
 * coverage. The share is compared in single precision, as SentencePiece does it. The tab, which marks what must not be
 * learned, counts but is never taken. */
thor_status thor_alphabet_make(thor_alphabet *alphabet, const thor_words *words, const thor_learn_options *options,
                               thor_error *error);
void thor_alphabet_free(thor_alphabet *alphabet);

#endif
