/* What the layers share.
 *
 * Dimensions, everywhere: B sentences, S and T source and target lengths, L the padded width of a side (its longest
 * sentence), M the padded width of the keys' side, R rows of a side without padding, d model width, H heads, D = d / H,
 * F hidden width of FFN and expert, E experts, C candidate experts of a sentence, K tasks, V vocabulary, A assignments
 * (pairs of row and expert).
 *
 * Rows are packed: sentence after sentence, no padding. A layer's forward and backward stand side by side in one file;
 * d_x is the gradient of x; a backward pass stores (it does not add to) its outputs unless it says so. Memory is the
 * caller's. */
#ifndef THOR_NN_NN_H
#define THOR_NN_NN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/tensor.h"
#include "simd/compute.h"
#include "simd/gemm.h"

/* Where the rows of one side belong. */
typedef struct thor_packing {
    int64_t sentences, rows, width;     /* B, R, L */
    const int64_t *offset;              /* [B+1] first row of each sentence */
    const int32_t *sentence;            /* [R] the sentence of each row */
} thor_packing;

/* Weights carry their type; binary32 is the one that exists. */
typedef struct thor_matrix {
    const void *data;
    thor_dtype dtype;
    int64_t rows, columns;              /* [out, in] */
} thor_matrix;

/* y = W x + b; bias may be NULL. */
typedef struct thor_linear {
    thor_matrix weight;
    const float *bias;
} thor_linear;

typedef struct thor_linear_gradient {
    float *weight, *bias;
} thor_linear_gradient;

/* Gain and bias of a layer norm. */
typedef struct thor_scaling {
    const float *gain, *bias;
} thor_scaling;

/* One use of dropout in this step. `keep` NULL: off (rate 0, or no training). */
typedef struct thor_dropout {
    thor_dropout_rule rule;
    uint8_t *keep;                      /* one byte an element, packed like the values */
} thor_dropout;

/* Memory that lives inside one call of a layer; sizes for the largest batch. */
typedef struct thor_scratch {
    float *rows[8];                     /* [max R, d] each */
    float *wide;                        /* [max(A, R), F] */
    float *assigned;                    /* [max A, d] */
    float *routing[3];                  /* [max R, E] each */
    float *square;                      /* [threads][square_floats]: the heads' squares of attention */
    int64_t square_floats;              /* thor_heads_scratch(L, M, D) */
    float *logits;                      /* [block, V] */
    int64_t logits_rows;                /* rows of a block */
} thor_scratch;

/* --- rows.c: element by element over packed rows, on all threads --- */

/* y = a + b over n floats. */
void thor_rows_add(const thor_compute *compute, float *y, const float *a, const float *b, int64_t n);
/* y = a * s. */
void thor_rows_scale(const thor_compute *compute, float *y, const float *a, float s, int64_t n);
/* y = a. */
void thor_rows_copy(const thor_compute *compute, float *y, const float *a, int64_t n);
/* y[j] = sum over rows ascending of a[r][j], or of a[r][j] * b[r][j] where there is b. */
typedef struct thor_rows_term {
    float *y;
    const float *a, *b;
} thor_rows_term;
/* Several sums over as many rows, in one region. */
void thor_rows_sums(const thor_compute *compute, const thor_rows_term *terms, int64_t count, int64_t rows, int64_t n);
/* One of them. */
void thor_rows_sum(const thor_compute *compute, float *y, const float *a, int64_t rows, int64_t n);

/* --- residual.c --- */

/* A layer norm that follows at once; the arrays are thor_layernorm_forward's. */
typedef struct thor_next_norm {
    float *y, *normal, *rstd;
    const thor_scaling *scaling;
} thor_next_norm;
/* y = residual + drop(a), or drop(a) where residual is NULL, and (next not NULL) the layer norm of y while its row is
 * at hand; makes the masks. Row r, column j of width n has the index
 * ((b*L + t)*n + j) of the padded array. Without dropout a plain sum (or copy). */
void thor_rows_dropout(const thor_compute *compute, float *y, const float *residual, const float *a,
                       const thor_dropout *dropout, const thor_next_norm *next, const thor_packing *packing,
                       int64_t n);
/* d_a = d_y through the masks of the forward pass. */
void thor_rows_dropout_backward(const thor_compute *compute, float *d_a, const float *d_y, const thor_dropout *dropout,
                                int64_t rows, int64_t n);

/* --- linear.c --- */
void thor_linear_forward(const thor_compute *compute, float *y, const float *x, const thor_linear *linear,
                         int64_t rows);
/* d_x (NULL: not wanted) as `mode` says; d_weight is stored, and d_bias where gradient->bias is not NULL. */
void thor_linear_backward(const thor_compute *compute, float *d_x, thor_gemm_mode mode,
                          const thor_linear_gradient *gradient, const float *d_y, const float *x,
                          const thor_linear *linear, int64_t rows);
/* The binary32 values of a matrix: other types were refused when it was bound (thor_weights_check). */
const float *thor_matrix_f32(const thor_matrix *matrix);

/* --- layernorm.c --- */
/* y = normal * gain + bias, normal = (x - mean) / sqrt(var + 1e-5). normal [R,d] and rstd [R] are kept for the backward
 * pass; both NULL in translation. */
void thor_layernorm_forward(const thor_compute *compute, float *y, float *normal, float *rstd, const float *x,
                            const thor_scaling *scaling, int64_t rows, int64_t d);
/* y again from what the forward pass kept, bit for bit. */
void thor_layernorm_again(const thor_compute *compute, float *y, const float *normal, const thor_scaling *scaling,
                          int64_t rows, int64_t d);
/* Stores d_x, or adds to it where `add`. */
void thor_layernorm_backward(const thor_compute *compute, float *d_x, bool add, float *d_gain, float *d_bias,
                             const float *d_y, const float *normal, const float *rstd, const thor_scaling *scaling,
                             int64_t rows, int64_t d);
/* One row of the forward pass, for whoever has it at hand. */
void thor_layernorm_row(const thor_kernels *kernels, const thor_next_norm *norm, const float *x, int64_t row,
                        int64_t d);

/* --- embed.c --- */
/* Sinusoids of positions q = 0 … count-1: [sin(q f_0) …, cos(q f_0) …]; table [count, d]. */
void thor_positions_make(float *table, int64_t count, int64_t d);
/* x = sqrt(d) * E[id] + PE[position] (positions NULL: 2 + place in the sentence). */
void thor_embed_forward(const thor_compute *compute, float *x, const float *embedding, const float *positions_table,
                        const int32_t *ids, const int32_t *positions, const thor_packing *packing, int64_t d);
/* One side of the embedding's backward pass. */
typedef struct thor_embed_side {
    const float *d_x;                   /* [rows, d] */
    const int32_t *ids;                 /* [rows] */
    int64_t rows;
} thor_embed_side;
/* Memory for sorting rows by id and for two sums a thread. */
typedef struct thor_embed_scratch {
    int64_t *counts;                    /* [chunks of rows, parts of the vocabulary] */
    int64_t *start;                     /* [parts + 1] */
    int64_t *order, *sorted;            /* [source rows + target rows] */
    float *sums;                        /* [threads][2 * d] */
} thor_embed_scratch;
/* Takes it for so many rows of both sides together. */
void thor_embed_place(thor_embed_scratch *scratch, thor_arena *arena, int64_t rows, int64_t d, int64_t vocabulary,
                      int threads);
/* For each id that occurs: d_embedding[id] = (sum of its source rows + sum of its target rows) + d_embedding[id], where
 * the output side's gradient stands already. A side's rows are added ascending from +0, each times sqrt(d). */
void thor_embed_backward(const thor_compute *compute, float *d_embedding, const thor_embed_side *source,
                         const thor_embed_side *target, const thor_embed_scratch *scratch, int64_t d,
                         int64_t vocabulary);

/* --- loss.c --- */
typedef struct thor_loss_result {
    double nll, smooth;                 /* sums over the rows */
} thor_loss_result;
/* Logits x E^T in blocks of rows, cross entropy, and (d_x not NULL) d_x and d_embedding (stored), both times
 * `weight`. */
thor_loss_result thor_loss(const thor_compute *compute, float *d_x, float *d_embedding, const float *x,
                           const float *embedding, const int32_t *labels, int64_t rows, int64_t d, int64_t vocabulary,
                           float smoothing, float weight, float *row_nll, float *row_smooth,
                           const thor_scratch *scratch);

#endif
