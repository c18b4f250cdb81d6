/* One choice for a sentence: the router reads the vector of the sentence, whatever its rows hold; the experts read x.
 *
 *   forward    u = e of the row's sentence,  z = W_r u: equal on all rows of a sentence, to the bit
 *   backward   d_z_b = sum over the sentence's rows of d_z,  d_W_r = d_z_b^T e,  d_e = d_z_b W_r,  d_x = 0 */
#include <string.h>

#include "nn/stages.h"

typedef struct {
    float *d_z;                         /* [B,E] */
} own_saved;

static void place(const thor_mixture *mixture, thor_mixture_saved *saved, const thor_mixture_room *room)
{
    own_saved *kept = saved->own[THOR_STAGE_INPUT];
    kept->d_z = THOR_TAKE(room->arena, float, room->sentences * mixture->router.E);
    saved->handed.vectors = THOR_TAKE(room->arena, float, room->sentences * mixture->router.d);
}

static void forward(const thor_mixture_call *call)
{
    int64_t d = call->mixture->router.d;
    for (int64_t row = 0; row < call->packing->rows; row++)
        memcpy(call->saved->input + row * d, call->given->vectors + call->packing->sentence[row] * d,
               (size_t)d * sizeof(float));
    thor_input_logits(call);
}

static void backward(const thor_mixture_call *call, float *d_x, const float *d_z)
{
    own_saved *saved = call->saved->own[THOR_STAGE_INPUT];
    const thor_linear *linear = &call->mixture->router.linear;
    const thor_packing *packing = call->packing;
    int64_t d = call->mixture->router.d, E = call->mixture->router.E;
    const thor_linear_gradient gradient = thor_mixture_linear_gradient(call, linear);
    for (int64_t b = 0; b < packing->sentences; b++) {
        int64_t first = packing->offset[b], rows = packing->offset[b + 1] - first;
        call->compute->kernels->sum_rows(saved->d_z + b * E, d_z + first * E, rows, E, E, false);
    }
    thor_linear_backward(call->compute, call->saved->handed.vectors, THOR_GEMM_STORE, &gradient, saved->d_z,
                         call->given->vectors, linear, packing->sentences);
    memset(d_x, 0, (size_t)(packing->rows * d) * sizeof *d_x);
}

const thor_stage thor_input_language = { .name = "language", .saved_size = sizeof(own_saved), .place = place,
                                         .forward = forward, .backward = backward };
