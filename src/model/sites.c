#include "model/sites.h"

#include <stdio.h>

#include "model/sublayer.h"

uint32_t thor_site(uint32_t stack, uint32_t layer, thor_site_kind kind)
{
    return stack << 16 | layer << 8 | (uint32_t)kind;
}

double thor_site_rate_of(const thor_site_line *line, const thor_config *config)
{
    switch (line->rate) {
    case THOR_RATE_ATTENTION: return config->model.attention_dropout;
    case THOR_RATE_ACTIVATION: return config->model.activation_dropout;
    case THOR_RATE_DROPOUT: break;
    }
    return config->model.dropout;
}

typedef struct {
    const thor_config *config;
    int64_t B, L, S;                /* sentences, the stack's width, the source's */
    uint32_t stack;
    thor_site_visitor *visit;
    void *context;
    thor_error *error;
} walk;

static thor_tensor mask(const walk *w, thor_site_shape shape)
{
    int64_t d = w->config->model.width, F = w->config->model.ffn_width, H = w->config->model.heads,
            E = w->config->moe.experts;
    switch (shape) {
    case THOR_SHAPE_F: return (thor_tensor){ .dims = 3, .shape = { w->B, w->L, F } };
    case THOR_SHAPE_EXPERTS_D: return (thor_tensor){ .dims = 4, .shape = { w->B, w->L, E, d } };
    case THOR_SHAPE_EXPERTS_F: return (thor_tensor){ .dims = 4, .shape = { w->B, w->L, E, F } };
    case THOR_SHAPE_SELF: return (thor_tensor){ .dims = 4, .shape = { w->B, H, w->L, w->L } };
    case THOR_SHAPE_CROSS: return (thor_tensor){ .dims = 4, .shape = { w->B, H, w->L, w->S } };
    case THOR_SHAPE_D: break;
    }
    return (thor_tensor){ .dims = 3, .shape = { w->B, w->L, d } };
}

static thor_status use(const walk *w, int32_t layer, const thor_site_line *line)
{
    const char *stack = w->stack ? "decoder" : "encoder";
    thor_site_use u = { .site = thor_site(w->stack, (uint32_t)layer, line->kind),
                        .rate = thor_site_rate_of(line, w->config), .mask = mask(w, line->shape) };
    if (u.rate <= 0)
        return THOR_OK;
    u.mask.dtype = THOR_U8;
    if (layer == THOR_SITE_EMBED_LAYER)
        snprintf(u.mask.name, sizeof u.mask.name, "%s.%s", stack, line->name);
    else
        snprintf(u.mask.name, sizeof u.mask.name, "%s.layers.%d.%s", stack, (int)layer, line->name);
    return w->visit(w->context, &u, w->error);
}

static thor_status use_layer(const walk *w, int32_t layer)
{
    const thor_sublayer_ops *kinds[THOR_MOST_SUBLAYERS];
    const thor_site_line *line;
    int count = thor_layer_kinds(kinds, w->config, layer, w->stack == 1);
    for (int kind = 0; kind < count; kind++)
        for (int i = 0; (line = kinds[kind]->site(w->config, i)) != NULL; i++)
            THOR_TRY(use(w, layer, line));
    return THOR_OK;
}

static thor_status use_stack(const walk *w)
{
    static const thor_site_line embedding = { .kind = THOR_SITE_EMBED, .name = "embed.dropout" };
    const thor_config *c = w->config;
    int32_t layers = w->stack ? c->model.decoder_layers : c->model.encoder_layers;
    THOR_TRY(use(w, THOR_SITE_EMBED_LAYER, &embedding));
    for (int32_t layer = 0; layer < layers; layer++)
        THOR_TRY(use_layer(w, layer));
    return THOR_OK;
}

thor_status thor_sites_visit(const thor_config *config, int64_t sentences, int64_t source_width, int64_t target_width,
                             thor_site_visitor *visit, void *context, thor_error *error)
{
    walk w = { .config = config, .B = sentences, .L = source_width, .S = source_width, .stack = 0, .visit = visit,
               .context = context, .error = error };
    THOR_TRY(use_stack(&w));
    w.stack = 1;
    w.L = target_width;
    return use_stack(&w);
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

static const int64_t most_elements = INT64_C(1) << 34;     /* four a counter of 32 bits */

thor_status thor_site_check(const thor_site_use *use, thor_error *error)
{
    int64_t count = thor_tensor_count(&use->mask);
    double elements = 1;
    if (count >= 0 && count <= most_elements)
        return THOR_OK;
    for (int i = 0; i < use->mask.dims; i++)
        elements *= (double)use->mask.shape[i];
    return thor_fail(error, THOR_E_USAGE, "%s: dropout of %.4g elements at once, but there are random numbers for 2^34 "
                     "(1.718e+10); lower batch.max_tokens, moe.experts or the model's sizes, or set that dropout to 0",
                     use->mask.name, elements);
}

static thor_status check_use(void *context, const thor_site_use *use, thor_error *error)
{
    (void)context;
    return thor_site_check(use, error);
}

thor_status thor_sites_check(const thor_config *config, int64_t sentences, int64_t source_width, int64_t target_width,
                             thor_error *error)
{
    return thor_sites_visit(config, sentences, source_width, target_width, check_use, NULL, error);
}
