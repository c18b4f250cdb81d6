/* Beam search over a batch of sentences (fairseq's algorithm): at each position the 2*beam best continuations of a
 * sentence; </s> is accepted from the best `beam` of them, the first `beam` others go on; the search of a sentence
 * stops when `beam` hypotheses are finished. */
#ifndef THOR_DECODE_BEAM_H
#define THOR_DECODE_BEAM_H

#include "model/pass.h"

/* A translation has at most a*S + b tokens, S = words and </s> of the source; its tag and </s> are not counted. */
typedef struct thor_search {
    int32_t beam;                       /* 1 … THOR_MOST_BEAM */
    double length_penalty;              /* score = sum of log p / length^penalty, tag and </s> counted */
    double max_length_a, max_length_b;  /* a, b */
} thor_search;

typedef struct thor_hypothesis {
    int32_t *ids;                       /* pieces, without tag and </s>; owned */
    int32_t count;
    double score;                       /* normalised */
    double log_probability;             /* sum of log p, tag and </s> included */
} thor_hypothesis;

/* The finished hypotheses of one sentence, best first. */
typedef struct thor_translation {
    thor_hypothesis *items;
    int32_t count;
} thor_translation;

/* Translates the batch that `pass` has just encoded; tags[b] is the target language's token. translations [sentences]
 * are filled and are freed with thor_translation_free. A sentence's result does not depend on its batch. */
thor_status thor_beam_search(thor_pass *pass, const int32_t *tags, const thor_search *search,
                             thor_translation *translations, thor_error *error);

void thor_translation_free(thor_translation *translation);

#endif
