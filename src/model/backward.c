/* Losses -> decoder -> encoder -> shared vectors -> embedding, the sub-layers counted down. */
#include <string.h>

#include "model/activations.h"
#include "model/vectors.h"

/* Scratch rows that no sub-layer uses inside. */
enum { ROWS_DY = 6, ROWS_DINPUT = 7 };

/* The stream's gradient, in place: through x + drop(f(LN(x))), or LN(x + drop(f(x))). */
static void sublayer_backward(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, int32_t i)
{
    const thor_sublayer *sub = &stack->items[i];
    thor_sublayer_saved *s = &saved->items[i];
    int64_t rows = saved->packing.rows, d = pass->network.d;
    float *d_stream = saved->d_stream, *d_input = pass->scratch.rows[ROWS_DINPUT];
    float *d_gain = thor_gradient_of(pass, sub->norm.gain), *d_bias = thor_gradient_of(pass, sub->norm.bias);
    const float *d_y = d_stream;
    if (stack->post)
        thor_layernorm_backward(pass->compute, d_stream, false, d_gain, d_bias, d_stream, s->normal, s->rstd,
                                &sub->norm, rows, d);
    else
        thor_layernorm_again(pass->compute, s->normed, s->normal, &sub->norm, rows, d);
    if (s->residual.keep) {
        thor_rows_dropout_backward(pass->compute, pass->scratch.rows[ROWS_DY], d_stream, &s->residual, rows, d);
        d_y = pass->scratch.rows[ROWS_DY];
    }
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, sub->ops->part);
    sub->ops->backward(pass, sub, s, saved, d_input, d_y);
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_NORM);
    if (stack->post)
        thor_rows_add(pass->compute, d_stream, d_stream, d_input, rows * d);
    else
        thor_layernorm_backward(pass->compute, d_stream, true, d_gain, d_bias, d_input, s->normal, s->rstd, &sub->norm,
                                rows, d);
}

static void last_norm_backward(thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved)
{
    int64_t rows = saved->packing.rows, d = pass->network.d;
    if (stack->post)
        return;
    thor_layernorm_backward(pass->compute, saved->d_stream, false, thor_gradient_of(pass, stack->norm.gain),
                            thor_gradient_of(pass, stack->norm.bias), saved->d_stream, saved->normal, saved->rstd,
                            &stack->norm, rows, d);
}

/* What the decoder's sub-layers hand back to the encoder's output, first layer first. */
static void source_backward(thor_pass *pass)
{
    const thor_stack *stack = &pass->network.decoder;
    bool first = true;
    for (int32_t i = 0; i < stack->count; i++) {
        const thor_sublayer *sub = &stack->items[i];
        if (!sub->ops->source_backward)
            continue;
        thor_pass_enter(pass, THOR_PHASE_BACKWARD, sub->ops->part);
        sub->ops->source_backward(pass, sub, &pass->decoder.items[i], first);
        first = false;
    }
}

/* At the tap all mixtures are behind. */
static void vectors_backward(thor_pass *pass)
{
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_TASK);
    pass->network.vectors->backward(pass);
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_NORM);
}

static void encoder_backward(thor_pass *pass)
{
    const thor_stack *stack = &pass->network.encoder;
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_NORM);
    last_norm_backward(pass, stack, &pass->encoder);
    for (int32_t i = stack->count; i >= 0; i--) {
        if (i < stack->count)
            sublayer_backward(pass, stack, &pass->encoder, i);
        if (pass->network.vectors && i == pass->network.tap)
            vectors_backward(pass);
    }
}

static void embed_backward(thor_pass *pass)
{
    const thor_network *net = &pass->network;
    thor_stack_saved *encoder = &pass->encoder, *decoder = &pass->decoder;
    const thor_batch *batch = pass->batch;
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_EMBEDDING);
    thor_rows_dropout_backward(pass->compute, encoder->d_stream, encoder->d_stream, &encoder->embed, batch->source_rows,
                               net->d);
    thor_rows_dropout_backward(pass->compute, decoder->d_stream, decoder->d_stream, &decoder->embed, batch->target_rows,
                               net->d);
    thor_embed_side source = { encoder->d_stream, batch->source, batch->source_rows };
    thor_embed_side target = { decoder->d_stream, batch->target_in, batch->target_rows };
    thor_embed_backward(pass->compute, thor_gradient_of(pass, net->embedding), &source, &target, &pass->embed, net->d,
                        net->V);
}

/* The gaps between tensors: a block is written whole. */
static void clear_gaps(thor_pass *pass)
{
    const thor_params *params = &pass->model->params;
    for (int32_t i = 0; i < params->count; i++) {
        int64_t end = params->items[i].offset + params->items[i].count;
        int64_t next = i + 1 < params->count ? params->items[i + 1].offset : params->floats;
        memset(pass->options.gradients + end, 0, (size_t)(next - end) * sizeof(float));
    }
}

void thor_pass_backward(thor_pass *pass)
{
    const thor_stack *decoder = &pass->network.decoder;
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_NORM);
    last_norm_backward(pass, decoder, &pass->decoder);
    for (int32_t i = decoder->count - 1; i >= 0; i--)
        sublayer_backward(pass, decoder, &pass->decoder, i);
    source_backward(pass);
    encoder_backward(pass);
    embed_backward(pass);
    clear_gaps(pass);
}
