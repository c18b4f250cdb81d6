/* The kernel contract: every number that thor computes goes through a table of these.
 *
 * One source is compiled once per instruction set over a vector of sixteen binary32 lanes (v16.h). The scalar table is
 * the definition; every other table returns the same bits.
 *
 *  - n may be anything from 0; pointers need float alignment only; nothing beyond n is read or written.
 *  - Outputs may be the same array as an input of the same size where it says "in place"; otherwise nothing overlaps.
 *  - Element by element: each operation is rounded on its own, left to right as written, never fused, except where
 *    `fma` is written.
 *  - lanes(f, n): lane l = i mod 16 adds f(i) for ascending i, starting from +0, missing tail elements counting as +0;
 *    then the lanes fold: s[l] += s[l+8] for l < 8, s[l] += s[l+4] for l < 4, then 2, then 1; the sum is s[0].
 *  - chain(init; k): acc = init; for k ascending acc = fma(a, b, acc). Matrix products are made of these alone.
 *  - exp, log, sigmoid, tanh, erf are vmath.h's, each with its worst error; sqrt and division are IEEE 754's. NaN in
 *    gives NaN out with any payload, where nothing else is said.
 *  - Subnormals are kept.
 * Kernels run on the calling thread, take no memory and cannot fail. */
#ifndef THOR_SIMD_KERNELS_H
#define THOR_SIMD_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

/* Dropout of one use: element i is kept where u_i >= p (rng.h); kept values are multiplied by scale = 1/(1-p) as the
 * nearest binary32. */
typedef struct thor_dropout_rule {
    thor_rng rng;
    float p, scale;
} thor_dropout_rule;

/* What Adam needs beside the arrays; computed once a step in double, rounded once. */
typedef struct thor_adam_scalars {
    float beta1, one_minus_beta1;   /* rounded from double */
    float beta2, one_minus_beta2;
    float eps;
    float step_size;                /* lr * sqrt(1 - beta2^t) / (1 - beta1^t) */
    float clip;                     /* gradients are multiplied by it; 1 where nothing is clipped */
    float decay;                    /* 1 - lr * weight_decay; 1 where off (then no product is made) */
} thor_adam_scalars;

/* Rows that the kernel for a few rows takes; steps of k between a prefetch of B and its use. */
enum { THOR_FEW_ROWS = 8, THOR_STEPS_AHEAD = 32 };

/* One register tile of a matrix product: acc[i][j] = init[i][j] (or +0), then acc = fma(A[i][p], B[p][j], acc) for
 * ascending p, then c = c + acc where `add`, + bias, relu; kept in c. 1 <= rows <= tile_rows, 1 <= columns <=
 * tile_columns. */
typedef struct thor_tile {
    int64_t rows, columns, k;
    const float *a;                 /* A[i][p] = a[i*a_row + p*a_step]; one of the two is 1 */
    int64_t a_row, a_step;
    const float *next;              /* rows, next_row apart, that are wanted next: a hint, used where a_step is 1 */
    int64_t next_row;
    const float *next_c;            /* the rows of c, or init, that the next tile will want: a hint, or NULL */
    const float *b;                 /* B[p][j] = b[p*b_step + j], readable up to a multiple of 16 columns */
    int64_t b_step;
    const float *init;              /* element (i, j) at init[i*init_row + j]; NULL: +0 */
    int64_t init_row;
    float *c;                       /* element (i, j) at c[i*c_row + j], or c[j*c_row + i] where `transposed` */
    int64_t c_row;
    const float *bias;              /* NULL or one for each column (each row where `transposed`) */
    bool add, relu, transposed;
    bool b_apart;                   /* B is read where it lies: its rows do not follow each other */
} thor_tile;

typedef struct thor_kernels {
    const char *name;               /* "scalar", "avx2", "avx512", "neon", "checked" */
    bool (*exact)(void);            /* its compiler fused and reordered nothing by itself (base/fpenv.h) */

    /* --- element by element, all in place --- */
    void (*add)(float *y, const float *a, const float *b, int64_t n);               /* y = a + b */
    void (*subtract)(float *y, const float *a, const float *b, int64_t n);          /* y = a - b */
    void (*multiply)(float *y, const float *a, const float *b, int64_t n);          /* y = a * b */
    void (*scale)(float *y, const float *a, float s, int64_t n);                    /* y = a * s */
    void (*divide)(float *y, const float *a, float s, int64_t n);                   /* y = a / s */
    void (*add_scaled)(float *y, const float *a, float s, int64_t n);               /* y = y + (a * s) */
    void (*add_product)(float *y, const float *a, const float *b, int64_t n);       /* y = y + (a * b) */
    void (*maximum)(float *y, const float *a, int32_t *from, int32_t row, int64_t n);
                                    /* where a > y: y = a, from = row (running maximum over rows; NaN never wins) */
    void (*relu)(float *y, const float *a, int64_t n);                              /* y = a > 0 ? a : +0 (NaN: +0) */
    void (*relu_backward)(float *dx, const float *dy, const float *y, int64_t n);   /* dx = y > 0 ? dy : +0 */
    void (*exp)(float *y, const float *a, int64_t n);
    void (*log)(float *y, const float *a, int64_t n);
    void (*sigmoid)(float *y, const float *a, int64_t n);   /* t = exp(-|a|); (a < 0 ? t : 1) / (1 + t) */
    void (*tanh)(float *y, const float *a, int64_t n);
    void (*erf)(float *y, const float *a, int64_t n);
    void (*sigmoid_backward)(float *dx, const float *dy, const float *y, int64_t n);/* dx = (dy * y) * (1 - y) */
    void (*interpolate)(float *u, const float *gate, const float *x, const float *c, int64_t n);
                                    /* u = (gate * x) + ((1 - gate) * c) */
    void (*interpolate_backward)(float *dgate, float *dx, float *dc, const float *du, const float *gate, const float *x,
                                 const float *c, int64_t n);
                                    /* dgate = du * (x - c); dx = du * gate; dc = du * (1 - gate); stores, no sums */

    /* --- dropout; `first` is the index of y[0] in the padded row-major array of its site, first + n <= 2^34 --- */
    void (*dropout_mask)(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n);  /* 1 kept, 0 not */
    void (*dropout_apply)(float *y, const float *a, const uint8_t *keep, float scale, int64_t n);
                                    /* y = keep ? a * scale : +0; also its own backward; in place */
    void (*dropout_add)(float *y, const float *residual, const float *a, const uint8_t *keep, float scale, int64_t n);
                                    /* y = residual + (keep ? a * scale : +0); in place on residual or a */

    /* --- sums --- */
    float (*sum)(const float *a, int64_t n);                            /* lanes(a) */
    float (*sum_squares)(const float *a, int64_t n);                    /* lanes(a * a), product rounded */
    float (*sum_products)(const float *a, const float *b, int64_t n);   /* lanes(a * b), product rounded */
    float (*largest)(const float *a, int64_t n);                        /* maximum; NaN if one is; -inf for n = 0 */
    int64_t (*argmax)(const float *a, int64_t n);   /* lowest index of the maximum, NaN passed over; -1 for n = 0 */
    /* y[j] = (…((init_j + a[0][j]) + a[1][j]) + …) rows ascending, row r at a + r*stride; init_j = y[j] if accumulate,
     * else +0 */
    void (*sum_rows)(float *y, const float *a, int64_t rows, int64_t stride, int64_t n, bool accumulate);
    /* y[j] = y[j] + (a[r][j] * b[r][j]) over rows ascending, from +0 unless accumulate */
    void (*sum_row_products)(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                             bool accumulate);
    /* Through relu, and the bias below it, in one pass: for rows ascending d[r][j] = y[r][j] > 0 ? d[r][j] * s : +0 in
     * place, sum[j] = sum[j] + d[r][j] from +0. With s the scale of a dropout that followed relu, y > 0 says that the
     * element was kept as well. */
    void (*relu_backward_sum)(float *sum, float *d, const float *y, float s, int64_t rows, int64_t stride, int64_t n);

    /* --- layer norm of one row (eps inside the root, variance divided by n) --- */
    /* mean = lanes(x)/n; var = lanes((x-mean)*(x-mean))/n; rstd = 1/sqrt(var + eps); normal = (x-mean)*rstd;
     * y = normal*gain + bias (two roundings). normal may be NULL; y may be x; n >= 1. */
    void (*layer_norm)(float *y, float *normal, float *rstd, const float *x, const float *gain, const float *bias,
                       float eps, int64_t n);
    /* g = dy*gain; m1 = lanes(g)/n; m2 = lanes(g*normal)/n; dx = ((g - m1) - (normal*m2)) * rstd. In
     * place on dy; n >= 1. */
    void (*layer_norm_backward)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                int64_t n);
    /* dx = dx + the same; dx is none of the others. */
    void (*layer_norm_backward_add)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                    int64_t n);

    /* --- softmax of one row --- */
    /* m = largest; e = exp(x - m); s = lanes(e); p = e / s. Returns log(s) and m through pointers that may be NULL. x =
     * -inf gives +0. In place. n >= 1. */
    void (*softmax)(float *p, const float *x, int64_t n, float *largest, float *log_sum);
    /* d = lanes(dp * p); dx = p * (dp - d). In place on dp. */
    void (*softmax_backward)(float *dx, const float *dp, const float *p, int64_t n);
    /* Cross entropy of one row of logits z with label t, in place: largest m, e = exp(z - m), s = lanes(e), nll =
     * log(s) - (z_t - m); z becomes the gradient times `weight`: with eps = 0: g_v = ((e_v / s) - [v = t]) * weight.
     * With eps > 0 (label smoothing, spread = eps/(n-1)): g_v = ((e_v / s) - target_v) * weight, target_t = 1-eps,
     * other target_v = spread; smooth = lanes(-(log p_v)) with log p_v = (z_v - m) - log(s). With weight 0 z is left as
     * it is. Returns nll; smooth may be NULL. n >= 2, 0 <= t < n. */
    float (*cross_entropy)(float *z, int64_t n, int64_t label, float eps, float weight, float *smooth);

    /* --- optimiser --- */
    /* g = g*clip; m = (beta1*m) + (one_minus_beta1*g); v = (beta2*v) + ((one_minus_beta2*g)*g); p = decay == 1 ? p :
     * p*decay; p = p - ((step_size*m) / (sqrt(v) + eps)) */
    void (*adam)(float *p, float *m, float *v, const float *g, const thor_adam_scalars *s, int64_t n);

    /* --- bits and pieces of the matrix product (gemm.h drives them) --- */
    int64_t tile_rows, tile_columns;        /* register tile: rows of A, columns of B (a multiple of 16) */
    void (*tile)(const thor_tile *tile);
    /* The same for 1 to THOR_FEW_ROWS rows and any number of columns, with B[p][j] = b[p + j*b_step]: a handful of rows
     * against a matrix that is transposed on the way, 16 by 16, and read once. a_step is 1; never transposed. */
    void (*few_rows)(const thor_tile *tile);
    /* Copies B[p][j] = source[p*step + j*column], p < k, j < columns, into panels of `width` columns: column j goes to
     * panel j / width, row p, place j % width; panel q begins at panels + q*panel_size. The last one is filled up with
     * +0. */
    void (*pack)(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step, int64_t column,
                 int64_t k, int64_t columns);
} thor_kernels;

/* The table for `isa` ("auto", "scalar", "avx2", "avx512", "neon", "checked"); NULL or "" asks THOR_ISA, then auto. An
 * unknown name, a table that was not built, or one that this CPU or operating system lacks is THOR_E_USAGE with the
 * list of those that can run. */
#include "base/status.h"
thor_status thor_kernels_choose(const thor_kernels **kernels, const char *isa, thor_error *error);

/* Every table that can run here, best last; returns how many. For tests. */
int thor_kernels_list(const thor_kernels *list[], int room);

#endif
