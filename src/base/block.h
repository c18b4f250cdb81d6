/* Large blocks of memory: on a 64-byte line, and on large pages where the system has them for the asking, since a step
 * walks through its blocks from end to end and along columns. */
#ifndef THOR_BASE_BLOCK_H
#define THOR_BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/par.h"

/* What passes over all of a block hands out at a time (thor_par_for), in floats. One number, so that a thread gets the
 * part that it was given when the block was cleared: that is where the system puts its pages. */
enum { THOR_BLOCK_GRAIN = 1 << 14 };

/* `bytes` of memory that is not cleared, or NULL. Given back by free(). */
void *thor_block_take(size_t bytes);

/* A block of so many floats that are 0, or NULL. Given back by free(). par NULL: on this thread. */
float *thor_block_zeros(const thor_par *par, int64_t floats);

#endif
