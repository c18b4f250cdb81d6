/* A named array that carries its type: what parameters, checkpoints and golden files are made of. */
#ifndef THOR_BASE_TENSOR_H
#define THOR_BASE_TENSOR_H

#include <stddef.h>
#include <stdint.h>

typedef enum thor_dtype { THOR_F32, THOR_F16, THOR_BF16, THOR_F64, THOR_I32, THOR_I64, THOR_I8, THOR_U8 } thor_dtype;

enum { THOR_MAX_DIMS = 5, THOR_MAX_NAME = 96 };

typedef struct thor_tensor {
    char name[THOR_MAX_NAME];
    thor_dtype dtype;
    int dims;
    int64_t shape[THOR_MAX_DIMS];   /* row-major, last one fastest */
    void *data;                     /* owned by whoever made the tensor */
} thor_tensor;

size_t thor_dtype_size(thor_dtype dtype);

/* safetensors' name of a type ("F32", "BF16" …), and back; "BOOL", a byte of 0 or 1, is U8; -1 for an
 * unknown name. */
const char *thor_dtype_name(thor_dtype dtype);
int thor_dtype_from_name(const char *name);

/* Number of elements; -1 when it overflows 63 bits or a dimension is negative. */
int64_t thor_tensor_count(const thor_tensor *tensor);

/* "[0,3,17]" of an element; "" for a scalar. Returns `text`. */
const char *thor_position_text(char text[96], int dims, const int64_t *shape, int64_t at);

#endif
