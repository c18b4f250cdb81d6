#include "base/bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool thor_grow(void *items, size_t *room, size_t used, size_t count, size_t size)
{
    if (count <= *room - used)
        return true;
    size_t most = SIZE_MAX / 2 / size;
    if (count > most - used)
        return false;
    size_t wanted = *room < 16 ? 16 : *room > most / 2 ? most : *room * 2;
    if (wanted < used + count)
        wanted = used + count;
    void *old, *grown;
    memcpy(&old, items, sizeof old);
    grown = realloc(old, wanted * size);
    if (!grown)
        return false;
    memcpy(items, &grown, sizeof grown);
    *room = wanted;
    return true;
}

bool thor_bytes_reserve(thor_bytes *bytes, size_t more)
{
    bytes->failed = bytes->failed || !thor_grow(&bytes->data, &bytes->room, bytes->count, more, 1);
    return !bytes->failed;
}

void thor_bytes_add(thor_bytes *bytes, const void *data, size_t count)
{
    if (!thor_bytes_reserve(bytes, count) || count == 0)
        return;
    memcpy(bytes->data + bytes->count, data, count);
    bytes->count += count;
}

void thor_bytes_add_byte(thor_bytes *bytes, char byte)
{
    if (thor_bytes_reserve(bytes, 1))
        bytes->data[bytes->count++] = byte;
}

void thor_bytes_free(thor_bytes *bytes)
{
    free(bytes->data);
    *bytes = (thor_bytes){ .data = NULL };
}

thor_status thor_bytes_check(const thor_bytes *bytes, const char *what, thor_error *error)
{
    if (bytes->failed)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory beyond %zu bytes; close other programs or take less text",
                         what, bytes->count);
    return THOR_OK;
}
