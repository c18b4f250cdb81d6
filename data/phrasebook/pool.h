/* Memory that lives until the program ends, and arrays that grow in it. Where there is none the program ends. */
#ifndef THOR_PHRASEBOOK_POOL_H
#define THOR_PHRASEBOOK_POOL_H

#include <stddef.h>

struct block;

/* Zero it before the first use. */
struct pool {
    struct block *newest;
};

/* A list of strings; the strings and the array belong to a pool. */
struct list {
    char **item;
    size_t count;
};

/* Zeroed memory for `count` items of `size` bytes. */
void *take(struct pool *pool, size_t count, size_t size);

/* The array, with room for one item more than the `count` that it has: an old array is copied, not freed. */
void *grow(struct pool *pool, void *old, size_t count, size_t size);

/* `length` bytes of text, with a zero byte behind them. */
char *copy_text(struct pool *pool, const char *text, size_t length);

void append(struct pool *pool, struct list *list, char *text);

/* Frees everything that was taken. */
void give_back_all(struct pool *pool);

#endif
