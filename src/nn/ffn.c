/* Feed-forward layer.
 *
 *   forward    1. h = relu(W1 x + b1)   2. h = drop(h)   3. y = W2 h + b2
 *   backward   3. d_h = d_y W2          2. through the masks   1. d_h = h > 0 ? d_h : 0;  d_x = d_h W1
 * The kept h has seen dropout; where it is positive, relu was open. */
#include "nn/ffn.h"

void thor_ffn_forward(const thor_compute *compute, float *y, const thor_ffn_saved *saved, const float *x,
                      const thor_packing *packing, const thor_ffn *ffn)
{
    const thor_matrix *w = &ffn->fc1.weight;
    thor_gemm product = thor_gemm_forward(saved->hidden, x, thor_matrix_f32(w), ffn->fc1.bias, packing->rows,
                                          w->columns, w->rows);
    product.relu = true;
    thor_gemm_run(compute, &product, 1);
    thor_rows_dropout(compute, saved->hidden, NULL, saved->hidden, &saved->dropout, packing, w->rows);
    thor_linear_forward(compute, y, saved->hidden, &ffn->fc2, packing->rows);
}

typedef struct { const thor_kernels *kernels; float *d_hidden; const float *hidden; } relu_job;

static void relu_body(void *context, int64_t begin, int64_t end, int thread)
{
    const relu_job *job = context;
    (void)thread;
    job->kernels->relu_backward(job->d_hidden + begin, job->d_hidden + begin, job->hidden + begin, end - begin);
}

void thor_relu_backward(const thor_compute *compute, float *d_hidden, const float *hidden, int64_t n)
{
    relu_job job = { compute->kernels, d_hidden, hidden };
    thor_par_for(&compute->par, n, 8192, relu_body, &job);
}

void thor_ffn_backward(const thor_compute *compute, float *d_x, const thor_ffn_gradient *gradient, const float *d_y,
                       const thor_ffn_saved *saved, const float *x, const thor_packing *packing, const thor_ffn *ffn,
                       const thor_scratch *scratch)
{
    int64_t F = ffn->fc1.weight.rows, rows = packing->rows;
    float *d_hidden = scratch->wide;
    thor_linear_backward(compute, d_hidden, THOR_GEMM_STORE, &gradient->fc2, d_y, saved->hidden, &ffn->fc2, rows);
    thor_rows_dropout_backward(compute, d_hidden, d_hidden, &saved->dropout, rows, F);
    thor_relu_backward(compute, d_hidden, saved->hidden, rows * F);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &gradient->fc1, d_hidden, x, &ffn->fc1, rows);
}
