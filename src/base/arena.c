#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>

#include "base/block.h"

enum { LINE = 64 };

thor_arena thor_arena_measure(void)
{
    return (thor_arena){ .memory = NULL };
}

thor_status thor_arena_create(thor_arena *arena, size_t bytes, const char *what, thor_error *error)
{
    *arena = (thor_arena){ .memory = NULL };
    if (bytes > SIZE_MAX - LINE)
        return thor_fail(error, THOR_E_MEMORY, "%s: %zu bytes are more than this machine can address", what, bytes);
    size_t rounded = (bytes + LINE) / LINE * LINE;
    arena->memory = thor_block_take(rounded);
    if (!arena->memory)
        return thor_fail(error, THOR_E_MEMORY,
                         "%s: %zu bytes (%.1f MiB) are not available; try a smaller model or batch", what, bytes,
                         (double)bytes / 1048576.0);
    arena->capacity = rounded;
    return THOR_OK;
}

void thor_arena_free(thor_arena *arena)
{
    free(arena->memory);
    *arena = (thor_arena){ .memory = NULL };
}

void *thor_arena_take(thor_arena *arena, int64_t count, size_t size)
{
    if (count < 0 || (size != 0 && (uint64_t)count > (SIZE_MAX - LINE - arena->used) / size)) {
        arena->overflow = true;
        return NULL;
    }
    size_t bytes = ((size_t)count * size + LINE - 1) / LINE * LINE;
    size_t start = arena->used;
    if (arena->memory && bytes > arena->capacity - start) {
        arena->overflow = true;
        return NULL;
    }
    arena->used = start + bytes;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    return arena->memory ? arena->memory + start : NULL;
}

size_t thor_arena_mark(const thor_arena *arena)
{
    return arena->used;
}

void thor_arena_release(thor_arena *arena, size_t mark)
{
    assert(mark <= arena->peak);
    arena->used = mark;
}
