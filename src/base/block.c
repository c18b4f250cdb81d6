/* madvise is no part of POSIX. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "base/block.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LINE = 64, LARGE_PAGE = 2 << 20 };

void *thor_block_take(size_t bytes)
{
    size_t unit = bytes >= 2 * (size_t)LARGE_PAGE ? LARGE_PAGE : LINE;
    if (bytes > SIZE_MAX - unit)
        return NULL;
    size_t rounded = (bytes + unit - 1) / unit * unit;
    void *memory = aligned_alloc(unit, rounded > 0 ? rounded : unit);
#ifdef MADV_HUGEPAGE
    /* Only a wish: without large pages everything works as before. */
    if (memory && unit == LARGE_PAGE)
        (void)madvise(memory, rounded, MADV_HUGEPAGE);
#endif
    return memory;
}
