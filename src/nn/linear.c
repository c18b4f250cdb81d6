/* y = W x + b.
 *
 *   forward    y[r] = chain over in of x[r] W[o], then + b
 *   backward   d_x = d_y W,  d_W = d_y^T x (rows ascending),  d_b = sum over rows of d_y */
#include "nn/nn.h"

const float *thor_matrix_f32(const thor_matrix *matrix)
{
    return matrix->data;
}

void thor_linear_forward(const thor_compute *compute, float *y, const float *x, const thor_linear *linear, int64_t rows)
{
    const thor_matrix *w = &linear->weight;
    thor_gemm product = thor_gemm_forward(y, x, thor_matrix_f32(w), linear->bias, rows, w->columns, w->rows);
    thor_gemm_run(compute, &product, 1);
}

void thor_linear_backward(const thor_compute *compute, float *d_x, thor_gemm_mode mode,
                          const thor_linear_gradient *gradient, const float *d_y, const float *x,
                          const thor_linear *linear, int64_t rows)
{
    const thor_matrix *w = &linear->weight;
    thor_gemm products[2];
    int64_t count = 0;
    products[count++] = thor_gemm_weight_gradient(gradient->weight, d_y, x, rows, w->columns, w->rows);
    if (d_x) {
        products[count] = thor_gemm_input_gradient(d_x, d_y, thor_matrix_f32(w), rows, w->columns, w->rows);
        products[count++].mode = mode;
    }
    thor_gemm_run(compute, products, count);
    if (gradient->bias)
        thor_rows_sum(compute, gradient->bias, d_y, rows, w->rows);
}
