/* madvise is no part of POSIX. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "base/block.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/numbers.h"

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

static void clear_body(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    memset((float *)context + begin, 0, (size_t)(end - begin) * sizeof(float));
}

float *thor_block_zeros(const thor_par *par, int64_t floats)
{
    const thor_par alone = { .threads = 1 };
    float *block = thor_block_take(thor_bytes_of(floats, sizeof *block));
    if (block)
        thor_par_for(par ? par : &alone, floats, THOR_BLOCK_GRAIN, clear_body, block);
    return block;
}
