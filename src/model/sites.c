#include "model/sites.h"

#include <stdio.h>

uint32_t thor_site(uint32_t stack, uint32_t layer, thor_site_kind kind)
{
    return stack << 16 | layer << 8 | (uint32_t)kind;
}

typedef struct {
    const thor_config *config;
    int64_t B, L, S;                /* sentences, the stack's width, the source's */
    uint32_t stack;
    thor_site_visitor *visit;
    void *context;
    thor_error *error;
} walk;

/* A site of the shape [B, L, a] or [B, L, a, b]; with `square` [B, H, L, a]. */
static thor_status use(const walk *w, int32_t layer, thor_site_kind kind, const char *name, double rate, bool square,
                       int64_t a, int64_t b)
{
    const char *stack = w->stack ? "decoder" : "encoder";
    thor_site_use u = { .site = thor_site(w->stack, (uint32_t)layer, kind), .rate = rate,
                        .mask = { .dtype = THOR_U8, .dims = 3, .shape = { w->B, w->L, a } } };
    if (rate <= 0)
        return THOR_OK;
    if (square)
        u.mask = (thor_tensor){ .dtype = THOR_U8, .dims = 4, .shape = { w->B, w->config->model.heads, w->L, a } };
    else if (b > 0)
        u.mask = (thor_tensor){ .dtype = THOR_U8, .dims = 4, .shape = { w->B, w->L, a, b } };
    if (kind == THOR_SITE_EMBED)
        snprintf(u.mask.name, sizeof u.mask.name, "%s.%s", stack, name);
    else
        snprintf(u.mask.name, sizeof u.mask.name, "%s.layers.%d.%s", stack, (int)layer, name);
    return w->visit(w->context, &u, w->error);
}

static thor_status use_last(const walk *w, int32_t layer)
{
    const thor_config *c = w->config;
    int64_t d = c->model.width, F = c->model.ffn_width, E = c->moe.experts;
    double rate = c->model.dropout, activation = c->model.activation_dropout;
    if (thor_config_is_mixture(c, layer)) {
        THOR_TRY(use(w, layer, THOR_SITE_EXPERTS_ACTIVATION, "moe.experts.activation.dropout", activation, false, E,
                     F));
        return use(w, layer, THOR_SITE_EXPERTS, "moe.experts.dropout", rate, false, E, d);
    }
    THOR_TRY(use(w, layer, THOR_SITE_FFN_ACTIVATION, "ffn.activation.dropout", activation, false, F, 0));
    return use(w, layer, THOR_SITE_FFN, "ffn.dropout", rate, false, d, 0);
}

static thor_status use_layer(const walk *w, int32_t layer)
{
    int64_t d = w->config->model.width;
    double rate = w->config->model.dropout, attention = w->config->model.attention_dropout;
    THOR_TRY(use(w, layer, THOR_SITE_SELF_PROBS, "self_attn.probs.dropout", attention, true, w->L, 0));
    THOR_TRY(use(w, layer, THOR_SITE_SELF, "self_attn.dropout", rate, false, d, 0));
    if (w->stack == 1) {
        THOR_TRY(use(w, layer, THOR_SITE_CROSS_PROBS, "cross_attn.probs.dropout", attention, true, w->S, 0));
        THOR_TRY(use(w, layer, THOR_SITE_CROSS, "cross_attn.dropout", rate, false, d, 0));
    }
    return use_last(w, layer);
}

static thor_status use_stack(const walk *w)
{
    const thor_config *c = w->config;
    int32_t layers = w->stack ? c->model.decoder_layers : c->model.encoder_layers;
    THOR_TRY(use(w, THOR_SITE_EMBED_LAYER, THOR_SITE_EMBED, "embed.dropout", c->model.dropout, false, c->model.width,
                 0));
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
