/* A prepared folder made up from numbers, for tests that need no text. */
#ifndef THOR_TESTS_MADE_CORPUS_H
#define THOR_TESTS_MADE_CORPUS_H

#include "data/prepared.h"

enum { MADE_PIECES = 50 };

/* Writes `folder`: languages "aa", "bb", "cc" …, pairs aa-bb, aa-cc …; pair p has counts[p][split] sentences with 1 …
 * `longest` pieces on each side, lengths and ids from Philox. With `domains` pair p is of domain "d0", "d1" … */
void make_corpus(const char *folder, int32_t pairs, const int64_t counts[][THOR_SPLITS], int32_t longest, bool domains);

/* One pair aa-bb with one sentence 10 11 12 | 20 21 in every split. */
void make_tiny_corpus(const char *folder);

/* The same with `pairs` pairs, whose files are hard links to those of pair 0; but side 0 of pair 1's train has the one
 * sentence 10, 11, 12, 13, 14. False where the disk knows no hard links. */
bool make_linked_corpus(const char *folder, int32_t pairs);

#endif
