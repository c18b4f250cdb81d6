/* Sorting with one answer: no libc qsort, whose order of equal keys is its own. */
#ifndef THOR_BASE_SORT_H
#define THOR_BASE_SORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/par.h"

/* Does a come before b? Never both ways, and one way or the other unless they are the same. */
typedef bool thor_comes_before(const void *context, int32_t a, int32_t b);

/* Numbers of things into the order that `before` says, in place (heap sort). */
void thor_sort_by(int32_t *items, int64_t count, thor_comes_before *before, const void *context);

/* Ascending, in place (heap sort; keys that are equal are the same number). */
void thor_sort_u64(uint64_t *keys, int64_t count);

/* The same on several threads, for many keys: `spare` is memory for as many again. */
void thor_sort_u64_shared(const thor_par *par, uint64_t *keys, uint64_t *spare, int64_t count);

#endif
