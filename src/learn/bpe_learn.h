/* Byte pair encoding learned from words (Sennrich, Haddow and Birch 2016), with SentencePiece's choices. */
#ifndef THOR_LEARN_BPE_LEARN_H
#define THOR_LEARN_BPE_LEARN_H

#include "base/status.h"
#include "learn/alphabet.h"
#include "learn/learn.h"

/* Merges the pair of neighbouring symbols with the largest weight, again and again, until there are `merges` new
 * pieces or no pair is left. Of equal weights the shorter piece goes first (in characters), then the one with the
 * smaller bytes, then the pair that was seen first. A pair is left alone when its piece would be longer than
 * options->longest_piece, hold a character outside the alphabet, have U+2581 behind its start, or cross scripts; and
 * when another pair made the same piece before. In a run of one symbol, as it comes into being, pairs are counted
 * from its start and do not overlap.
 *
 * The pieces are appended to *merged, whose first alphabet->count strings have to be the characters. */
thor_status thor_bpe_learn(const thor_learn_options *options, const thor_words *words, const thor_alphabet *alphabet,
                           size_t merges, thor_strings *merged, int64_t *last_weight, thor_error *error);

#endif
