/* Matrix products of any layout, made of chains over k in ascending order: blocking, packing, threads and the company
 * of other rows are invisible in the bits. */
#ifndef THOR_SIMD_GEMM_H
#define THOR_SIMD_GEMM_H

#include "simd/compute.h"

typedef enum thor_gemm_mode {
    THOR_GEMM_STORE,        /* C = chain(+0) */
    THOR_GEMM_CHAIN,        /* C = chain(C): goes on with the chain that C holds */
    THOR_GEMM_ADD           /* C = C + chain(+0): another gradient that meets the first, one rounding more */
} thor_gemm_mode;

/* C[m,n] from A[m,k] and B[k,n]. Element (i, p) of A is a[i*a_row + p*a_column], likewise B; C's columns are
 * neighbours. After the chain: + bias[j] where bias is there, then relu where asked for. C overlaps nothing. k = 0
 * gives chains without links. */
typedef struct thor_gemm {
    int64_t m, n, k;
    const float *a;
    int64_t a_row, a_column;
    const float *b;
    int64_t b_row, b_column;
    float *c;
    int64_t c_row;
    const float *bias;      /* [n] or NULL */
    thor_gemm_mode mode;
    bool relu;
} thor_gemm;

/* Floats of packing memory that one thread needs with compute's kernels and blocks. */
int64_t thor_gemm_memory(const thor_compute *compute);

/* Runs all products in one parallel region (they must not overlap in C). */
void thor_gemm_run(const thor_compute *compute, const thor_gemm *products, int64_t count);

/* One product on the calling thread, for use inside a region: `thread` is the number that the region's body was
 * given. */
void thor_gemm_serial(const thor_compute *compute, const thor_gemm *product, int thread);

/* Y[rows,out] = X[rows,in] W[out,in]^T (+ bias): the shape of every linear layer. */
thor_gemm thor_gemm_forward(float *y, const float *x, const float *weight, const float *bias, int64_t rows, int64_t in,
                            int64_t out);
/* dX[rows,in] = dY[rows,out] W[out,in]. */
thor_gemm thor_gemm_input_gradient(float *dx, const float *dy, const float *weight, int64_t rows, int64_t in,
                                   int64_t out);
/* dW[out,in] = dY[rows,out]^T X[rows,in], rows ascending. */
thor_gemm thor_gemm_weight_gradient(float *dw, const float *dy, const float *x, int64_t rows, int64_t in, int64_t out);

#endif
