/* Arrays between pages that cannot be touched: a kernel that reads or writes beyond its operands is killed on the
 * spot. */
#ifndef THOR_TESTS_SIMD_GUARD_H
#define THOR_TESTS_SIMD_GUARD_H

#include <stddef.h>
#include <stdint.h>

typedef struct guard {
    unsigned char *pages;       /* one closed page, `room` bytes, one closed page */
    size_t room, page;
} guard;

/* Stops the test when the memory is not available. */
guard guard_make(size_t room);
void guard_free(guard *g);

/* `bytes` that end (or begin) exactly at a closed page. */
void *guard_at_end(const guard *g, size_t bytes);
void *guard_at_start(const guard *g);

#endif
