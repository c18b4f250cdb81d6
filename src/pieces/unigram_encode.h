/* The best cut of a text by the unigram model. */
#ifndef THOR_PIECES_UNIGRAM_ENCODE_H
#define THOR_PIECES_UNIGRAM_ENCODE_H

#include "base/status.h"
#include "pieces/segments.h"
#include "pieces/spm.h"

typedef struct thor_unigram thor_unigram;

thor_status thor_unigram_create(thor_unigram **unigram, const thor_spm *spm, thor_error *error);
void thor_unigram_free(thor_unigram *unigram);

/* Appends the pieces of the cut with the largest sum of scores (Viterbi; Kudo 2018, equation 5); of equal ones the
 * one whose last piece starts first. A character that no piece covers alone may be unknown for 10 less than the
 * worst score. */
thor_status thor_unigram_encode(const thor_unigram *unigram, const char *text, size_t count, thor_segments *out,
                                thor_error *error);

#endif
