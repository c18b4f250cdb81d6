#include "model/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What finding a parameter needs; the first name that is missing stays. */
typedef struct {
    const thor_model *model;
    char missing[THOR_MAX_NAME];
} binder;

static const float *find(binder *b, const char *prefix, const char *name)
{
    char full[3 * THOR_MAX_NAME];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    int32_t index = thor_params_find(&b->model->params, full);
    if (index >= 0)     /* a planned model has no values yet: its passes are only measured */
        return b->model->values ? b->model->values + b->model->params.items[index].offset : NULL;
    if (!b->missing[0])
        snprintf(b->missing, sizeof b->missing, "%.*s", THOR_MAX_NAME - 1, full);
    return NULL;
}

static thor_matrix matrix(binder *b, const char *prefix, const char *name, int64_t rows, int64_t columns)
{
    return (thor_matrix){ find(b, prefix, name), THOR_F32, rows, columns };
}

static thor_linear linear(binder *b, const char *prefix, const char *name, int64_t out, int64_t in, bool bias)
{
    char weight_name[THOR_MAX_NAME], bias_name[THOR_MAX_NAME];
    snprintf(weight_name, sizeof weight_name, "%s.weight", name);
    snprintf(bias_name, sizeof bias_name, "%s.bias", name);
    return (thor_linear){ matrix(b, prefix, weight_name, out, in), bias ? find(b, prefix, bias_name) : NULL };
}

static thor_scaling scaling(binder *b, const char *prefix, const char *name)
{
    thor_linear both = linear(b, prefix, name, 1, 1, true);
    return (thor_scaling){ both.weight.data, both.bias };
}

static thor_attention attention(binder *b, const char *prefix, const char *name, const thor_config *config, bool causal)
{
    char inner[2 * THOR_MAX_NAME];
    int64_t d = config->model.width;
    snprintf(inner, sizeof inner, "%s%s.", prefix, name);
    return (thor_attention){ .q = linear(b, inner, "q", d, d, true), .k = linear(b, inner, "k", d, d, true),
                             .v = linear(b, inner, "v", d, d, true), .o = linear(b, inner, "o", d, d, true),
                             .d = d, .heads = config->model.heads, .causal = causal };
}

static thor_router router(binder *b, const char *prefix, const thor_config *config)
{
    int64_t d = config->model.width, E = config->moe.experts, C = thor_config_candidates(config);
    bool renormalize = config->router.renormalize == THOR_RENORMALIZE_TRUE ||
                       (config->router.renormalize == THOR_RENORMALIZE_AUTO && config->router.policy == THOR_TOP_K &&
                        config->router.k >= 2);
    return (thor_router){ .linear = linear(b, prefix, "moe.router", E, d, false), .policy = config->router.policy,
                          .k = config->router.k, .p = (float)config->router.p, .renormalize = renormalize,
                          .capacity_factor = config->moe.capacity_factor, .capacity_order = config->moe.capacity_order,
                          .count = config->balance.count, .pool = C, .d = d, .E = E, .C = C };
}

static thor_mixture mixture(binder *b, const char *prefix, const thor_config *config, bool decoder)
{
    int64_t d = config->model.width, F = config->model.ffn_width, E = config->moe.experts;
    thor_mixture m = { .router = router(b, prefix, config), .form = config->context.form,
                       .has_candidates = thor_config_has_task_router(config),
                       .infuse = thor_config_has_predictor(config) && config->task.use == THOR_USE_INFUSE,
                       .feed_experts = config->context.feed_experts, .prefix = decoder };
    m.experts = (thor_experts){ .fc1 = matrix(b, prefix, "moe.experts.fc1.weight", E * F, d),
                                .fc2 = matrix(b, prefix, "moe.experts.fc2.weight", E * d, F),
                                .fc1_bias = find(b, prefix, "moe.experts.fc1.bias"),
                                .fc2_bias = find(b, prefix, "moe.experts.fc2.bias"), .E = E, .F = F, .d = d };
    if (m.has_candidates)
        m.task_router = linear(b, prefix, "moe.task_router", E, d, false);
    if (m.form != THOR_CONTEXT_NONE)
        m.gate = linear(b, prefix, "moe.context_gate", d, 2 * d, true);
    return m;
}

static void add_layer(binder *b, thor_stack *stack, const thor_config *config, int32_t layer, bool decoder)
{
    char prefix[THOR_MAX_NAME];
    thor_sublayer *next = stack->items + stack->count;
    int64_t d = config->model.width, F = config->model.ffn_width;
    snprintf(prefix, sizeof prefix, "%s.layers.%d.", stack->name, (int)layer);
    *next++ = (thor_sublayer){ .kind = THOR_SELF_ATTENTION,
                               .layer = layer,
                               .norm = scaling(b, prefix, "self_attn_norm"),
                               .is.attention = attention(b, prefix, "self_attn", config, decoder) };
    if (decoder)
        *next++ = (thor_sublayer){ .kind = THOR_CROSS_ATTENTION,
                                   .layer = layer,
                                   .norm = scaling(b, prefix, "cross_attn_norm"),
                                   .is.attention = attention(b, prefix, "cross_attn", config, false) };
    thor_sublayer last = { .layer = layer, .ends_layer = true, .norm = scaling(b, prefix, "ffn_norm") };
    if (thor_config_is_mixture(config, layer)) {
        last.kind = THOR_MIXTURE;
        last.is.mixture = mixture(b, prefix, config, decoder);
    } else {
        last.kind = THOR_FFN;
        last.is.ffn = (thor_ffn){ linear(b, prefix, "ffn.fc1", F, d, true), linear(b, prefix, "ffn.fc2", d, F, true) };
    }
    *next++ = last;
    stack->count = (int32_t)(next - stack->items);
}

static thor_status open_stack(binder *b, thor_stack *stack, const char *name, bool decoder, thor_error *error)
{
    const thor_config *config = &b->model->config;
    int32_t layers = decoder ? config->model.decoder_layers : config->model.encoder_layers;
    *stack = (thor_stack){ .name = name, .number = decoder, .post = config->model.norm == THOR_NORM_POST };
    stack->items = calloc((size_t)layers * 3 + 1, sizeof *stack->items);
    if (!stack->items)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for %d layers", name, (int)layers);
    for (int32_t layer = 0; layer < layers; layer++)
        add_layer(b, stack, config, layer, decoder);
    if (!stack->post) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "%s.", name);
        stack->norm = scaling(b, prefix, "layer_norm");
    }
    return THOR_OK;
}

/* Before the first mixture layer; after the last layer where the encoder has none (thor-model(7)). */
static int32_t tap_of(const thor_stack *encoder, const thor_config *config)
{
    if (config->task.tap == THOR_TAP_EMBEDDING)
        return 0;
    int32_t i = 0;
    while (i < encoder->count && !thor_config_is_mixture(config, encoder->items[i].layer))
        i++;
    return i;
}

thor_status thor_network_open(thor_network *network, const thor_model *model, thor_error *error)
{
    const thor_config *config = &model->config;
    binder b = { .model = model };
    *network = (thor_network){ .d = config->model.width, .F = config->model.ffn_width, .V = config->vocab.ids,
                               .H = config->model.heads, .E = config->moe.experts };
    thor_status status = open_stack(&b, &network->encoder, "encoder", false, error);
    if (status == THOR_OK)
        status = open_stack(&b, &network->decoder, "decoder", true, error);
    if (status != THOR_OK) {
        thor_network_close(network);
        return status;
    }
    network->embedding = find(&b, "", "embed.weight");
    network->has_task = thor_config_has_predictor(config);
    network->uses_task = network->has_task && config->task.use != THOR_USE_NONE;
    if (network->has_task) {
        int64_t K = thor_config_tasks(config), d = config->model.width;
        network->task = (thor_task){ .predictor = linear(&b, "", "task.predictor", K, d, false),
                                     .embedding = matrix(&b, "", "task.embedding.weight", K, d),
                                     .pool = config->task.pool,
                                     .representation = config->task.representation,
                                     .tasks = K,
                                     .d = d };
        network->tap = tap_of(&network->encoder, config);
    }
    if (!b.missing[0])
        return THOR_OK;
    thor_network_close(network);
    return thor_fail(error, THOR_E_FAILED, "the table of parameters has no tensor '%s' that the layers need",
                     b.missing);
}

void thor_network_close(thor_network *network)
{
    free(network->encoder.items);
    free(network->decoder.items);
    network->encoder.items = network->decoder.items = NULL;
}
