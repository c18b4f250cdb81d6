/* safetensors: eight bytes of header length, a JSON header (name: type, shape, place), then the tensors' bytes,
 * little-endian. Files are mapped and nothing in them is trusted: lengths, places, types and shapes are checked
 * before a byte is used. */
#ifndef THOR_FILE_SAFETENSORS_H
#define THOR_FILE_SAFETENSORS_H

#include <stddef.h>

#include "base/fileio.h"
#include "base/tensor.h"
#include "model/params.h"

/* A tensor inside a file. */
typedef struct thor_stored {
    thor_tensor tensor;             /* name, type and shape; data is NULL */
    const unsigned char *bytes;     /* in the map, little-endian, of any alignment */
    size_t size;                    /* bytes */
    int64_t count;                  /* elements */
} thor_stored;

typedef struct thor_safetensors {
    char *path;
    thor_map map;
    thor_stored *items;             /* in the order of their bytes */
    size_t count;
} thor_safetensors;

/* THOR_E_IO, or THOR_E_FORMAT with the file's and the tensor's name. Close it after any result. */
thor_status thor_safetensors_open(thor_safetensors *file, const char *path, thor_error *error);
void thor_safetensors_close(thor_safetensors *file);

/* NULL when there is none. */
const thor_stored *thor_safetensors_find(const thor_safetensors *file, const char *name);

/* Copies the elements in the machine's own byte order: `out` has room for `size` bytes. */
void thor_stored_copy(const thor_stored *stored, void *out);

/* Writes `count` tensors: larger element types first (so that every tensor is aligned), then by name; the same
 * tensors make the same bytes. Written aside, synced, renamed. */
thor_status thor_safetensors_write(const char *path, const thor_tensor *tensors, size_t count, thor_error *error);

/* Fills values[count] with the elements first … first+count-1 of a tensor. */
typedef thor_status thor_tensor_filler(void *context, const thor_tensor *tensor, int64_t first, int64_t count,
                                       void *values, thor_error *error);

/* The same for tensors that are computed while they are written, a piece at a time: their `data` is not read. */
thor_status thor_safetensors_write_filled(const char *path, const thor_tensor *tensors, size_t count,
                                          thor_tensor_filler *fill, void *context, thor_error *error);

/* One block of parameters (values or a moment), each tensor's name with `prefix` before it. Several blocks make
 * one file. */
typedef struct thor_block {
    const char *prefix;
    float *values;                  /* [params.floats]; only read by thor_blocks_write */
} thor_block;

/* The tensors of blocks as they are stored: tensors[count * params.count]; their data is in the blocks' values, which
 * may be NULL. */
void thor_blocks_list(thor_tensor *tensors, const thor_params *params, const thor_block *blocks, size_t count);

thor_status thor_blocks_write(const char *path, const thor_params *params, const thor_block *blocks, size_t count,
                              thor_error *error);

/* Does the file hold these blocks? A tensor that is missing, one too many, another type or shape is THOR_E_FORMAT and
 * names it. The values are not looked at and may be NULL: nobody need take memory for a file that does not have it. */
thor_status thor_blocks_compare(const thor_safetensors *file, const thor_params *params, const thor_block *blocks,
                                size_t count, thor_error *error);

/* Fills the blocks from a file that holds them, but for those whose values are NULL. A value that is not finite is
 * THOR_E_NUMBER. */
thor_status thor_blocks_copy(const thor_safetensors *file, const thor_params *params, const thor_block *blocks,
                             size_t count, thor_error *error);

/* Opens, compares, copies. */
thor_status thor_blocks_read(const char *path, const thor_params *params, const thor_block *blocks, size_t count,
                             thor_error *error);

#endif
