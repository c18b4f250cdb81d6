/* The token router reads the row with its context.
 *
 *   forward    1. c = context(x)   2. lambda = sigmoid(W_g [x; c] + b_g)
 *              3. u = lambda x + (1 - lambda) c   (or x + lambda c, or x), + r where infused   4. z = W_r u
 *   backward   counts down; x met the context, the gate and the interpolation, in that order, and their gradients are
 *              added gate, context, interpolation */
#include <string.h>

#include "nn/context.h"
#include "nn/stages.h"

typedef struct {
    thor_context_form form;
    bool infuse;                        /* r is added */
    thor_linear gate;                   /* W_g [d,2d], b_g; with a context */
} own_weights;

typedef struct {
    float *context;                     /* c [R,d] */
    float *gate;                        /* lambda [R,d] */
} own_saved;

void thor_input_context_set(thor_mixture *mixture, thor_context_form form, bool infuse)
{
    own_weights *own = mixture->own[THOR_STAGE_INPUT];
    own->form = form;
    own->infuse = infuse;
}

static void name_weights(thor_mixture *mixture, const thor_weights *weights)
{
    own_weights *own = mixture->own[THOR_STAGE_INPUT];
    int64_t d = mixture->router.d;
    if (own->form != THOR_CONTEXT_NONE)
        own->gate = thor_weights_linear(weights, "moe.context_gate", d, 2 * d, true);
}

static void place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    const own_weights *own = mixture->own[THOR_STAGE_INPUT];
    own_saved *kept = saved->own[THOR_STAGE_INPUT];
    int64_t d = mixture->router.d;
    if (own->form != THOR_CONTEXT_NONE) {
        kept->context = THOR_TAKE(room->arena, float, room->rows * d);
        kept->gate = THOR_TAKE(room->arena, float, room->rows * d);
    }
    if (own->infuse)
        saved->handed.vectors = THOR_TAKE(room->arena, float, room->sentences * d);
}

/* ---- forward --------------------------------------------------------------------------------------------------- */

typedef struct {
    const thor_mixture_call *call;
    const own_weights *own;
    const own_saved *saved;
    int64_t d;
} forward_job;

/* One more row of each slot's prefix. */
static void prefix_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    const thor_mixture_step *step = job->call->step;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        thor_context_step(job->call->compute, job->saved->context + r * d, step->state + step->slots[r] * d,
                          job->call->x + r * d, step->position + 1, d);
}

static void context_forward(const forward_job *job)
{
    const thor_mixture_call *call = job->call;
    if (call->step) {
        forward_job copy = *job;
        thor_par_for(&call->compute->par, call->packing->rows, 16, prefix_body, &copy);
    } else {
        thor_context_forward(call->compute, job->saved->context, call->x, call->packing, call->mixture->decoder,
                             job->d);
    }
}

/* W_g [x; c]: the chain over x's columns goes on over c's. */
static void gate_forward(const forward_job *job)
{
    const thor_mixture_call *call = job->call;
    int64_t d = job->d, rows = call->packing->rows;
    const float *w = thor_matrix_f32(&job->own->gate.weight);
    thor_gemm from_x = thor_gemm_forward(job->saved->gate, call->x, w, NULL, rows, d, d);
    thor_gemm from_c = thor_gemm_forward(job->saved->gate, job->saved->context, w + d, job->own->gate.bias, rows, d, d);
    from_x.b_column = from_c.b_column = 2 * d;
    from_c.mode = THOR_GEMM_CHAIN;
    thor_gemm_run(call->compute, &from_x, 1);
    thor_gemm_run(call->compute, &from_c, 1);
}

/* u of one row; its gate is still before the sigmoid. `at` is the row's first element. */
static void form_row(const forward_job *job, float *u, const float *x, int64_t at)
{
    const thor_kernels *kernels = job->call->compute->kernels;
    int64_t d = job->d;
    float *gate = job->saved->gate + at;
    const float *c = job->saved->context + at;
    kernels->sigmoid(gate, gate, d);
    if (job->own->form == THOR_CONTEXT_INTERPOLATE) {
        kernels->interpolate(u, gate, x, c, d);
        return;
    }
    memcpy(u, x, (size_t)d * sizeof *u);
    kernels->add_product(u, gate, c, d);
}

static void form_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    const thor_mixture_call *call = job->call;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *x = call->x + r * d;
        float *u = call->saved->input + r * d;
        if (job->own->form == THOR_CONTEXT_NONE)
            memcpy(u, x, (size_t)d * sizeof *u);
        else
            form_row(job, u, x, r * d);
        if (job->own->infuse)
            call->compute->kernels->add(u, u, call->given->vectors + call->packing->sentence[r] * d, d);
    }
}

static void forward(const thor_mixture_call *call)
{
    forward_job job = { call, call->mixture->own[THOR_STAGE_INPUT], call->saved->own[THOR_STAGE_INPUT],
                        call->mixture->router.d };
    if (job.own->form != THOR_CONTEXT_NONE) {
        context_forward(&job);
        gate_forward(&job);
    }
    thor_par_for(&call->compute->par, call->packing->rows, 16, form_body, &job);
    thor_input_logits(call);
}

/* ---- backward -------------------------------------------------------------------------------------------------- */

typedef struct {
    const thor_kernels *kernels;
    thor_context_form form;
    float *d_gate, *d_x, *d_c;
    const float *d_u, *gate, *x, *c;
    int64_t d;
} form_backward_job;

/* Pass 3 (and the sigmoid of 2): d_gate before the sigmoid, what x and c get from the form. */
static void form_backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const form_backward_job *job = context;
    const thor_kernels *kernels = job->kernels;
    int64_t d = job->d;
    (void)thread;
    for (int64_t i = begin * d; i < end * d; i += d) {
        if (job->form == THOR_CONTEXT_INTERPOLATE) {
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

/* Pass 2: the gate's weights; d_x = d_gate W_g's left half, d_c = its right half + what stands in d_c. */
static void gate_backward(const thor_mixture_call *call, float *d_x, float *d_c, const float *d_gate, float *from_gate)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_INPUT];
    const own_saved *saved = call->saved->own[THOR_STAGE_INPUT];
    int64_t d = call->mixture->router.d, rows = call->packing->rows;
    const float *w = thor_matrix_f32(&own->gate.weight);
    const thor_linear_gradient gradient = thor_mixture_linear_gradient(call, &own->gate);
    thor_gemm products[4] = {
        thor_gemm_weight_gradient(gradient.weight, d_gate, call->x, rows, d, d),
        thor_gemm_weight_gradient(gradient.weight + d, d_gate, saved->context, rows, d, d),
        thor_gemm_input_gradient(d_x, d_gate, w, rows, d, d),
        thor_gemm_input_gradient(from_gate, d_gate, w + d, rows, d, d),
    };
    products[0].c_row = products[1].c_row = products[2].b_row = products[3].b_row = 2 * d;
    thor_gemm_run(call->compute, products, 4);
    thor_rows_sum(call->compute, gradient.bias, d_gate, rows, d);
    thor_rows_add(call->compute, d_c, from_gate, d_c, rows * d);
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

static void context_backward(const thor_mixture_call *call, float *d_x, const float *d_u)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_INPUT];
    const own_saved *saved = call->saved->own[THOR_STAGE_INPUT];
    int64_t d = call->mixture->router.d, rows = call->packing->rows;
    float *const *free_rows = call->scratch->rows + THOR_ROWS_INPUT;
    float *d_gate = free_rows[0], *d_form = free_rows[1], *d_c = free_rows[2], *from_gate = free_rows[3];
    form_backward_job job = { .kernels = call->compute->kernels, .form = own->form, .d_gate = d_gate, .d_x = d_form,
                              .d_c = d_c, .d_u = d_u, .gate = saved->gate, .x = call->x, .c = saved->context, .d = d };
    thor_par_for(&call->compute->par, rows, 16, form_backward_body, &job);
    gate_backward(call, d_x, d_c, d_gate, from_gate);
    thor_context_backward(call->compute, from_gate, d_c, call->packing, call->mixture->decoder, d);
    thor_rows_add(call->compute, d_x, from_gate, d_x, rows * d);
    thor_rows_add(call->compute, d_x, d_x, d_form, rows * d);
}

static void backward(const thor_mixture_call *call, float *d_x, const float *d_z)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_INPUT];
    bool plain = own->form == THOR_CONTEXT_NONE;
    float *d_u = plain ? d_x : call->scratch->rows[THOR_ROWS_D_U];
    thor_input_logits_backward(call, d_u, d_z);
    if (own->infuse) {
        infuse_job job = { call->compute->kernels, call->saved->handed.vectors, d_u, call->packing,
                           call->mixture->router.d };
        thor_par_each(&call->compute->par, call->packing->sentences, infuse_body, &job);
    }
    if (!plain)
        context_backward(call, d_x, d_u);
}

static void show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    const own_weights *own = mixture->own[THOR_STAGE_INPUT];
    const own_saved *kept = saved->own[THOR_STAGE_INPUT];
    if (own->form != THOR_CONTEXT_NONE)
        thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, kept->context, mixture->router.d, "moe.context");
}

/* The gate's product. */
static double work(double d, double F, double E)
{
    (void)F, (void)E;
    return 4 * d * d;
}

const thor_stage thor_input_context = { .name = "context", .weights_size = sizeof(own_weights),
                                        .saved_size = sizeof(own_saved), .weights = name_weights, .place = place,
                                        .forward = forward, .backward = backward, .show = show, .work = work };

/* x + r without a context: nothing to multiply. */
const thor_stage thor_input_infused = { .name = "infused row", .weights_size = sizeof(own_weights),
                                        .saved_size = sizeof(own_saved), .place = place, .forward = forward,
                                        .backward = backward };
