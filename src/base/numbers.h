/* Small arithmetic that every folder needs. */
#ifndef THOR_BASE_NUMBERS_H
#define THOR_BASE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

static inline int64_t thor_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t thor_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* n rounded up to whole vectors of sixteen lanes. */
static inline int64_t thor_whole_vectors(int64_t n)
{
    return (n + 15) / 16 * 16;
}

/* count * size; SIZE_MAX, which no allocation grants, where a size_t cannot hold it (32-bit machines) or count is
 * negative. */
static inline size_t thor_bytes_of(int64_t count, size_t size)
{
    if (count < 0 || (size > 0 && (uint64_t)count > SIZE_MAX / size))
        return SIZE_MAX;
    return (size_t)count * size;
}

#endif
