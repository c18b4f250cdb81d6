/* The mixture.
 *
 *   forward    1. candidates from P_task = softmax(W_t r)          2. c = context(x)
 *              3. lambda = sigmoid(W_g [x; c] + b_g)
 *              4. u = lambda x + (1 - lambda) c   (or x + lambda c, or x), + r where infused
 *              5. route u   6. y = sum over e of g_e Expert_e(x)   (or of u)
 *   backward   counts down; x met the context, the gate, the interpolation and the experts, in that order, and their
 *              gradients are added in that order */
#include "nn/mixture.h"

#include <string.h>

void thor_mixture_candidates(const thor_compute *compute, const thor_mixture_saved *saved, const float *r,
                             int64_t sentences, const thor_mixture *mixture)
{
    thor_task_router_forward(compute, saved->task_probs, saved->candidates, r, &mixture->task_router, sentences,
                             mixture->router.C);
}

/* W_g [x; c]: the chain over x's columns goes on over c's. */
static void gate_forward(const thor_compute *compute, float *gate, const float *x, const float *c, int64_t rows,
                         const thor_mixture *mixture)
{
    int64_t d = mixture->router.d;
    const float *w = thor_matrix_f32(&mixture->gate.weight);
    thor_gemm from_x = thor_gemm_forward(gate, x, w, NULL, rows, d, d);
    thor_gemm from_c = thor_gemm_forward(gate, c, w + d, mixture->gate.bias, rows, d, d);
    from_x.b_column = from_c.b_column = 2 * d;
    from_c.mode = THOR_GEMM_CHAIN;
    thor_gemm_run(compute, &from_x, 1);
    thor_gemm_run(compute, &from_c, 1);
}

typedef struct {
    const thor_kernels *kernels;
    const thor_mixture *mixture;
    float *gate, *u;
    const float *x, *c, *r;
    const thor_packing *packing;
} input_job;

/* u of one row from x, c and the gate, which is still before its sigmoid; `at` is the row's first element. */
static void form_row(const input_job *job, float *u, const float *x, int64_t at)
{
    int64_t d = job->mixture->router.d;
    float *gate = job->gate + at;
    const float *c = job->c + at;
    job->kernels->sigmoid(gate, gate, d);
    if (job->mixture->form == THOR_CONTEXT_INTERPOLATE) {
        job->kernels->interpolate(u, gate, x, c, d);
        return;
    }
    memcpy(u, x, (size_t)d * sizeof *u);
    job->kernels->add_product(u, gate, c, d);
}

static void input_body(void *context, int64_t begin, int64_t end, int thread)
{
    const input_job *job = context;
    int64_t d = job->mixture->router.d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = job->x + r * d;
        float *u = job->u + r * d;
        if (job->mixture->form == THOR_CONTEXT_NONE)
            memcpy(u, x, (size_t)d * sizeof *u);
        else
            form_row(job, u, x, r * d);
        if (job->mixture->infuse)
            job->kernels->add(u, u, job->r + job->packing->sentence[r] * d, d);
    }
}

void thor_mixture_input(const thor_compute *compute, const thor_mixture_saved *saved, const float *x, const float *r,
                        const thor_packing *packing, const thor_mixture *mixture)
{
    if (mixture->form != THOR_CONTEXT_NONE)
        gate_forward(compute, saved->gate, x, saved->context, packing->rows, mixture);
    input_job job = { compute->kernels, mixture, saved->gate, saved->input, x, saved->context, r, packing };
    thor_par_for(&compute->par, packing->rows, 16, input_body, &job);
}

void thor_mixture_forward(const thor_compute *compute, thor_mixture_saved *saved, const float *x, const float *r,
                          const thor_packing *packing, const thor_mixture *mixture, bool training)
{
    if (mixture->has_candidates)
        thor_mixture_candidates(compute, saved, r, packing->sentences, mixture);
    if (mixture->form != THOR_CONTEXT_NONE)
        thor_context_forward(compute, saved->context, x, packing, mixture->prefix, mixture->router.d);
    thor_mixture_input(compute, saved, x, r, packing, mixture);
    thor_router_forward(compute, &saved->routing, saved->input, mixture->has_candidates ? saved->candidates : NULL,
                        packing, &mixture->router, training);
    thor_experts_forward(compute, saved->output, &saved->experts, mixture->feed_experts ? saved->input : x,
                         &saved->routing, packing, &mixture->experts);
}

typedef struct {
    const thor_kernels *kernels;
    const thor_mixture *mixture;
    float *d_gate, *d_x, *d_c;
    const float *d_u, *gate, *x, *c;
} form_job;

/* Pass 4 (and the sigmoid of 3): d_gate before the sigmoid, what x and c get from the form. */
static void form_body(void *context, int64_t begin, int64_t end, int thread)
{
    const form_job *job = context;
    const thor_kernels *kernels = job->kernels;
    int64_t d = job->mixture->router.d;
    (void)thread;
    for (int64_t i = begin * d; i < end * d; i += d) {
        if (job->mixture->form == THOR_CONTEXT_INTERPOLATE) {
            kernels->interpolate_backward(job->d_gate + i, job->d_x + i, job->d_c + i, job->d_u + i, job->gate + i,
                                          job->x + i, job->c + i, d);
        } else {
            kernels->multiply(job->d_gate + i, job->d_u + i, job->c + i, d);
            kernels->multiply(job->d_c + i, job->d_u + i, job->gate + i, d);
            memcpy(job->d_x + i, job->d_u + i, (size_t)d * sizeof *job->d_x);
        }
        kernels->sigmoid_backward(job->d_gate + i, job->d_gate + i, job->gate + i, d);
    }
}

/* Pass 3: the gate's weights; d_x = d_gate W_g's left half, d_c = its right half + what stands in d_c. */
static void gate_backward(const thor_compute *compute, float *d_x, float *d_c, const thor_linear_gradient *gradient,
                          const float *d_gate, const float *x, const float *c, int64_t rows,
                          const thor_mixture *mixture, float *from_gate)
{
    int64_t d = mixture->router.d;
    const float *w = thor_matrix_f32(&mixture->gate.weight);
    thor_gemm products[4] = {
        thor_gemm_weight_gradient(gradient->weight, d_gate, x, rows, d, d),
        thor_gemm_weight_gradient(gradient->weight + d, d_gate, c, rows, d, d),
        thor_gemm_input_gradient(d_x, d_gate, w, rows, d, d),
        thor_gemm_input_gradient(from_gate, d_gate, w + d, rows, d, d),
    };
    products[0].c_row = products[1].c_row = products[2].b_row = products[3].b_row = 2 * d;
    thor_gemm_run(compute, products, 4);
    thor_rows_sum(compute, gradient->bias, d_gate, rows, d);
    thor_rows_add(compute, d_c, from_gate, d_c, rows * d);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_r;
    const float *d_u;
    const thor_packing *packing;
    int64_t d;
} infuse_job;

static void infuse_body(void *context, int64_t begin, int64_t end, int thread)
{
    const infuse_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        int64_t first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
        job->kernels->sum_rows(job->d_r + b * d, job->d_u + first * d, n, d, d, false);
    }
}

/* Passes 4 to 2: from d_u to d_x (all that x got through u). */
static void input_backward(const thor_compute *compute, float *d_x, const thor_mixture_gradient *gradient,
                           const float *d_u, const thor_mixture_saved *saved, const float *x,
                           const thor_packing *packing, const thor_mixture *mixture, const thor_scratch *scratch)
{
    int64_t d = mixture->router.d, rows = packing->rows;
    if (mixture->infuse) {
        infuse_job job = { compute->kernels, saved->d_task, d_u, packing, d };
        thor_par_each(&compute->par, packing->sentences, infuse_body, &job);
    }
    if (mixture->form == THOR_CONTEXT_NONE) {
        memcpy(d_x, d_u, (size_t)(rows * d) * sizeof *d_x);
        return;
    }
    float *d_gate = scratch->rows[2], *d_form = scratch->rows[3], *d_c = scratch->rows[4],
          *from_gate = scratch->rows[5];
    form_job job = { compute->kernels, mixture, d_gate, d_form, d_c, d_u, saved->gate, x, saved->context };
    thor_par_for(&compute->par, rows, 16, form_body, &job);
    gate_backward(compute, d_x, d_c, &gradient->gate, d_gate, x, saved->context, rows, mixture, from_gate);
    thor_context_backward(compute, from_gate, d_c, packing, mixture->prefix, d);
    thor_rows_add(compute, d_x, from_gate, d_x, rows * d);
    thor_rows_add(compute, d_x, d_x, d_form, rows * d);
}

void thor_mixture_backward(const thor_compute *compute, float *d_x, const thor_mixture_gradient *gradient,
                           const float *d_y, const thor_mixture_saved *saved, const float *x,
                           const thor_packing *packing, float balance_weight, float dynamic_weight,
                           const thor_mixture *mixture, const thor_scratch *scratch)
{
    int64_t d = mixture->router.d, rows = packing->rows;
    float *d_experts = scratch->rows[0], *d_u = scratch->rows[1];
    thor_experts_backward(compute, d_experts, scratch->routing[0], &gradient->experts, d_y, &saved->experts,
                          mixture->feed_experts ? saved->input : x, &saved->routing, rows, &mixture->experts, scratch);
    thor_router_backward(compute, d_u, gradient->router, scratch->routing[1], scratch->routing[0], &saved->routing,
                         saved->input, rows, balance_weight, dynamic_weight, &mixture->router);
    if (mixture->feed_experts)
        thor_rows_add(compute, d_u, d_u, d_experts, rows * d);
    input_backward(compute, d_x, gradient, d_u, saved, x, packing, mixture, scratch);
    if (!mixture->feed_experts)
        thor_rows_add(compute, d_x, d_x, d_experts, rows * d);
}
