#include "score/scratch.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool thor_scratch_array(void **array, size_t *room, size_t count, size_t size)
{
    if (count <= *room)
        return true;
    size_t wanted = *room > SIZE_MAX / 2 ? count : *room * 2;
    if (wanted < count)
        wanted = count;
    if (wanted < 16)
        wanted = 16;
    if (wanted > SIZE_MAX / size)
        return false;
    void *grown = realloc(*array, wanted * size);
    if (!grown)
        return false;
    *array = grown;
    *room = wanted;
    return true;
}

bool thor_scratch_reserve(thor_scratch *scratch, size_t more)
{
    if (scratch->failed || more > SIZE_MAX - scratch->count) {
        scratch->failed = true;
        return false;
    }
    if (scratch->count + more <= scratch->room)
        return true;
    void *bytes = scratch->bytes;
    scratch->failed = !thor_scratch_array(&bytes, &scratch->room, scratch->count + more, 1);
    scratch->bytes = bytes;
    return !scratch->failed;
}

void thor_scratch_add(thor_scratch *scratch, const char *bytes, size_t count)
{
    if (count == 0 || !thor_scratch_reserve(scratch, count))
        return;
    memcpy(scratch->bytes + scratch->count, bytes, count);
    scratch->count += count;
}

void thor_scratch_put(thor_scratch *scratch, char byte)
{
    if (scratch->count < scratch->room)
        scratch->bytes[scratch->count++] = byte;
    else
        thor_scratch_add(scratch, &byte, 1);
}

void thor_scratch_free(thor_scratch *scratch)
{
    free(scratch->bytes);
    *scratch = (thor_scratch){ .bytes = NULL };
}
