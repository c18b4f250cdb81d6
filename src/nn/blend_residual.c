/* A shared feed-forward network beside the mixture, blended with it by a gate.
 *
 *   forward    1. s = drop(FFN(x))   2. cmr: q = sigmoid(w . x + b), m's share q, s's share 1 - q
 *                                       softmax: w = softmax(W_c x), m's share w_0, s's share w_1
 *              3. y = share_m m + share_s s,  m the experts' sum
 *   losses     cmr: L_budget = |mean over rows of q - budget|
 *   backward   3. d_m = share_m d_y,  d_s = share_s d_y,  d_share_m = d_y . m,  d_share_s = d_y . s
 *              2. cmr: d_q = d_share_m - d_share_s +- weight / (S R), back through sigmoid; softmax: back through it
 *              1. d_x = (d_x of FFN + d_x of the mixture) + d_x of the gate */
#include <math.h>

#include "nn/ffn.h"
#include "nn/stages.h"

typedef struct {
    thor_residual_form form;
    double budget;
    thor_ffn shared;
    thor_linear gate;                   /* [1,d] and [1], or [2,d] without a bias */
} own_weights;

typedef struct {
    thor_ffn_saved hidden;
    thor_dropout dropout;               /* [R,d] after the shared network */
    float *shared;                      /* s [R,d]; then d_s, then its d_x */
    float *gate;                        /* q [R,1] or w [R,2] */
    float *d_gate;                      /* of its argument, as wide */
    float mean;                         /* of q */
} own_saved;

static int64_t gates(const own_weights *own)
{
    return own->form == THOR_RESIDUAL_SOFTMAX ? 2 : 1;
}

void thor_blend_residual_set(thor_mixture *mixture, thor_residual_form form, double budget)
{
    own_weights *own = mixture->own[THOR_STAGE_BLEND];
    own->form = form;
    own->budget = budget;
}

static void name_weights(thor_mixture *mixture, const thor_weights *weights)
{
    own_weights *own = mixture->own[THOR_STAGE_BLEND];
    int64_t d = mixture->router.d, F = mixture->experts.F;
    own->shared.fc1 = thor_weights_linear(weights, "moe.shared.fc1", F, d, true);
    own->shared.fc2 = thor_weights_linear(weights, "moe.shared.fc2", d, F, true);
    own->gate = thor_weights_linear(weights, "moe.shared_gate", gates(own), d, own->form == THOR_RESIDUAL_CMR);
}

static void place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    const own_weights *own = mixture->own[THOR_STAGE_BLEND];
    own_saved *kept = saved->own[THOR_STAGE_BLEND];
    int64_t d = mixture->router.d;
    kept->hidden.hidden = THOR_TAKE(room->arena, float, room->rows * mixture->experts.F);
    kept->hidden.dropout.keep = room->activation_masks ? (uint8_t *)room->scratch->wide : NULL;
    kept->shared = THOR_TAKE(room->arena, float, room->rows * d);
    kept->dropout.keep = room->masks ? THOR_TAKE(room->arena, uint8_t, room->rows * d) : NULL;
    kept->gate = THOR_TAKE(room->arena, float, room->rows * gates(own));
    kept->d_gate = THOR_TAKE(room->arena, float, room->rows * gates(own));
}

/* ---- forward --------------------------------------------------------------------------------------------------- */

typedef struct {
    const thor_mixture_call *call;
    const own_weights *own;
    const own_saved *saved;
    const float *d_y;                   /* backward */
    float push;                         /* of the budget on every d_q */
    int64_t d, gates;
} blend_job;

static blend_job job_of(const thor_mixture_call *call)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_BLEND];
    return (blend_job){ .call = call, .own = own, .saved = call->saved->own[THOR_STAGE_BLEND],
                        .d = call->mixture->router.d, .gates = gates(own) };
}

typedef struct {
    float mixture, shared;
} shares;

static shares shares_of(const blend_job *job, int64_t row)
{
    const float *gate = job->saved->gate + row * job->gates;
    if (job->own->form == THOR_RESIDUAL_SOFTMAX)
        return (shares){ gate[0], gate[1] };
    return (shares){ gate[0], 1.0f - gate[0] };
}

static void blend_body(void *context, int64_t begin, int64_t end, int thread)
{
    const blend_job *job = context;
    const thor_kernels *kernels = job->call->compute->kernels;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        float *gate = job->saved->gate + r * job->gates, *y = job->call->saved->output + r * d;
        if (job->own->form == THOR_RESIDUAL_SOFTMAX)
            kernels->softmax(gate, gate, job->gates, NULL, NULL);
        else
            kernels->sigmoid(gate, gate, job->gates);
        shares share = shares_of(job, r);
        kernels->scale(y, job->call->saved->sum + r * d, share.mixture, d);
        kernels->add_scaled(y, job->saved->shared + r * d, share.shared, d);
    }
}

static void forward(const thor_mixture_call *call)
{
    blend_job job = job_of(call);
    const thor_packing *packing = call->packing;
    thor_ffn_forward(call->compute, job.saved->shared, &job.saved->hidden, call->x, packing, &job.own->shared);
    thor_rows_dropout(call->compute, job.saved->shared, NULL, job.saved->shared, &job.saved->dropout, NULL, packing,
                      job.d);
    thor_linear_forward(call->compute, job.saved->gate, call->x, &job.own->gate, packing->rows);
    thor_par_for(&call->compute->par, packing->rows, 16, blend_body, &job);
}

/* ---- the budget ------------------------------------------------------------------------------------------------ */

static void losses(const thor_mixture_call *call, double *part)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_BLEND];
    own_saved *saved = call->saved->own[THOR_STAGE_BLEND];
    int64_t rows = call->packing->rows;
    if (own->form != THOR_RESIDUAL_CMR)
        return;
    thor_rows_sum(call->compute, &saved->mean, saved->gate, rows, 1);
    saved->mean = saved->mean / (float)rows;
    part[THOR_LOSS_BUDGET] += fabs((double)saved->mean - own->budget);
}

/* sign(mean - budget) weight / (S R), rounded once. */
static float push_of(const thor_mixture_call *call)
{
    const own_weights *own = call->mixture->own[THOR_STAGE_BLEND];
    const own_saved *saved = call->saved->own[THOR_STAGE_BLEND];
    double above = (double)saved->mean - own->budget;
    double size = call->weight[THOR_LOSS_BUDGET] / ((double)call->shards * (double)call->packing->rows);
    return own->form != THOR_RESIDUAL_CMR || above == 0 ? 0.0f : (float)(above > 0 ? size : -size);
}

/* ---- backward -------------------------------------------------------------------------------------------------- */

/* Passes 3 and 2: d_gate; then d_m and d_s take the places of m and s. */
static void blend_backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const blend_job *job = context;
    const thor_kernels *kernels = job->call->compute->kernels;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *d_y = job->d_y + r * d, *gate = job->saved->gate + r * job->gates;
        float *m = job->call->saved->sum + r * d, *s = job->saved->shared + r * d;
        float *d_gate = job->saved->d_gate + r * job->gates;
        float d_mixture = kernels->sum_products(d_y, m, d), d_shared = kernels->sum_products(d_y, s, d);
        if (job->own->form == THOR_RESIDUAL_SOFTMAX) {
            d_gate[0] = d_mixture;
            d_gate[1] = d_shared;
            kernels->softmax_backward(d_gate, d_gate, gate, job->gates);
        } else {
            float d_q = d_mixture - d_shared;
            d_gate[0] = d_q + job->push;
            kernels->sigmoid_backward(d_gate, d_gate, gate, job->gates);
        }
        shares share = shares_of(job, r);
        kernels->scale(m, d_y, share.mixture, d);
        kernels->scale(s, d_y, share.shared, d);
    }
}

/* Pass 1: d_x of the shared network takes the place of d_s, whose last reader it is. */
static void shared_backward(const blend_job *job)
{
    const thor_mixture_call *call = job->call;
    const thor_ffn *shared = &job->own->shared;
    const thor_ffn_gradient gradient = { thor_mixture_linear_gradient(call, &shared->fc1),
                                         thor_mixture_linear_gradient(call, &shared->fc2) };
    float *d_s = job->saved->shared;
    thor_rows_dropout_backward(call->compute, d_s, d_s, &job->saved->dropout, call->packing->rows, job->d);
    thor_ffn_backward(call->compute, d_s, &gradient, d_s, &job->saved->hidden, call->x, call->packing, shared,
                      call->scratch);
}

static void backward(const thor_mixture_call *call, float *d_x, const float *d_y)
{
    blend_job job = job_of(call);
    int64_t rows = call->packing->rows;
    const thor_linear_gradient gate = thor_mixture_linear_gradient(call, &job.own->gate);
    job.d_y = d_y;
    job.push = push_of(call);
    thor_par_for(&call->compute->par, rows, 16, blend_backward_body, &job);
    shared_backward(&job);
    thor_mixture_experts_backward(call, d_x, call->saved->sum);
    thor_rows_add(call->compute, d_x, job.saved->shared, d_x, rows * job.d);
    thor_linear_backward(call->compute, d_x, THOR_GEMM_ADD, &gate, job.saved->d_gate, call->x, &job.own->gate, rows);
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

static void show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    const own_saved *kept = saved->own[THOR_STAGE_BLEND];
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, kept->gate, gates(mixture->own[THOR_STAGE_BLEND]),
                     "moe.shared_gate");
}

static thor_dropout *activation_site(void *saved)
{
    own_saved *kept = ((thor_mixture_saved *)saved)->own[THOR_STAGE_BLEND];
    return &kept->hidden.dropout;
}

static thor_dropout *output_site(void *saved)
{
    own_saved *kept = ((thor_mixture_saved *)saved)->own[THOR_STAGE_BLEND];
    return &kept->dropout;
}

static const thor_site_line sites[] = {
    { THOR_SITE_SHARED_ACTIVATION, THOR_RATE_ACTIVATION, THOR_SHAPE_F, "moe.shared.activation.dropout",
      activation_site },
    { THOR_SITE_SHARED, THOR_RATE_DROPOUT, THOR_SHAPE_D, "moe.shared.dropout", output_site },
};

/* The two products of the network, and a number of the gate (softmax has one more). */
static double work(double d, double F, double E)
{
    (void)E;
    return 4 * d * F + 2 * d;
}

const thor_stage thor_blend_residual = { .name = "shared network", .weights_size = sizeof(own_weights),
                                         .saved_size = sizeof(own_saved), .weights = name_weights, .place = place,
                                         .forward = forward, .losses = losses, .backward = backward, .show = show,
                                         .work = work, .sites = sites,
                                         .site_count = sizeof sites / sizeof *sites };
