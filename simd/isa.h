/* Names of the kernels of the instruction set that this file is being compiled for, and what its table is made of. */
#ifndef THOR_SIMD_ISA_H
#define THOR_SIMD_ISA_H

#include "simd/tables.h"
#include "simd/v16.h"

#if defined(THOR_ISA_AVX512)
#define THOR_ISA_SUFFIX avx512
#elif defined(THOR_ISA_AVX2)
#define THOR_ISA_SUFFIX avx2
#elif defined(THOR_ISA_NEON)
#define THOR_ISA_SUFFIX neon
#else
#define THOR_ISA_SUFFIX scalar
#endif

#define THOR_PASTE_(a, b) a##_##b
#define THOR_PASTE(a, b) THOR_PASTE_(a, b)
#define THOR_TEXT_(a) #a
#define THOR_TEXT(a) THOR_TEXT_(a)

enum {
    TILE_ROWS = THOR_PASTE(TILE_ROWS, THOR_ISA_SUFFIX),
    TILE_VECTORS = THOR_PASTE(TILE_COLUMNS, THOR_ISA_SUFFIX) / 16
};

/* thor_k_add_avx2 and so on; kernel_table.c collects them. */
#define THOR_K(name) THOR_PASTE(thor_k_##name, THOR_ISA_SUFFIX)

void THOR_K(add)(float *y, const float *a, const float *b, int64_t n);
void THOR_K(subtract)(float *y, const float *a, const float *b, int64_t n);
void THOR_K(multiply)(float *y, const float *a, const float *b, int64_t n);
void THOR_K(scale)(float *y, const float *a, float s, int64_t n);
void THOR_K(divide)(float *y, const float *a, float s, int64_t n);
void THOR_K(add_scaled)(float *y, const float *a, float s, int64_t n);
void THOR_K(add_product)(float *y, const float *a, const float *b, int64_t n);
void THOR_K(maximum)(float *y, const float *a, int32_t *from, int32_t row, int64_t n);
void THOR_K(relu)(float *y, const float *a, int64_t n);
void THOR_K(relu_backward)(float *dx, const float *dy, const float *y, int64_t n);
void THOR_K(exp)(float *y, const float *a, int64_t n);
void THOR_K(log)(float *y, const float *a, int64_t n);
void THOR_K(sigmoid)(float *y, const float *a, int64_t n);
void THOR_K(tanh)(float *y, const float *a, int64_t n);
void THOR_K(erf)(float *y, const float *a, int64_t n);
void THOR_K(sigmoid_backward)(float *dx, const float *dy, const float *y, int64_t n);
void THOR_K(interpolate)(float *u, const float *gate, const float *x, const float *c, int64_t n);
void THOR_K(interpolate_backward)(float *dgate, float *dx, float *dc, const float *du, const float *gate,
                                  const float *x, const float *c, int64_t n);
void THOR_K(dropout_mask)(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n);
void THOR_K(dropout_apply)(float *y, const float *a, const uint8_t *keep, float scale, int64_t n);
void THOR_K(dropout_add)(float *y, const float *residual, const float *a, const uint8_t *keep, float scale, int64_t n);
float THOR_K(sum)(const float *a, int64_t n);
float THOR_K(sum_squares)(const float *a, int64_t n);
float THOR_K(sum_products)(const float *a, const float *b, int64_t n);
float THOR_K(largest)(const float *a, int64_t n);
int64_t THOR_K(argmax)(const float *a, int64_t n);
void THOR_K(sum_rows)(float *y, const float *a, int64_t rows, int64_t stride, int64_t n, bool accumulate);
void THOR_K(sum_row_products)(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                              bool accumulate);
void THOR_K(relu_backward_sum)(float *sum, float *d, const float *y, float s, int64_t rows, int64_t stride, int64_t n);
void THOR_K(layer_norm)(float *y, float *normal, float *rstd, const float *x, const float *gain, const float *bias,
                        float eps, int64_t n);
void THOR_K(layer_norm_backward)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                 int64_t n);
void THOR_K(layer_norm_backward_add)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                     int64_t n);
void THOR_K(softmax)(float *p, const float *x, int64_t n, float *largest, float *log_sum);
void THOR_K(softmax_backward)(float *dx, const float *dp, const float *p, int64_t n);
float THOR_K(cross_entropy)(float *z, int64_t n, int64_t label, float eps, float weight, float *smooth);
void THOR_K(adam)(float *p, float *m, float *v, const float *g, const thor_adam_scalars *s, int64_t n);
void THOR_K(tile)(const thor_tile *tile);
void THOR_K(few_rows)(const thor_tile *tile);
void THOR_K(pack)(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step, int64_t column,
                  int64_t k, int64_t columns);

#endif
