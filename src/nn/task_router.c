/* Task router.
 *
 *   forward    P_task = softmax(W_t r),  candidates = the C largest (a hard mask: translation gives W_t no gradient)
 *   balance    L_tb = E sum_i f_i Q_i,  Q_i = mean of P_task,i
 *   backward   d_P_i = weight E f_i / rows,  through the softmax,  d_W_t = d_logits^T r,  d_r = d_logits W_t */
#include "nn/task_router.h"

#include <string.h>

void thor_task_router_largest(int32_t *chosen, const float *p, int64_t E, int64_t count)
{
    memset(chosen, 0, (size_t)E * sizeof *chosen);
    for (int64_t c = 0; c < count; c++) {
        int64_t best = -1;
        for (int64_t e = 0; e < E; e++)
            if (!chosen[e] && (best < 0 || p[e] > p[best]))
                best = e;
        chosen[best] = 1;
    }
}

void thor_task_router_forward(const thor_compute *compute, float *probs, int32_t *candidates, const float *r,
                              const thor_linear *task_router, int64_t rows, int64_t C)
{
    int64_t E = task_router->weight.rows;
    thor_linear_forward(compute, probs, r, task_router, rows);
    for (int64_t row = 0; row < rows; row++) {
        float *p = probs + row * E;
        compute->kernels->softmax(p, p, E, NULL, NULL);
        thor_task_router_largest(candidates + row * E, p, E, C);
    }
}

double thor_task_balance(const thor_compute *compute, float *f, float *Q, const float *probs, const int32_t *candidates,
                         int64_t rows, int64_t E)
{
    compute->kernels->sum_rows(Q, probs, rows, E, E, false);
    compute->kernels->divide(Q, Q, (float)rows, E);
    for (int64_t e = 0; e < E; e++) {
        int64_t count = 0;
        for (int64_t row = 0; row < rows; row++)
            count += candidates[row * E + e];
        f[e] = (float)count / (float)rows;
    }
    return (double)E * (double)compute->kernels->sum_products(f, Q, E);
}

void thor_task_balance_backward(const thor_compute *compute, float *d_r, float *d_weight, float *d_logits,
                                const float *f, const float *probs, const float *r, const thor_linear *task_router,
                                int64_t rows, float weight)
{
    int64_t E = task_router->weight.rows;
    for (int64_t row = 0; row < rows; row++) {
        float *d = d_logits + row * E;
        for (int64_t e = 0; e < E; e++) {
            float scaled = weight * (float)E;
            float share = scaled * f[e];
            d[e] = share / (float)rows;
        }
        compute->kernels->softmax_backward(d, d, probs + row * E, E);
    }
    thor_linear_gradient gradient = { d_weight, NULL };
    thor_linear_backward(compute, d_r, THOR_GEMM_STORE, &gradient, d_logits, r, task_router, rows);
}
