/* The matrix products of training and of translation that are measured. */
#ifndef BENCH_BENCH_SHAPES_H
#define BENCH_BENCH_SHAPES_H

#include <stddef.h>

#include "simd/gemm.h"

/* What a shape counts for: the mean over training shapes, few rows of each expert, translation, or nothing. */
typedef enum shape_class { SHAPE_TRAINING, SHAPE_FEW_ROWS, SHAPE_DECODING, SHAPE_OTHER, SHAPE_CLASSES } shape_class;

extern const char *const shape_class_names[SHAPE_CLASSES];

/* `count` products of X[rows,in] with a matrix each, all in one call of the reference. */
typedef struct gemm_shape {
    const char *name;
    shape_class class;
    int64_t rows, in, out, count;
} gemm_shape;

extern const gemm_shape gemm_shapes[];
extern const size_t gemm_shape_count;

/* Y = X W^T with W[out,in] (a linear layer) or Y = X W with W[in,out]; dX = dY W; dW = dY^T X. */
typedef enum gemm_kind { KIND_FORWARD, KIND_FORWARD_IN_OUT, KIND_INPUT, KIND_WEIGHT, KINDS } gemm_kind;

extern const char *const gemm_kind_names[KINDS];

enum { SHAPE_MOST_PRODUCTS = 32 };

/* Operands of one shape; `ready` is false where there is no memory. */
typedef struct shape_arrays {
    float *x, *w, *y;
    bool ready;
} shape_arrays;

shape_arrays shape_open(const gemm_shape *shape);
void shape_close(shape_arrays *arrays);

/* The shape's products, `shape->count` of them. */
void shape_products(thor_gemm *products, const gemm_shape *shape, const shape_arrays *arrays, gemm_kind kind);

/* Operations of one call: a multiplication and an addition are two. */
double shape_work(const gemm_shape *shape);

#endif
