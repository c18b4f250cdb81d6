/* What a configuration has: the list of its parameters (thor-model(7)) and values for them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "ref_parts.h"

bool ref_is_mixture(const thor_config *config, int layer)
{
    return config->moe.system != THOR_SYSTEM_DENSE && (layer + 1) % config->moe.every == 0;
}

bool ref_has_predictor(const thor_config *config)
{
    return config->moe.system == THOR_SYSTEM_THOR && config->task.representation != THOR_REPRESENTATION_NONE;
}

bool ref_has_task_router(const thor_config *config)
{
    return ref_has_predictor(config) && config->task.use == THOR_USE_HIERARCHICAL;
}

bool ref_has_context(const thor_config *config)
{
    return config->moe.system == THOR_SYSTEM_THOR && config->context.form != THOR_CONTEXT_NONE;
}

bool ref_has_languages(const thor_config *config)
{
    return config->moe.system == THOR_SYSTEM_HYBRID || config->moe.system == THOR_SYSTEM_LINGUAL;
}

bool ref_reads_language(const thor_config *config, int stack)
{
    return config->moe.system == THOR_SYSTEM_HYBRID && stack == 1;
}

int64_t ref_tasks(const thor_config *config)
{
    if (config->task.count > 0)
        return config->task.count;
    switch (config->task.label) {
    case THOR_LABEL_PAIR: return config->pairs.count;
    case THOR_LABEL_DOMAIN: return config->domains.count;
    default: return config->languages.count;
    }
}

int64_t ref_candidates(const thor_config *config)
{
    if (config->moe.system == THOR_SYSTEM_FIXED)
        return 2;
    if (!ref_has_task_router(config) && config->moe.system != THOR_SYSTEM_LINGUAL)
        return config->moe.experts;
    return config->task.candidates > 0 ? config->task.candidates : config->moe.experts / 4;
}

static void put(ref_table *params, const char *place, const char *suffix, int dims, const int64_t *shape)
{
    char name[REF_NAME];
    ref_put(params, ref_join(name, place, suffix), dims, shape);
}

static void put_norm(ref_table *params, const char *place, const char *norm, int64_t d)
{
    char name[REF_NAME];
    ref_join(name, place, norm);
    put(params, name, "weight", 1, REF_SHAPE(d));
    put(params, name, "bias", 1, REF_SHAPE(d));
}

static void put_linear(ref_table *params, const char *place, const char *linear, int64_t out, int64_t in)
{
    char name[REF_NAME];
    ref_join(name, place, linear);
    put(params, name, "weight", 2, REF_SHAPE(out, in));
    put(params, name, "bias", 1, REF_SHAPE(out));
}

static void put_attention(ref_table *params, const char *layer, const char *attention, int64_t d)
{
    char name[REF_NAME];
    ref_join(name, layer, attention);
    put_linear(params, name, "q", d, d);
    put_linear(params, name, "k", d, d);
    put_linear(params, name, "v", d, d);
    put_linear(params, name, "o", d, d);
    put_norm(params, layer, strcmp(attention, "self_attn") == 0 ? "self_attn_norm" : "cross_attn_norm", d);
}

static void put_shared(ref_table *params, const char *mixture, const thor_config *config)
{
    int64_t d = config->model.width, f = config->model.ffn_width;
    put_linear(params, mixture, "shared.fc1", f, d);
    put_linear(params, mixture, "shared.fc2", d, f);
    if (config->residual.form == THOR_RESIDUAL_CMR)
        put_linear(params, mixture, "shared_gate", 1, d);
    else
        put(params, mixture, "shared_gate.weight", 2, REF_SHAPE(2, d));
}

static void put_languages(ref_table *params, const thor_config *config)
{
    int64_t d = config->model.width;
    put(params, "language", "embedding.weight", 2, REF_SHAPE(config->languages.count, d));
    if (config->moe.system != THOR_SYSTEM_LINGUAL)
        return;
    put_linear(params, "language", "fc1", d, d);
    put_linear(params, "language", "fc2", d, d);
    put_norm(params, "language", "norm", d);
}

static void put_mixture(ref_table *params, const char *layer, const thor_config *config)
{
    int64_t d = config->model.width, f = config->model.ffn_width, e = config->moe.experts;
    char name[REF_NAME];
    ref_join(name, layer, "moe");
    put(params, name, "experts.fc1.weight", 3, REF_SHAPE(e, f, d));
    put(params, name, "experts.fc1.bias", 2, REF_SHAPE(e, f));
    put(params, name, "experts.fc2.weight", 3, REF_SHAPE(e, d, f));
    put(params, name, "experts.fc2.bias", 2, REF_SHAPE(e, d));
    put(params, name, "router.weight", 2, REF_SHAPE(e, d));
    if (ref_has_task_router(config) || config->moe.system == THOR_SYSTEM_LINGUAL)
        put(params, name, "task_router.weight", 2, REF_SHAPE(e, d));
    if (ref_has_context(config))
        put_linear(params, name, "context_gate", d, 2 * d);
    if (config->moe.system == THOR_SYSTEM_RESIDUAL)
        put_shared(params, name, config);
}

static void put_layer(ref_table *params, const char *stack, int layer, const thor_config *config)
{
    int64_t d = config->model.width, f = config->model.ffn_width;
    char name[REF_NAME];
    snprintf(name, sizeof name, "%s.layers.%d", stack, layer);
    put_attention(params, name, "self_attn", d);
    if (strcmp(stack, "decoder") == 0)
        put_attention(params, name, "cross_attn", d);
    put_norm(params, name, "ffn_norm", d);
    if (ref_is_mixture(config, layer)) {
        put_mixture(params, name, config);
    } else {
        put_linear(params, name, "ffn.fc1", f, d);
        put_linear(params, name, "ffn.fc2", d, f);
    }
}

void ref_parameters_list(ref_table *params, const thor_config *config)
{
    int64_t d = config->model.width;
    put(params, "embed", "weight", 2, REF_SHAPE(config->vocab.ids, d));
    if (ref_has_predictor(config)) {
        put(params, "task", "predictor.weight", 2, REF_SHAPE(ref_tasks(config), d));
        put(params, "task", "embedding.weight", 2, REF_SHAPE(ref_tasks(config), d));
    }
    for (int layer = 0; layer < config->model.encoder_layers; layer++)
        put_layer(params, "encoder", layer, config);
    for (int layer = 0; layer < config->model.decoder_layers; layer++)
        put_layer(params, "decoder", layer, config);
    if (config->model.norm == THOR_NORM_PRE) {
        put_norm(params, "encoder", "layer_norm", d);
        put_norm(params, "decoder", "layer_norm", d);
    }
    if (ref_has_languages(config))
        put_languages(params, config);
}

/* Values lie in centre ± spread. */
static void range(const ref_array *param, double *centre, double *spread)
{
    int64_t fan_in = param->shape[param->dims - 1];
    bool norm = strstr(param->name, "norm.weight") != NULL, bias = strstr(param->name, ".bias") != NULL;
    *centre = norm ? 1.0 : 0.0;
    *spread = norm || bias ? 0.3 : 1.7 / sqrt((double)fan_in);
    if (strstr(param->name, "router.weight") || strncmp(param->name, "task.", 5) == 0 ||
        strstr(param->name, "shared_gate.weight"))
        *spread *= 2;
}

void ref_parameters_invent(ref_table *params, uint64_t seed)
{
    for (int i = 0; i < params->count; i++) {
        ref_array *param = params->items[i];
        thor_rng rng = thor_rng_make(seed, THOR_SITE_TEST, (uint32_t)i, 0);
        double centre, spread;
        range(param, &centre, &spread);
        for (int64_t j = 0; j < param->count; j++)
            param->data[j] = (double)(float)(centre + spread * (2 * (double)thor_rng_uniform(&rng, (uint64_t)j) - 1));
    }
}
