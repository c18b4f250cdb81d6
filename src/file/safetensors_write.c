/* Writing safetensors: the order, the padding and the bytes depend on the tensors alone. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/little_endian.h"
#include "file/safetensors.h"

enum { ALIGN = 64, BLOCK = 1 << 16 };

/* Larger elements first, then names: with the header padded, every tensor is aligned. */
static int by_order(const void *a, const void *b)
{
    const thor_tensor *const *x = a, *const *y = b;
    size_t p = thor_dtype_size((*x)->dtype), q = thor_dtype_size((*y)->dtype);
    return p != q ? (p > q ? -1 : 1) : strcmp((*x)->name, (*y)->name);
}

static json_t *describe(const thor_tensor *tensor, uint64_t *place)
{
    uint64_t size = (uint64_t)thor_tensor_count(tensor) * thor_dtype_size(tensor->dtype);
    json_t *shape = json_array();
    for (int i = 0; i < tensor->dims; i++)
        json_array_append_new(shape, json_integer(tensor->shape[i]));
    json_t *entry = json_pack("{s:s, s:o, s:[I, I]}", "dtype", thor_dtype_name(tensor->dtype), "shape", shape,
                              "data_offsets", (json_int_t)*place, (json_int_t)(*place + size));
    *place += size;
    return entry;
}

/* The header's text; NULL without memory. Jansson keeps the order of insertion. */
static char *make_header(const thor_tensor *const *order, size_t count)
{
    uint64_t place = 0;
    json_t *header = json_pack("{s:{s:s}}", "__metadata__", "format", "pt");
    bool good = header != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = json_object_set_new(header, order[i]->name, describe(order[i], &place)) == 0;
    char *text = good ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

static void write_header(FILE *stream, const char *text)
{
    unsigned char length[8];
    size_t used = strlen(text), padded = (8 + used + ALIGN - 1) / ALIGN * ALIGN - 8;
    thor_put64(length, padded);
    fwrite(length, 1, sizeof length, stream);
    fwrite(text, 1, used, stream);
    for (; used < padded; used++)
        putc(' ', stream);
}

/* Bytes of elements of `width`, little-endian whatever the machine; changes them where it has the other order. */
static void write_bytes(FILE *stream, unsigned char *bytes, size_t count, size_t width)
{
    const uint16_t one = 1;
    for (size_t at = 0; *(const unsigned char *)&one != 1 && at < count; at += width)
        for (size_t i = 0; i < width / 2; i++) {
            unsigned char first = bytes[at + i];
            bytes[at + i] = bytes[at + width - 1 - i];
            bytes[at + width - 1 - i] = first;
        }
    fwrite(bytes, 1, count, stream);
}

static thor_status write_data(FILE *stream, const thor_tensor *tensor, thor_tensor_filler *fill, void *context,
                              thor_error *error)
{
    _Alignas(8) unsigned char block[BLOCK];
    size_t width = thor_dtype_size(tensor->dtype);
    int64_t total = thor_tensor_count(tensor), most = (int64_t)(sizeof block / width);
    for (int64_t first = 0; first < total && !ferror(stream); first += most) {
        int64_t count = total - first < most ? total - first : most;
        THOR_TRY(fill(context, tensor, first, count, block, error));
        write_bytes(stream, block, (size_t)count * width, width);
    }
    return THOR_OK;
}

static thor_status copy_data(void *context, const thor_tensor *tensor, int64_t first, int64_t count, void *values,
                             thor_error *error)
{
    size_t width = thor_dtype_size(tensor->dtype);
    (void)context;
    (void)error;
    memcpy(values, (const unsigned char *)tensor->data + (size_t)first * width, (size_t)count * width);
    return THOR_OK;
}

static thor_status write_ordered(const char *path, const thor_tensor *const *order, size_t count,
                                 thor_tensor_filler *fill, void *context, thor_error *error)
{
    thor_output output;
    char *header = make_header(order, count);
    if (!header)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its header, or a tensor's name is not UTF-8", path);
    thor_status status = thor_output_open(&output, path, error);
    if (status == THOR_OK) {
        write_header(output.stream, header);
        for (size_t i = 0; i < count && status == THOR_OK; i++)
            status = write_data(output.stream, order[i], fill, context, error);
        if (status == THOR_OK)
            status = thor_output_commit(&output, error);
        thor_output_abandon(&output);
    }
    free(header);
    return status;
}

thor_status thor_safetensors_write_filled(const char *path, const thor_tensor *tensors, size_t count,
                                          thor_tensor_filler *fill, void *context, thor_error *error)
{
    const thor_tensor **order = malloc((count + 1) * sizeof *order);
    if (!order)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for the order of %zu tensors", path, count);
    for (size_t i = 0; i < count; i++)
        order[i] = &tensors[i];
    qsort(order, count, sizeof *order, by_order);
    thor_status status = THOR_OK;
    for (size_t i = 0; i < count && status == THOR_OK; i++)
        if (thor_tensor_count(order[i]) < 0 || (i > 0 && strcmp(order[i - 1]->name, order[i]->name) == 0))
            status = thor_fail(error, THOR_E_FAILED, "%s: tensor '%s' has an impossible shape or appears twice", path,
                               order[i]->name);
    if (status == THOR_OK)
        status = write_ordered(path, order, count, fill, context, error);
    free(order);
    return status;
}

thor_status thor_safetensors_write(const char *path, const thor_tensor *tensors, size_t count, thor_error *error)
{
    return thor_safetensors_write_filled(path, tensors, count, copy_data, NULL, error);
}
