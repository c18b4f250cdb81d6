/* Bytes that grow. A failed allocation is remembered and everything after it ignored, so that it is checked once, at
 * the end. */
#ifndef THOR_SCORE_SCRATCH_H
#define THOR_SCORE_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Zero it before the first use; thor_scratch_free after the last. */
typedef struct thor_scratch {
    char *bytes;
    size_t count, room;
    bool failed;
} thor_scratch;

/* Makes room for `more` bytes behind the present ones. */
bool thor_scratch_reserve(thor_scratch *scratch, size_t more);
void thor_scratch_add(thor_scratch *scratch, const char *bytes, size_t count);
void thor_scratch_put(thor_scratch *scratch, char byte);
void thor_scratch_free(thor_scratch *scratch);

/* Makes *array hold at least `count` elements of `size` bytes, doubling; false without memory (the old ones stay). */
bool thor_scratch_array(void **array, size_t *room, size_t count, size_t size);

#endif
