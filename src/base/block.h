/* Large blocks of memory: on a 64-byte line, and on large pages where the system has them for the asking, since a step
 * walks through its blocks from end to end and along columns. */
#ifndef THOR_BASE_BLOCK_H
#define THOR_BASE_BLOCK_H

#include <stddef.h>

/* `bytes` of memory that is not cleared, or NULL. Given back by free(). */
void *thor_block_take(size_t bytes);

#endif
