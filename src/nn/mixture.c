/* The mixture.
 *
 *   forward    1. candidates of the sentences   2. u, z = W_r u   3. route z
 *              4. s = sum over e of g_e Expert_e(x or u)   5. y = blend(s), or s
 *   backward   5. d_s   4. d_x of the experts, d_g   3. d_z   2. d_x = what z hands back, then the experts' part
 *              1. what the losses of candidates hand to shared vectors */
#include "nn/mixture.h"

#include <math.h>
#include <stdalign.h>
#include <stddef.h>

#include "nn/stages.h"

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static size_t rounded(size_t bytes)
{
    size_t step = alignof(max_align_t);
    return (bytes + step - 1) / step * step;
}

/* Sets own[] to the stages' structs behind the first `bytes` of `block`, or only counts. Returns the size of all. */
static size_t place_own(void **own, void *block, size_t bytes, const thor_stage *const stage[THOR_STAGES], bool saved)
{
    bytes = rounded(bytes);
    for (int i = 0; i < THOR_STAGES; i++) {
        if (own)
            own[i] = (char *)block + bytes;
        if (stage[i])
            bytes += rounded(saved ? stage[i]->saved_size : stage[i]->weights_size);
    }
    return bytes;
}

size_t thor_mixture_size(const thor_stage *const stage[THOR_STAGES])
{
    return place_own(NULL, NULL, sizeof(thor_mixture), stage, false);
}

void thor_mixture_start(thor_mixture *mixture, const thor_stage *const stage[THOR_STAGES])
{
    for (int i = 0; i < THOR_STAGES; i++)
        mixture->stage[i] = stage[i];
    place_own(mixture->own, mixture, sizeof *mixture, stage, false);
}

size_t thor_mixture_saved_size(const thor_mixture *mixture)
{
    return place_own(NULL, NULL, sizeof(thor_mixture_saved), mixture->stage, true);
}

void thor_mixture_saved_start(thor_mixture_saved *saved, const thor_mixture *mixture)
{
    place_own(saved->own, saved, sizeof *saved, mixture->stage, true);
}

static void place_experts(const thor_mixture *mixture, thor_experts_saved *saved, const thor_mixture_room *room,
                          int64_t most)
{
    const thor_experts *experts = &mixture->experts;
    saved->input = room->scratch->assigned;
    saved->hidden = THOR_TAKE(room->arena, float, most * experts->F);
    saved->output = THOR_TAKE(room->arena, float, most * experts->d);
    saved->products = THOR_TAKE(room->arena, thor_gemm, 2 * experts->E);
    saved->activation.keep = room->activation_masks ? (uint8_t *)room->scratch->wide : NULL;
    saved->dropout.keep = room->masks ? THOR_TAKE(room->arena, uint8_t, most * experts->d) : NULL;
}

void thor_mixture_place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    int64_t d = mixture->router.d, most = thor_router_most_assignments(&mixture->router, room->rows);
    saved->handed = (thor_handed){ NULL, NULL };
    saved->input = THOR_TAKE(room->arena, float, room->rows * d);
    saved->sum = saved->output = THOR_TAKE(room->arena, float, room->rows * d);
    if (mixture->stage[THOR_STAGE_BLEND])
        saved->output = THOR_TAKE(room->arena, float, room->rows * d);
    thor_router_place(&mixture->router, &saved->routing, room->arena, room->rows);
    place_experts(mixture, &saved->experts, room, most);
    for (int i = 0; i < THOR_STAGES; i++)
        if (mixture->stage[i] && mixture->stage[i]->place)
            mixture->stage[i]->place(mixture, saved, room);
}

/* ---- parameters ------------------------------------------------------------------------------------------------ */

static const float *by_expert(const thor_weights *weights, const char *name, double fan_in, int64_t E, int64_t a,
                              int64_t b)
{
    const thor_weight weight = { .name = name, .shape = { E, a, b }, .init = THOR_INIT_UNIFORM,
                                 .scale = 1 / sqrt(fan_in), .by_expert = true };
    return thor_weights_take(weights, &weight);
}

static void name_experts(thor_experts *experts, const thor_weights *weights)
{
    int64_t E = experts->E, F = experts->F, d = experts->d;
    double F_real = (double)F, d_real = (double)d;
    experts->fc1 = (thor_matrix){ by_expert(weights, "moe.experts.fc1.weight", d_real, E, F, d), THOR_F32, E * F, d };
    experts->fc1_bias = by_expert(weights, "moe.experts.fc1.bias", d_real, E, F, 0);
    experts->fc2 = (thor_matrix){ by_expert(weights, "moe.experts.fc2.weight", F_real, E, d, F), THOR_F32, E * d, F };
    experts->fc2_bias = by_expert(weights, "moe.experts.fc2.bias", F_real, E, d, 0);
}

void thor_mixture_weights(thor_mixture *mixture, const thor_weights *weights)
{
    thor_router *router = &mixture->router;
    name_experts(&mixture->experts, weights);
    router->linear = thor_weights_linear(weights, "moe.router", router->E, router->d, false);
    for (int i = 0; i < THOR_STAGES; i++)
        if (mixture->stage[i] && mixture->stage[i]->weights)
            mixture->stage[i]->weights(mixture, weights);
}

/* ---- forward --------------------------------------------------------------------------------------------------- */

static void run_stage(const thor_mixture_call *call, thor_stage_place place)
{
    const thor_stage *stage = call->mixture->stage[place];
    if (stage && stage->forward)
        stage->forward(call);
}

/* What the experts read. */
static const float *experts_input(const thor_mixture_call *call)
{
    return call->mixture->feed_experts ? call->saved->input : call->x;
}

void thor_mixture_candidates(const thor_mixture_call *call)
{
    run_stage(call, THOR_STAGE_CANDIDATES);
}

void thor_mixture_forward(const thor_mixture_call *call)
{
    const thor_mixture *mixture = call->mixture;
    thor_mixture_saved *saved = call->saved;
    if (!call->step)
        thor_mixture_candidates(call);
    run_stage(call, THOR_STAGE_INPUT);
    thor_router_forward(call->compute, &saved->routing, saved->candidates, call->packing, &mixture->router,
                        call->training);
    thor_experts_forward(call->compute, saved->sum, &saved->experts, experts_input(call), &saved->routing,
                         call->packing, &mixture->experts);
    run_stage(call, THOR_STAGE_BLEND);
}

void thor_mixture_losses(const thor_mixture_call *call, double *part)
{
    const thor_mixture *mixture = call->mixture;
    double balance, dynamic;
    thor_router_losses(call->compute, &balance, &dynamic, &call->saved->routing, call->packing->rows, &mixture->router);
    part[THOR_LOSS_TOKEN_BALANCE] += balance;
    part[THOR_LOSS_DYNAMIC] += dynamic;
    for (int i = 0; i < THOR_STAGES; i++)
        if (mixture->stage[i] && mixture->stage[i]->losses)
            mixture->stage[i]->losses(call, part);
}

/* ---- backward -------------------------------------------------------------------------------------------------- */

float thor_mixture_loss_weight(const thor_mixture_call *call, thor_loss_part part)
{
    return (float)(call->weight[part] / (double)call->shards);
}

float *thor_mixture_gradient(const thor_mixture_call *call, const void *parameter)
{
    return parameter ? call->gradients->of(call->gradients->context, parameter) : NULL;
}

thor_linear_gradient thor_mixture_linear_gradient(const thor_mixture_call *call, const thor_linear *linear)
{
    return (thor_linear_gradient){ thor_mixture_gradient(call, linear->weight.data),
                                   thor_mixture_gradient(call, linear->bias) };
}

static void experts_backward(const thor_mixture_call *call, float *d_x, float *d_gates, const float *d_sum)
{
    const thor_experts *experts = &call->mixture->experts;
    const thor_mixture_saved *saved = call->saved;
    const thor_experts_gradient gradient = { thor_mixture_gradient(call, experts->fc1.data),
                                             thor_mixture_gradient(call, experts->fc1_bias),
                                             thor_mixture_gradient(call, experts->fc2.data),
                                             thor_mixture_gradient(call, experts->fc2_bias) };
    thor_experts_backward(call->compute, d_x, d_gates, &gradient, d_sum, &saved->experts, experts_input(call),
                          &saved->routing, call->packing->rows, experts, call->scratch);
}

void thor_mixture_experts_backward(const thor_mixture_call *call, float *d_x, const float *d_sum)
{
    const thor_mixture *mixture = call->mixture;
    int64_t rows = call->packing->rows;
    float *d_experts = call->scratch->rows[THOR_ROWS_D_EXPERTS];
    float *d_gates = call->scratch->routing[0], *d_z = call->scratch->routing[1];
    experts_backward(call, d_experts, d_gates, d_sum);
    thor_router_backward(call->compute, d_z, d_gates, &call->saved->routing, rows,
                         thor_mixture_loss_weight(call, THOR_LOSS_TOKEN_BALANCE),
                         thor_mixture_loss_weight(call, THOR_LOSS_DYNAMIC), &mixture->router);
    mixture->stage[THOR_STAGE_INPUT]->backward(call, d_x, d_z);
    if (!mixture->feed_experts)
        thor_rows_add(call->compute, d_x, d_x, d_experts, rows * mixture->router.d);
}

void thor_mixture_backward(const thor_mixture_call *call, float *d_x, const float *d_y)
{
    const thor_stage *blend = call->mixture->stage[THOR_STAGE_BLEND],
                     *candidates = call->mixture->stage[THOR_STAGE_CANDIDATES];
    if (blend)
        blend->backward(call, d_x, d_y);
    else
        thor_mixture_experts_backward(call, d_x, d_y);
    if (candidates && candidates->backward)
        candidates->backward(call, NULL, NULL);
}

/* ---- looking at it --------------------------------------------------------------------------------------------- */

static void show_stage(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view,
                       thor_stage_place place)
{
    const thor_stage *stage = mixture->stage[place];
    if (stage && stage->show)
        stage->show(mixture, saved, view);
}

void thor_mixture_show(const thor_mixture *mixture, const thor_mixture_saved *saved, const thor_viewer *view)
{
    int64_t d = mixture->router.d, E = mixture->router.E;
    show_stage(mixture, saved, view, THOR_STAGE_CANDIDATES);
    show_stage(mixture, saved, view, THOR_STAGE_INPUT);
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, saved->input, d, "moe.routing_input");
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, saved->routing.probs, E, "moe.router_probs");
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_I32, saved->routing.selected, E, "moe.selected");
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, saved->routing.gates, E, "moe.gates");
    show_stage(mixture, saved, view, THOR_STAGE_BLEND);
    thor_viewer_show(view, THOR_VIEW_ROWS, THOR_F32, saved->output, d, "moe.output");
}
