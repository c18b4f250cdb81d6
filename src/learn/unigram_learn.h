/* A unigram vocabulary learned from words (Kudo, Subword Regularization, 2018): many pieces to start with, expectation
 * maximisation, pruning, as SentencePiece does it, down to the order in which numbers are added. */
#ifndef THOR_LEARN_UNIGRAM_LEARN_H
#define THOR_LEARN_UNIGRAM_LEARN_H

#include "learn/alphabet.h"
#include "learn/unigram_model.h"

/* At most `most` pieces with their scores (natural logarithms of probabilities), best score first, equal ones by bytes.
 * All characters of the alphabet are among them. *pieces starts zeroed; thor_unigram_pieces_free after. */
thor_status thor_unigram_learn(const thor_learn_options *options, const thor_words *words,
                               const thor_alphabet *alphabet, size_t most, thor_unigram_pieces *pieces,
                               thor_error *error);

#endif
