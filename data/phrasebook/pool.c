#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

struct block {
    struct block *next;
    max_align_t data[];
};

void *take(struct pool *pool, size_t count, size_t size)
{
    struct block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX - sizeof *block) / size)
        block = calloc(1, sizeof *block + count * size);
    if (block == NULL)
        fail("memory", 0, "cannot get %zu items of %zu bytes", count, size);
    block->next = pool->newest;
    pool->newest = block;
    return block->data;
}

void give_back_all(struct pool *pool)
{
    while (pool->newest != NULL) {
        struct block *next = pool->newest->next;
        free(pool->newest);
        pool->newest = next;
    }
}

/* The room is the next power of two, so that it needs no field of its own. */
void *grow(struct pool *pool, void *old, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return old;
    void *array = take(pool, count == 0 ? 1 : 2 * count, size);
    if (count != 0)
        memcpy(array, old, count * size);
    return array;
}

char *copy_text(struct pool *pool, const char *text, size_t length)
{
    char *copy = take(pool, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

void append(struct pool *pool, struct list *list, char *text)
{
    list->item = grow(pool, list->item, list->count, sizeof *list->item);
    list->item[list->count++] = text;
}
