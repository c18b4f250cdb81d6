/* Learning from a part of the lines. */
#ifndef THOR_LEARN_SAMPLE_H
#define THOR_LEARN_SAMPLE_H

#include "learn/learn_options.h"
#include "learn/words.h"

/* Adds options->sample lines of the files to the words, each file as a group, and says in *lines how many there are in
 * all. Empty lines, lines that are too long and lines with U+2585 are never drawn. The files are read twice, so they
 * may not be pipes: lines are counted, places drawn, and the lines at these places read.
 *
 * The draw is SentencePiece's: the Mersenne Twister (Matsumoto and Nishimura 1998) seeded with options->seed, line i +
 * 1 replaces place r of the sample when r = a number below i + 1 is one (Vitter's algorithm R, 1985); numbers below n
 * by Lemire's method (2019), as libstdc++ draws them since its version 11. */
thor_status thor_sample_files(const thor_learn_options *options, const char *const *paths, size_t count,
                              thor_words *words, int64_t *lines, thor_error *error);

#endif
