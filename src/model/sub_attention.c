/* Self- and cross-attention as sub-layers. In translation keys and values of earlier positions, and those of the
 * source, are kept. */
#include <string.h>

#include "model/activations.h"
#include "model/step.h"
#include "nn/attention.h"

static size_t weights_size(const thor_config *config, bool decoder)
{
    (void)config, (void)decoder;
    return sizeof(thor_attention);
}

static size_t kept_size(const thor_sublayer *sub)
{
    (void)sub;
    return sizeof(thor_attention_saved);
}

static void name_weights(thor_sublayer *sub, const thor_weights *weights, const thor_config *config, bool self)
{
    thor_attention *attention = sub->weights;
    int64_t d = config->model.width, heads = config->model.heads;
    *attention = (thor_attention){ .d = d, .heads = heads, .scale = thor_attention_scale(d, heads),
                                   .causal = self && sub->decoder };
    thor_attention_weights(attention, weights, self ? "self_attn" : "cross_attn");
    sub->norm = thor_weights_norm(weights, self ? "self_attn_norm" : "cross_attn_norm", d);
}

static void self_weights(thor_sublayer *sub, const thor_weights *weights, const thor_config *config)
{
    name_weights(sub, weights, config, true);
}

static void cross_weights(thor_sublayer *sub, const thor_weights *weights, const thor_config *config)
{
    name_weights(sub, weights, config, false);
}

static void place(const thor_sublayer *sub, thor_attention_saved *saved, const thor_sublayer_room *room, int64_t keys,
                  int64_t square)
{
    const thor_attention *attention = sub->weights;
    int64_t d = attention->d, probs = square * attention->heads;
    saved->q = THOR_TAKE(room->arena, float, room->rows * d);
    saved->k = THOR_TAKE(room->arena, float, keys * d);
    saved->v = THOR_TAKE(room->arena, float, keys * d);
    saved->context = THOR_TAKE(room->arena, float, room->rows * d);
    saved->probs = THOR_TAKE(room->arena, float, probs);
    saved->dropout.keep = thor_room_masks(room, room->config->model.attention_dropout, probs);
}

static void self_place(const thor_sublayer *sub, void *kept, const thor_sublayer_room *room)
{
    place(sub, kept, room, room->rows, room->self_square);
}

static void cross_place(const thor_sublayer *sub, void *kept, const thor_sublayer_room *room)
{
    place(sub, kept, room, room->keys, room->cross_square);
}

static thor_dropout *probs_dropout(void *kept)
{
    return &((thor_attention_saved *)kept)->dropout;
}

static const thor_site_line *self_site(const thor_config *config, int i)
{
    static const thor_site_line lines[] = {
        { THOR_SITE_SELF_PROBS, THOR_RATE_ATTENTION, THOR_SHAPE_SELF, "self_attn.probs.dropout", probs_dropout },
        { THOR_SITE_SELF, THOR_RATE_DROPOUT, THOR_SHAPE_D, "self_attn.dropout", NULL },
    };
    (void)config;
    return i < 2 ? &lines[i] : NULL;
}

static const thor_site_line *cross_site(const thor_config *config, int i)
{
    static const thor_site_line lines[] = {
        { THOR_SITE_CROSS_PROBS, THOR_RATE_ATTENTION, THOR_SHAPE_CROSS, "cross_attn.probs.dropout", probs_dropout },
        { THOR_SITE_CROSS, THOR_RATE_DROPOUT, THOR_SHAPE_D, "cross_attn.dropout", NULL },
    };
    (void)config;
    return i < 2 ? &lines[i] : NULL;
}

/* ---- a shard --------------------------------------------------------------------------------------------------- */

static const float *self_forward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                                 thor_stack_saved *stack, thor_losses *losses)
{
    thor_attention_saved *kept = saved->kept;
    float *y = pass->scratch.rows[0];
    (void)losses;
    kept->probs_offset = stack->self_offset;
    thor_attention_forward(pass->compute, y, kept, saved->input, &stack->packing, saved->input, &stack->packing,
                           sub->weights, &pass->scratch);
    return y;
}

static const float *cross_forward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                                  thor_stack_saved *stack, thor_losses *losses)
{
    thor_attention_saved *kept = saved->kept;
    float *y = pass->scratch.rows[0];
    (void)losses;
    kept->probs_offset = stack->cross_offset;
    thor_attention_forward(pass->compute, y, kept, saved->input, &stack->packing, pass->encoder.output,
                           &pass->encoder.packing, sub->weights, &pass->scratch);
    return y;
}

static thor_attention_gradient gradient_of(const thor_pass *pass, const thor_attention *attention)
{
    return (thor_attention_gradient){ thor_gradient_of_linear(pass, &attention->q),
                                      thor_gradient_of_linear(pass, &attention->k),
                                      thor_gradient_of_linear(pass, &attention->v),
                                      thor_gradient_of_linear(pass, &attention->o) };
}

static void self_backward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                          thor_stack_saved *stack, float *d_input, const float *d_y)
{
    const thor_attention_gradient gradient = gradient_of(pass, sub->weights);
    thor_attention_self_backward(pass->compute, d_input, &gradient, d_y, saved->kept, saved->input, &stack->packing,
                                 sub->weights, &pass->scratch);
}

static void cross_backward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                           thor_stack_saved *stack, float *d_input, const float *d_y)
{
    const thor_attention_gradient gradient = gradient_of(pass, sub->weights);
    thor_attention_cross_backward(pass->compute, d_input, &gradient, d_y, saved->kept, saved->input, &stack->packing,
                                  pass->encoder.output, &pass->encoder.packing, sub->weights, &pass->scratch);
}

static void keys_backward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved, bool first)
{
    thor_attention_keys_backward(pass->compute, pass->encoder.d_stream, first, saved->kept, &pass->encoder.packing,
                                 sub->weights);
}

/* ---- a position of translation --------------------------------------------------------------------------------- */

typedef struct {
    thor_decoder *decoder;
    const thor_attention *attention;
    const thor_attention_saved *rows;
    const thor_memory *memory;
} step_job;

static void self_body(void *context, int64_t begin, int64_t end, int thread)
{
    const step_job *job = context;
    thor_decoder *decoder = job->decoder;
    int64_t d = job->attention->d, last = decoder->position * d;
    float *probs = thor_decoder_probs(decoder, thread);
    for (int64_t r = begin; r < end; r++) {
        int64_t slot = decoder->row_slots[r] * decoder->room * d;
        float *k = job->memory->past[0] + slot, *v = job->memory->past[1] + slot;
        memcpy(k + last, job->rows->k + r * d, (size_t)d * sizeof *k);
        memcpy(v + last, job->rows->v + r * d, (size_t)d * sizeof *v);
        thor_attention_rows(decoder->pass->compute, job->rows->context + r * d, job->rows->q + r * d, 1, k, v,
                            decoder->position + 1, probs, job->attention, thread);
    }
}

static void cross_body(void *context, int64_t begin, int64_t end, int thread)
{
    const step_job *job = context;
    thor_decoder *decoder = job->decoder;
    const thor_packing *source = &decoder->pass->encoder.packing;
    int64_t d = job->attention->d;
    float *probs = thor_decoder_probs(decoder, thread);
    for (int64_t r = begin; r < end; r++) {
        int64_t b = decoder->packing.sentence[r], first = source->offset[b], count = source->offset[b + 1] - first;
        thor_attention_rows(decoder->pass->compute, job->rows->context + r * d, job->rows->q + r * d, 1,
                            job->memory->source[0] + first * d, job->memory->source[1] + first * d, count, probs,
                            job->attention, thread);
    }
}

static const float *step(thor_decoder *decoder, int32_t i, const float *x, thor_par_body *body, bool self)
{
    const thor_compute *compute = decoder->pass->compute;
    const thor_attention *attention = decoder->stack->items[i].weights;
    const thor_attention_saved *rows_saved = decoder->kept[i];
    int64_t rows = decoder->packing.rows;
    step_job job = { decoder, attention, rows_saved, &decoder->memories[i] };
    thor_linear_forward(compute, rows_saved->q, x, &attention->q, rows);
    thor_rows_scale(compute, rows_saved->q, rows_saved->q, attention->scale, rows * attention->d);
    if (self) {
        thor_linear_forward(compute, rows_saved->k, x, &attention->k, rows);
        thor_linear_forward(compute, rows_saved->v, x, &attention->v, rows);
    }
    thor_par_each(&compute->par, rows, body, &job);
    thor_linear_forward(compute, decoder->y, rows_saved->context, &attention->o, rows);
    return decoder->y;
}

static const float *self_step(thor_decoder *decoder, int32_t i, const float *x)
{
    return step(decoder, i, x, self_body, true);
}

static const float *cross_step(thor_decoder *decoder, int32_t i, const float *x)
{
    return step(decoder, i, x, cross_body, false);
}

/* Keys and values of the encoder's output. */
static void cross_prepare(thor_decoder *decoder, int32_t i)
{
    const thor_pass *pass = decoder->pass;
    const thor_attention *attention = decoder->stack->items[i].weights;
    float *const *source = decoder->memories[i].source;
    thor_linear_forward(pass->compute, source[0], pass->encoder.output, &attention->k, pass->encoder.packing.rows);
    thor_linear_forward(pass->compute, source[1], pass->encoder.output, &attention->v, pass->encoder.packing.rows);
}

/* ---- work ------------------------------------------------------------------------------------------------------ */

static void self_work(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts)
{
    double d = config->model.width;
    (void)experts;
    work->attention += 8 * lengths->rows * d * d + 4 * lengths->self_pairs * d;
}

static void cross_work(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts)
{
    double d = config->model.width;
    (void)experts;
    work->attention += 4 * (lengths->rows + lengths->keys) * d * d + 4 * lengths->cross_pairs * d;
}

const thor_sublayer_ops thor_self_attention = {
    .name = "self-attention", .tensor = "self_attn", .part = THOR_PART_SELF_ATTENTION,
    .weights_size = weights_size, .weights = self_weights, .kept_size = kept_size, .place = self_place,
    .site = self_site, .forward = self_forward, .backward = self_backward, .past = 2, .step = self_step,
    .work = self_work,
};

const thor_sublayer_ops thor_cross_attention = {
    .name = "cross-attention", .tensor = "cross_attn", .part = THOR_PART_CROSS_ATTENTION, .weights_size = weights_size,
    .weights = cross_weights, .kept_size = kept_size, .place = cross_place, .site = cross_site,
    .forward = cross_forward, .backward = cross_backward, .source_backward = keys_backward, .source = 2,
    .prepare = cross_prepare, .step = cross_step, .work = cross_work,
};
