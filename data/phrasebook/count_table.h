/* Hashes that are the same on every machine, and a table from texts to counts. */
#ifndef THOR_PHRASEBOOK_COUNT_TABLE_H
#define THOR_PHRASEBOOK_COUNT_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "pool.h"

/* The finalizer of SplitMix64: a bijection whose every output bit depends on every input bit. */
uint64_t mix(uint64_t number);

/* FNV-1a's step over the bytes, started from `seed`, then mixed. */
uint64_t hash_text(uint64_t seed, const char *text, size_t length);

/* Open addressing, never more than half full. Zero it but for its pool before the first use. */
struct count_table {
    struct pool *pool;
    char **key;
    long *count;
    size_t room;
    size_t used;
};

/* The count of a text, which is entered with 0 when it is new. Valid until the next call. */
long *table_count(struct count_table *table, const char *key, size_t length);

#endif
