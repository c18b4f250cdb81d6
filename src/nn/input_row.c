/* The token router reads the row itself.
 *
 *   forward    u = x,  z = W_r u
 *   backward   d_W_r = d_z^T u,  d_x = d_z W_r */
#include "nn/stages.h"

void thor_input_logits(const thor_mixture_call *call)
{
    thor_linear_forward(call->compute, call->saved->routing.probs, call->saved->input, &call->mixture->router.linear,
                        call->packing->rows);
}

void thor_input_logits_backward(const thor_mixture_call *call, float *d_u, const float *d_z)
{
    const thor_mixture *mixture = call->mixture;
    const thor_linear *linear = &mixture->router.linear;
    int64_t rows = call->packing->rows;
    const thor_linear_gradient gradient = thor_mixture_linear_gradient(call, linear);
    thor_linear_backward(call->compute, d_u, THOR_GEMM_STORE, &gradient, d_z, call->saved->input, linear, rows);
    if (mixture->feed_experts)
        thor_rows_add(call->compute, d_u, d_u, call->scratch->rows[THOR_ROWS_D_EXPERTS], rows * mixture->router.d);
}

static void forward(const thor_mixture_call *call)
{
    thor_rows_copy(call->compute, call->saved->input, call->x, call->packing->rows * call->mixture->router.d);
    thor_input_logits(call);
}

const thor_stage thor_input_row = { .name = "row", .forward = forward, .backward = thor_input_logits_backward };
