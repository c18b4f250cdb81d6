/* A byte string that grows. Zero it before the first use; thor_bytes_free, or free(data), after the last. */
#ifndef THOR_BASE_BYTES_H
#define THOR_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

typedef struct thor_bytes {
    char *data;
    size_t count, room;
    bool failed;        /* some addition found no memory; everything after it was left out */
} thor_bytes;

/* Makes room for `more` bytes behind the present ones; false, and `failed`, without memory. */
bool thor_bytes_reserve(thor_bytes *bytes, size_t more);

/* Appends; sets `failed` when there is no memory, so that a writer asks once, at its end. */
void thor_bytes_add(thor_bytes *bytes, const void *data, size_t count);
void thor_bytes_add_byte(thor_bytes *bytes, char byte);
void thor_bytes_free(thor_bytes *bytes);

/* THOR_E_MEMORY, naming `what`, when an addition failed. */
thor_status thor_bytes_check(const thor_bytes *bytes, const char *what, thor_error *error);

/* Room for `count` more items of `size` bytes in *items: doubles *room. False without memory; *items is then as it
 * was. */
bool thor_grow(void *items, size_t *room, size_t used, size_t count, size_t size);

#endif
