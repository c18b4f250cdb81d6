/* Losses -> decoder -> encoder -> task -> embedding, the sub-layers counted down. */
#include "model/backward.h"

#include <string.h>

float *thor_gradient_of(const thor_pass *pass, const void *parameter)
{
    return pass->options.gradients + ((const float *)parameter - pass->model->values);
}

static thor_linear_gradient linear_gradient(const thor_pass *pass, const thor_linear *linear)
{
    return (thor_linear_gradient){ thor_gradient_of(pass, linear->weight.data),
                                   linear->bias ? thor_gradient_of(pass, linear->bias) : NULL };
}

static thor_attention_gradient attention_gradient(const thor_pass *pass, const thor_attention *attention)
{
    return (thor_attention_gradient){ linear_gradient(pass, &attention->q), linear_gradient(pass, &attention->k),
                                      linear_gradient(pass, &attention->v), linear_gradient(pass, &attention->o) };
}

static thor_mixture_gradient mixture_gradient(const thor_pass *pass, const thor_mixture *mixture)
{
    const thor_experts *experts = &mixture->experts;
    thor_mixture_gradient gradient = { .router = thor_gradient_of(pass, mixture->router.linear.weight.data) };
    gradient.experts = (thor_experts_gradient){ thor_gradient_of(pass, experts->fc1.data),
                                                thor_gradient_of(pass, experts->fc1_bias),
                                                thor_gradient_of(pass, experts->fc2.data),
                                                thor_gradient_of(pass, experts->fc2_bias) };
    if (mixture->form != THOR_CONTEXT_NONE)
        gradient.gate = linear_gradient(pass, &mixture->gate);
    return gradient;
}

/* The weight of a loss of this shard: rounded once to binary32. */
static float shard_weight(const thor_pass *pass, double weight)
{
    return (float)(weight / (double)pass->options.shards);
}

/* d_input of the layer from d_y; where both may be the same scratch is said in the layer's header. */
static void layer_backward(thor_pass *pass, const thor_sublayer *sub, const thor_sublayer_saved *saved,
                           const thor_stack_saved *stack, float *d_input, const float *d_y)
{
    const thor_config *config = &pass->model->config;
    if (sub->kind == THOR_SELF_ATTENTION) {
        thor_attention_gradient gradient = attention_gradient(pass, &sub->is.attention);
        thor_attention_self_backward(pass->compute, d_input, &gradient, d_y, &saved->is.attention, saved->input,
                                     &stack->packing, &sub->is.attention, &pass->scratch);
    } else if (sub->kind == THOR_CROSS_ATTENTION) {
        thor_attention_gradient gradient = attention_gradient(pass, &sub->is.attention);
        thor_attention_cross_backward(pass->compute, d_input, &gradient, d_y, &saved->is.attention, saved->input,
                                      &stack->packing, pass->encoder.output, &pass->encoder.packing, &sub->is.attention,
                                      &pass->scratch);
    } else if (sub->kind == THOR_FFN) {
        thor_ffn_gradient gradient = { linear_gradient(pass, &sub->is.ffn.fc1),
                                       linear_gradient(pass, &sub->is.ffn.fc2) };
        thor_ffn_backward(pass->compute, d_input, &gradient, d_y, &saved->is.ffn, saved->input, &stack->packing,
                          &sub->is.ffn, &pass->scratch);
    } else {
        thor_mixture_gradient gradient = mixture_gradient(pass, &sub->is.mixture);
        thor_mixture_backward(pass->compute, d_input, &gradient, d_y, &saved->is.mixture, saved->input, &stack->packing,
                              shard_weight(pass, config->loss.token_balance), shard_weight(pass, config->loss.dynamic),
                              &sub->is.mixture, &pass->scratch);
    }
}

/* Scratch rows that no layer uses inside. */
enum { ROWS_DY = 6, ROWS_DINPUT = 7 };

/* The stream's gradient, in place: through x + drop(f(LN(x))), or LN(x + drop(f(x))). */
static void sublayer_backward(thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i)
{
    const thor_sublayer *sub = &stack->items[i];
    const thor_sublayer_saved *s = &saved->items[i];
    const thor_dropout *residual = sub->kind == THOR_MIXTURE ? NULL : &s->residual;
    int64_t rows = saved->packing.rows, d = pass->network.d;
    float *d_stream = saved->d_stream, *d_y = pass->scratch.rows[ROWS_DY], *d_input = pass->scratch.rows[ROWS_DINPUT];
    float *d_gain = thor_gradient_of(pass, sub->norm.gain), *d_bias = thor_gradient_of(pass, sub->norm.bias);
    if (stack->post) {
        thor_layernorm_backward(pass->compute, d_y, false, d_gain, d_bias, d_stream, s->normal, s->rstd, &sub->norm,
                                rows, d);
        memcpy(d_stream, d_y, (size_t)(rows * d) * sizeof *d_stream);
    } else {
        thor_layernorm_again(pass->compute, s->normed, s->normal, &sub->norm, rows, d);
    }
    thor_rows_dropout_backward(pass->compute, d_y, d_stream, residual, rows, d);
    thor_pass_enter_layer(pass, THOR_PHASE_BACKWARD, sub->kind);
    layer_backward(pass, sub, s, saved, d_input, d_y);
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

/* What the decoder's cross-attentions hand back to the encoder's output, first layer first. */
static void keys_backward(thor_pass *pass)
{
    bool first = true;
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_CROSS_ATTENTION);
    for (int32_t i = 0; i < pass->network.decoder.count; i++) {
        const thor_sublayer *sub = &pass->network.decoder.items[i];
        if (sub->kind != THOR_CROSS_ATTENTION)
            continue;
        thor_attention_keys_backward(pass->compute, pass->encoder.d_stream, first, &pass->decoder.items[i].is.attention,
                                     &pass->encoder.packing, &sub->is.attention);
        first = false;
    }
}

/* What one mixture hands back to the task representation: d_r is added to (stored by the first), and U's part of L_tb
 * follows r's. */
typedef struct {
    float *d_r;
    bool any;                           /* something reached r */
} task_sum;

static void add_to_r(thor_pass *pass, task_sum *sum, const float *d_r)
{
    int64_t n = pass->batch->sentences * pass->network.d;
    if (sum->any)
        thor_rows_add(pass->compute, sum->d_r, sum->d_r, d_r, n);
    else
        memcpy(sum->d_r, d_r, (size_t)n * sizeof *d_r);
    sum->any = true;
}

static void task_balance_backward(thor_pass *pass, const thor_sublayer *sub, const thor_sublayer_saved *saved)
{
    const thor_mixture *mixture = &sub->is.mixture;
    bool tasks = thor_balance_over_tasks(pass);
    const float *r = tasks ? thor_matrix_f32(&pass->network.task.embedding) : pass->task.mixed;
    thor_task_balance_backward(pass->compute, saved->d_task_rows,
                               thor_gradient_of(pass, mixture->task_router.weight.data), pass->d_task_logits,
                               saved->task_f, saved->task_probs, r, &mixture->task_router,
                               tasks ? pass->network.task.tasks : pass->batch->sentences,
                               shard_weight(pass, pass->model->config.loss.task_balance));
}

typedef void mixture_visitor(thor_pass *pass, const thor_sublayer *sub, const thor_sublayer_saved *saved,
                             task_sum *sum);

/* All mixtures in the order of the forward pass. */
static void each_mixture(thor_pass *pass, mixture_visitor *visit, task_sum *sum)
{
    for (int32_t i = 0; i < pass->network.encoder.count; i++)
        if (pass->network.encoder.items[i].kind == THOR_MIXTURE)
            visit(pass, &pass->network.encoder.items[i], &pass->encoder.items[i], sum);
    for (int32_t i = 0; i < pass->network.decoder.count; i++)
        if (pass->network.decoder.items[i].kind == THOR_MIXTURE)
            visit(pass, &pass->network.decoder.items[i], &pass->decoder.items[i], sum);
}

static void collect_r(thor_pass *pass, const thor_sublayer *sub, const thor_sublayer_saved *saved, task_sum *sum)
{
    if (sub->is.mixture.has_candidates) {
        task_balance_backward(pass, sub, saved);
        if (!thor_balance_over_tasks(pass))
            add_to_r(pass, sum, saved->d_task_rows);
    }
    if (sub->is.mixture.infuse)
        add_to_r(pass, sum, saved->is.mixture.d_task);
}

static void collect_tasks(thor_pass *pass, const thor_sublayer *sub, const thor_sublayer_saved *saved, task_sum *sum)
{
    float *d_embedding = thor_gradient_of(pass, pass->network.task.embedding.data);
    (void)sum;
    if (sub->is.mixture.has_candidates && thor_balance_over_tasks(pass))
        thor_rows_add(pass->compute, d_embedding, d_embedding, saved->d_task_rows,
                      pass->network.task.tasks * pass->network.d);
}

/* At the tap all mixtures are behind: the predictor's turn. */
static void task_backward(thor_pass *pass)
{
    const thor_task *task = &pass->network.task;
    const thor_batch *batch = pass->batch;
    task_sum sum = { pass->d_task, false };
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_TASK);
    each_mixture(pass, collect_r, &sum);
    float weight = shard_weight(pass, pass->model->config.loss.task) / (float)batch->sentences;
    thor_task_backward(pass->compute, thor_gradient_of(pass, task->predictor.weight.data),
                       thor_gradient_of(pass, task->embedding.data), pass->d_pooled, sum.any ? sum.d_r : NULL,
                       &pass->task, batch->task_label, batch->sentences, weight, task);
    each_mixture(pass, collect_tasks, &sum);
    thor_task_pool_backward(pass->compute, pass->encoder.d_stream, pass->d_pooled, &pass->task, &pass->encoder.packing,
                            task);
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
        if (pass->network.has_task && i == pass->network.tap)
            task_backward(pass);
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

void thor_backward(thor_pass *pass)
{
    const thor_stack *decoder = &pass->network.decoder;
    thor_pass_enter(pass, THOR_PHASE_BACKWARD, THOR_PART_NORM);
    last_norm_backward(pass, decoder, &pass->decoder);
    for (int32_t i = decoder->count - 1; i >= 0; i--)
        sublayer_backward(pass, decoder, &pass->decoder, i);
    keys_backward(pass);
    encoder_backward(pass);
    embed_backward(pass);
    clear_gaps(pass);
}
