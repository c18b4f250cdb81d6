/* One step of expectation maximisation for a unigram vocabulary. */
#ifndef THOR_LEARN_UNIGRAM_EM_H
#define THOR_LEARN_UNIGRAM_EM_H

#include "base/par.h"
#include "learn/unigram_model.h"
#include "learn/word_list.h"

/* Words are dealt to so many parts, word i to part i % 16, whose sums are added in their order: what spm_train does
 * with its 16 threads, and the same result for any number of ours. */
enum { THOR_UNIGRAM_PARTS = 16 };

/* E: how often each piece is expected in all words. M: its score becomes digamma(expected) - digamma(sum); pieces that
 * are expected less than 0.5 times go (Liang, Klein, Jordan 2007, a sparse prior). Errors: THOR_E_MEMORY. */
thor_status thor_unigram_em(thor_unigram_model *model, const thor_word_list *words, const thor_par *par,
                            thor_error *error);

#endif
