/* Pruning of a unigram vocabulary. */
#ifndef THOR_LEARN_UNIGRAM_PRUNE_H
#define THOR_LEARN_UNIGRAM_PRUNE_H

#include "base/par.h"
#include "learn/learn_options.h"
#include "learn/unigram_model.h"
#include "learn/word_list.h"

/* Keeps max(least, options->shrinking * pieces) pieces: those that nothing can take the place of, then those whose loss
 * is largest. Loss of piece i with count f_i on the best paths, share F_i of the words, and the second best path a_1 …
 * a_n through its own text:
 *     F_i (log(f_i / f) - sum over j of log((f_aj + f_i) / (f + f_i (m - 1)))),   f the sum of all counts,
 * where m is n with options->exact_loss, as in SentencePiece from 0.2.0 on, and else the number of all pieces, as in
 * the releases up to 0.1.99. Pieces that are on no best path, or not on the best path through their own text, go. */
thor_status thor_unigram_prune(thor_unigram_model *model, const thor_word_list *words,
                               const thor_learn_options *options, size_t least, const thor_par *par,
                               thor_error *error);

#endif
