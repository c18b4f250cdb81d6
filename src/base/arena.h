/* One block of memory for one lifetime, carved in order.
 *
 * An arena without memory only counts: the function that lays out a step is called twice, once to measure and once to
 * place, so size and use cannot disagree. Every piece starts on a 64-byte line. */
#ifndef THOR_BASE_ARENA_H
#define THOR_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct thor_arena {
    unsigned char *memory;      /* NULL: counts only */
    size_t capacity;            /* bytes */
    size_t used;                /* bytes taken now */
    size_t peak;                /* the most that was ever taken */
    bool overflow;              /* a request did not fit, or its size overflowed */
} thor_arena;

/* An arena that counts. */
thor_arena thor_arena_measure(void);

/* Allocates `bytes`; the memory is the arena's until thor_arena_free. `what` names it in the error. */
thor_status thor_arena_create(thor_arena *arena, size_t bytes, const char *what, thor_error *error);
void thor_arena_free(thor_arena *arena);

/* `count` elements of `size` bytes, not cleared. NULL while measuring and after an overflow. */
void *thor_arena_take(thor_arena *arena, int64_t count, size_t size);

/* Stack discipline for scratch: remember, use, go back; or forward, to a place that was reached before. */
size_t thor_arena_mark(const thor_arena *arena);
void thor_arena_release(thor_arena *arena, size_t mark);

#define THOR_TAKE(arena, type, count) ((type *)thor_arena_take((arena), (count), sizeof(type)))

#endif
