/* The feed-forward network as a sub-layer. */
#include "model/activations.h"
#include "model/step.h"
#include "nn/ffn.h"

static size_t weights_size(const thor_config *config, bool decoder)
{
    (void)config, (void)decoder;
    return sizeof(thor_ffn);
}

static void name_weights(thor_sublayer *sub, const thor_weights *weights, const thor_config *config)
{
    thor_ffn *ffn = sub->weights;
    int64_t d = config->model.width, F = config->model.ffn_width;
    sub->norm = thor_weights_norm(weights, "ffn_norm", d);
    ffn->fc1 = thor_weights_linear(weights, "ffn.fc1", F, d, true);
    ffn->fc2 = thor_weights_linear(weights, "ffn.fc2", d, F, true);
}

static size_t kept_size(const thor_sublayer *sub)
{
    (void)sub;
    return sizeof(thor_ffn_saved);
}

static void place(const thor_sublayer *sub, void *kept, const thor_sublayer_room *room)
{
    const thor_ffn *ffn = sub->weights;
    thor_ffn_saved *saved = kept;
    saved->hidden = THOR_TAKE(room->arena, float, room->rows * ffn->fc1.weight.rows);
    saved->dropout.keep = thor_room_passing_masks(room);
}

static thor_dropout *activation(void *kept)
{
    return &((thor_ffn_saved *)kept)->dropout;
}

static const thor_site_line *site(const thor_config *config, int i)
{
    static const thor_site_line lines[] = {
        { THOR_SITE_FFN_ACTIVATION, THOR_RATE_ACTIVATION, THOR_SHAPE_F, "ffn.activation.dropout", activation },
        { THOR_SITE_FFN, THOR_RATE_DROPOUT, THOR_SHAPE_D, "ffn.dropout", NULL },
    };
    (void)config;
    return i < 2 ? &lines[i] : NULL;
}

static const float *forward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                            thor_stack_saved *stack, thor_losses *losses)
{
    float *y = pass->scratch.rows[0];
    (void)losses;
    thor_ffn_forward(pass->compute, y, saved->kept, saved->input, &stack->packing, sub->weights);
    return y;
}

static void backward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved, thor_stack_saved *stack,
                     float *d_input, const float *d_y)
{
    const thor_ffn *ffn = sub->weights;
    const thor_ffn_gradient gradient = { thor_gradient_of_linear(pass, &ffn->fc1),
                                         thor_gradient_of_linear(pass, &ffn->fc2) };
    thor_ffn_backward(pass->compute, d_input, &gradient, d_y, saved->kept, saved->input, &stack->packing, ffn,
                      &pass->scratch);
}

static const float *step(thor_decoder *decoder, int32_t i, const float *x)
{
    thor_ffn_forward(decoder->pass->compute, decoder->y, decoder->kept[i], x, &decoder->packing,
                     decoder->stack->items[i].weights);
    return decoder->y;
}

static void work(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts)
{
    (void)experts;
    work->dense += 4 * lengths->rows * config->model.width * config->model.ffn_width;
}

const thor_sublayer_ops thor_feed_forward = {
    .name = "feed-forward network", .tensor = "ffn", .part = THOR_PART_FFN, .weights_size = weights_size,
    .weights = name_weights,
    .kept_size = kept_size, .place = place, .site = site, .forward = forward, .backward = backward, .step = step,
    .work = work,
};
