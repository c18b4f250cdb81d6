#include "file/safetensors.h"

#include "base/little_endian.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>


enum { MOST_HEADER = 100000000 };   /* bytes; the format's own limit */

static thor_status fail(const thor_safetensors *file, const char *tensor, const char *what, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT, "%s: tensor '%.96s': %s", file->path, tensor, what);
}

/* ---- one entry of the header ----------------------------------------------------------------------------------- */

static thor_status read_shape(const thor_safetensors *file, thor_tensor *tensor, const json_t *shape, thor_error *error)
{
    if (!json_is_array(shape) || json_array_size(shape) > THOR_MAX_DIMS)
        return fail(file, tensor->name, "its shape has to be a list of at most 5 numbers", error);
    tensor->dims = (int)json_array_size(shape);
    for (int i = 0; i < tensor->dims; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return fail(file, tensor->name, "its shape has to be made of whole numbers from 0", error);
        tensor->shape[i] = json_integer_value(size);
    }
    return THOR_OK;
}

/* Where its bytes lie, relative to the data: both within it and as far apart as the shape says. */
static thor_status read_place(const thor_safetensors *file, thor_stored *stored, const json_t *offsets, size_t data,
                              thor_error *error)
{
    const char *name = stored->tensor.name;
    const json_t *first = json_array_get(offsets, 0), *second = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(second))
        return fail(file, name, "data_offsets has to be two whole numbers", error);
    json_int_t begin = json_integer_value(first), end = json_integer_value(second);
    size_t room = file->map.count - data, size = thor_dtype_size(stored->tensor.dtype);
    stored->count = thor_tensor_count(&stored->tensor);
    if (begin < 0 || end < begin)
        return fail(file, name, "data_offsets has to go from 0 upwards", error);
    if ((uintmax_t)end > room)
        return thor_fail(error, THOR_E_FORMAT, "%s: tensor '%.96s' ends at byte %lld, but there are %zu: the file is "
                         "truncated", file->path, name, (long long)end, room);
    if (stored->count < 0 || (uintmax_t)stored->count > SIZE_MAX / size ||
        (uintmax_t)(end - begin) != (uintmax_t)stored->count * size)
        return fail(file, name, "data_offsets and shape disagree", error);
    stored->bytes = file->map.bytes + data + begin;
    stored->size = (size_t)(end - begin);
    return THOR_OK;
}

static thor_status read_entry(thor_safetensors *file, const char *name, const json_t *entry, size_t data,
                              thor_error *error)
{
    thor_stored *stored = &file->items[file->count];
    *stored = (thor_stored){ .bytes = NULL };
    if (strlen(name) >= THOR_MAX_NAME)
        return fail(file, name, "names may have at most 95 bytes here", error);
    memcpy(stored->tensor.name, name, strlen(name) + 1);
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    int dtype = type ? thor_dtype_from_name(type) : -1;
    if (dtype < 0)
        return fail(file, name, "its dtype is missing or none of F64, F32, F16, BF16, I64, I32, I8, U8", error);
    stored->tensor.dtype = (thor_dtype)dtype;
    THOR_TRY(read_shape(file, &stored->tensor, json_object_get(entry, "shape"), error));
    THOR_TRY(read_place(file, stored, json_object_get(entry, "data_offsets"), data, error));
    file->count++;
    return THOR_OK;
}

/* ---- the whole file -------------------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const thor_stored *x = a, *y = b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return strcmp(x->tensor.name, y->tensor.name);
}

/* The tensors lie one behind the other and fill the file: nothing overlaps, nothing hides. */
static thor_status check_cover(thor_safetensors *file, size_t data, thor_error *error)
{
    const unsigned char *next = file->map.bytes + data;
    qsort(file->items, file->count, sizeof *file->items, by_place);
    for (size_t i = 0; i < file->count; i++) {
        if (file->items[i].bytes != next)
            return fail(file, file->items[i].tensor.name, "does not begin where the one before it ends", error);
        next += file->items[i].size;
    }
    size_t extra = (size_t)(file->map.bytes + file->map.count - next);
    if (extra != 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: %zu bytes after the last tensor belong to none", file->path, extra);
    return THOR_OK;
}

static thor_status read_header(thor_safetensors *file, json_t *header, size_t data, thor_error *error)
{
    const char *name;
    json_t *entry;
    if (!json_is_object(header))
        return thor_fail(error, THOR_E_FORMAT, "%s: its header is no JSON object: not a safetensors file", file->path);
    file->items = calloc(json_object_size(header) + 1, sizeof *file->items);
    if (!file->items)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu tensors", file->path, json_object_size(header));
    json_object_foreach(header, name, entry)
        if (strcmp(name, "__metadata__") != 0)
            THOR_TRY(read_entry(file, name, entry, data, error));
    return check_cover(file, data, error);
}

thor_status thor_safetensors_open(thor_safetensors *file, const char *path, thor_error *error)
{
    *file = (thor_safetensors){ .path = thor_path("", path) };
    if (!file->path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
    THOR_TRY(thor_map_open(&file->map, path, error));
    if (file->map.count < 8)
        return thor_fail(error, THOR_E_FORMAT, "%s: %zu bytes are too few for a safetensors file", path,
                         file->map.count);
    uint64_t length = thor_get64(file->map.bytes);
    if (length > MOST_HEADER || length > file->map.count - 8)
        return thor_fail(error, THOR_E_FORMAT, "%s: its header should have %llu bytes, the file has %zu: truncated, "
                         "or not a safetensors file", path, (unsigned long long)length, file->map.count);
    json_error_t mistake;
    json_t *header = json_loadb((const char *)file->map.bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &mistake);
    if (!header)
        return thor_fail(error, THOR_E_FORMAT, "%s: its header is not JSON (%s at byte %d): corrupt, or not a "
                         "safetensors file", path, mistake.text, mistake.position + 8);
    thor_status status = read_header(file, header, 8 + (size_t)length, error);
    json_decref(header);
    return status;
}

void thor_safetensors_close(thor_safetensors *file)
{
    thor_map_close(&file->map);
    free(file->items);
    free(file->path);
    *file = (thor_safetensors){ .items = NULL };
}

const thor_stored *thor_safetensors_find(const thor_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->items[i].tensor.name, name) == 0)
            return &file->items[i];
    return NULL;
}

void thor_stored_copy(const thor_stored *stored, void *out)
{
    const uint16_t one = 1;
    size_t width = thor_dtype_size(stored->tensor.dtype);
    unsigned char *to = out;
    memcpy(to, stored->bytes, stored->size);
    if (*(const unsigned char *)&one == 1)
        return;
    for (size_t i = 0; i < stored->size; i += width)
        for (size_t j = 0; j < width / 2; j++) {
            unsigned char byte = to[i + j];
            to[i + j] = to[i + width - 1 - j];
            to[i + width - 1 - j] = byte;
        }
}
