/* The pieces that learning a unigram vocabulary starts with. */
#ifndef THOR_LEARN_UNIGRAM_SEED_H
#define THOR_LEARN_UNIGRAM_SEED_H

#include "base/par.h"
#include "learn/unigram_model.h"
#include "learn/word_list.h"

/* All characters, the most frequent first; then the texts of at least two characters that may be pieces, stand before
 * at least two different characters (the inner nodes of the corpus' suffix tree), and have the largest scores
 * occurrences * characters, at most options->seed_pieces of them. Of equal scores comes first what is smaller by bytes,
 * but a text behind those that it is the start of. A piece's score becomes the logarithm of its share of all scores. */
thor_status thor_unigram_seed(const thor_learn_options *options, const thor_word_list *words, const thor_par *par,
                              thor_unigram_pieces *pieces, thor_error *error);

#endif
