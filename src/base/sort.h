/* Sorting with one answer: no libc qsort, whose order of equal keys is its own. */
#ifndef THOR_BASE_SORT_H
#define THOR_BASE_SORT_H

#include <stdint.h>

/* Ascending, in place (heap sort; keys that are equal are the same number). */
void thor_sort_u64(uint64_t *keys, int64_t count);

#endif
