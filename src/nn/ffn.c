/* Feed-forward layer.
 *
 *   forward    1. h = relu(W1 x + b1)   2. h = drop(h)   3. y = W2 h + b2
 *   backward   3. d_h = d_y W2          2. and 1. d_h = h > 0 ? d_h / (1 - rate) : 0;  d_x = d_h W1
 * The kept h has seen dropout; where it is positive, it was kept and relu was open. */
#include "nn/ffn.h"

void thor_ffn_forward(const thor_compute *compute, float *y, const thor_ffn_saved *saved, const float *x,
                      const thor_packing *packing, const thor_ffn *ffn)
{
    const thor_matrix *w = &ffn->fc1.weight;
    thor_gemm product = thor_gemm_forward(saved->hidden, x, thor_matrix_f32(w), ffn->fc1.bias, packing->rows,
                                          w->columns, w->rows);
    product.relu = true;
    thor_gemm_run(compute, &product, 1);
    thor_rows_dropout(compute, saved->hidden, NULL, saved->hidden, &saved->dropout, NULL, packing, w->rows);
    thor_linear_forward(compute, y, saved->hidden, &ffn->fc2, packing->rows);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_bias, *d_hidden;
    const float *hidden;
    const thor_relu_groups *groups;
    float scale;
    int64_t n, blocks;
} relu_job;

enum { COLUMNS = 128 };                 /* of a part */

static void relu_body(void *context, int64_t begin, int64_t end, int thread)
{
    const relu_job *job = context;
    int64_t n = job->n;
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        int64_t group = part / job->blocks, column = part % job->blocks * COLUMNS;
        int64_t row = job->groups->offset[group], rows = job->groups->offset[group + 1] - row;
        job->kernels->relu_backward_sum(job->d_bias + group * n + column, job->d_hidden + row * n + column,
                                        job->hidden + row * n + column, job->scale, rows, n,
                                        n - column < COLUMNS ? n - column : COLUMNS);
    }
}

void thor_relu_backward(const thor_compute *compute, float *d_bias, float *d_hidden, const float *hidden,
                        const thor_dropout *dropout, const thor_relu_groups *groups, int64_t n)
{
    relu_job job = { compute->kernels, d_bias, d_hidden, hidden, groups, dropout->keep ? dropout->rule.scale : 1.0f, n,
                     (n + COLUMNS - 1) / COLUMNS };
    thor_par_each(&compute->par, groups->groups * job.blocks, relu_body, &job);
}

void thor_ffn_backward(const thor_compute *compute, float *d_x, const thor_ffn_gradient *gradient, const float *d_y,
                       const thor_ffn_saved *saved, const float *x, const thor_packing *packing, const thor_ffn *ffn,
                       const thor_scratch *scratch)
{
    int64_t F = ffn->fc1.weight.rows, rows = packing->rows;
    float *d_hidden = scratch->wide;
    thor_linear_backward(compute, d_hidden, THOR_GEMM_STORE, &gradient->fc2, d_y, saved->hidden, &ffn->fc2, rows);
    const int64_t offset[2] = { 0, rows };
    const thor_relu_groups all = { offset, 1 };
    const thor_linear_gradient fc1 = { gradient->fc1.weight, NULL };
    thor_relu_backward(compute, gradient->fc1.bias, d_hidden, saved->hidden, &saved->dropout, &all, F);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &fc1, d_hidden, x, &ffn->fc1, rows);
}
