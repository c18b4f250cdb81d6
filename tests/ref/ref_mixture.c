/* One mixture layer (thor-model(7)): context, gate, token router, selection, experts. */
#include <math.h>
#include <string.h>

#include "ref_parts.h"

#define REF_SHAPE_OF(place, n) 3, REF_SHAPE((place)->rows->sentences, (place)->rows->width, (n))

/* Encoder: mean of the sentence's rows. Decoder: mean of the rows 0 … t. */
static double *context(ref_run *run, const ref_place *place, const double *x)
{
    const ref_rows *rows = place->rows;
    int64_t d = run->config->model.width;
    double *c = ref_value(run, place->name, "context", REF_SHAPE_OF(place, d));
    REF_EACH_ROW(rows) {
        int64_t count = rows->stack == 1 ? t + 1 : rows->length[b];
        for (int64_t s = 0; s < count; s++)
            for (int64_t i = 0; i < d; i++)
                c[row * d + i] += x[(b * rows->width + s) * d + i] / (double)count;
    }
    return c;
}

/* lambda = sigmoid(W_g [x; c] + b_g) */
static double *gate(ref_run *run, const ref_place *place, const double *x, const double *c)
{
    int64_t d = run->config->model.width;
    double *lambda = ref_value(run, place->name, "context_gate", REF_SHAPE_OF(place, d));
    const double *w = ref_param(run, place->name, "context_gate.weight");
    const double *bias = ref_param(run, place->name, "context_gate.bias");
    double *both = ref_value(run, place->name, "gate_input", 1, REF_SHAPE(2 * d));
    REF_EACH_ROW(place->rows) {
        memcpy(both, x + row * d, (size_t)d * sizeof *both);
        memcpy(both + d, c + row * d, (size_t)d * sizeof *both);
        ref_linear(lambda + row * d, both, w, bias, 2 * d, d);
        for (int64_t i = row * d; i < (row + 1) * d; i++)
            lambda[i] = 1 / (1 + exp(-lambda[i]));
    }
    return lambda;
}

static double *routing_input(ref_run *run, const ref_place *place, const double *x)
{
    const thor_config *config = run->config;
    int64_t d = config->model.width;
    bool with_context = ref_has_context(config);
    bool infuse = ref_has_predictor(config) && config->task.use == THOR_USE_INFUSE;
    const double *c = with_context ? context(run, place, x) : NULL;
    const double *lambda = with_context ? gate(run, place, x, c) : NULL;
    const double *language = ref_reads_language(config, place->rows->stack)
                                 ? ref_param(run, "language", "embedding.weight") : NULL;
    const double *r = infuse ? ref_get(&run->values, "task.mixed") : NULL;
    double *u = ref_value(run, place->name, "routing_input", REF_SHAPE_OF(place, d));
    REF_EACH_ROW(place->rows)
        for (int64_t i = 0, at = row * d; i < d; i++, at++) {
            if (language)
                u[at] = language[run->batch->target_language[b] * d + i];
            else if (!with_context)
                u[at] = x[at];
            else if (config->context.form == THOR_CONTEXT_ADD)
                u[at] = x[at] + lambda[at] * c[at];
            else
                u[at] = lambda[at] * x[at] + (1 - lambda[at]) * c[at];
            if (infuse)
                u[at] += r[b * d + i];
        }
    return u;
}

/* P = softmax over the candidates, 0 elsewhere. */
static double *router(ref_run *run, const ref_place *place, const double *u, const double *candidates)
{
    int64_t d = run->config->model.width, experts = run->config->moe.experts;
    double *p = ref_value(run, place->name, "router_probs", REF_SHAPE_OF(place, experts));
    const double *w = ref_param(run, place->name, "router.weight");
    REF_EACH_ROW(place->rows) {
        ref_linear(p + row * experts, u + row * d, w, NULL, d, experts);
        for (int64_t e = 0; e < experts; e++)
            if (candidates[b * experts + e] == 0)
                p[row * experts + e] = -INFINITY;
        ref_softmax(p + row * experts, p + row * experts, experts);
    }
    return p;
}

static double *select_experts(ref_run *run, const ref_place *place, const double *p, const double *candidates)
{
    const thor_config *config = run->config;
    int64_t experts = config->moe.experts, order[64];
    bool fixed;
    double *selected = ref_decision(run, place->name, "selected", REF_SHAPE_OF(place, experts), &fixed);
    double *gap = ref_value(run, place->name, "selected_gap", 2, REF_SHAPE(place->rows->sentences, place->rows->width));
    REF_EACH_ROW(place->rows) {
        double *chosen = selected + row * experts;
        const double *allowed = candidates + b * experts;
        if (!fixed)
            gap[row] = config->router.policy == THOR_TOP_P
                           ? ref_prefix(chosen, p + row * experts, allowed, experts, config->router.p)
                           : ref_largest(chosen, order, p + row * experts, allowed, experts, config->router.k);
    }
    return selected;
}

static double *first_choices(ref_run *run, const ref_place *place, const double *p, const double *selected)
{
    int64_t experts = run->config->moe.experts, order[64];
    bool fixed;
    double *first = ref_decision(run, place->name, "first", REF_SHAPE_OF(place, experts), &fixed);
    REF_EACH_ROW(place->rows)
        if (!fixed)
            ref_largest(first + row * experts, order, p + row * experts, selected + row * experts, experts, 1);
    return first;
}

static double *keep_places(ref_run *run, const ref_place *place, const double *p, double *selected)
{
    const thor_config *config = run->config;
    if (!run->options.training || config->moe.capacity_factor == 0)
        return selected;
    bool fixed;
    double *kept = ref_decision(run, place->name, "kept", REF_SHAPE_OF(place, config->moe.experts), &fixed);
    double *gap = ref_value(run, place->name, "capacity_gap", 1, REF_SHAPE(1));
    if (!fixed)
        gap[0] = ref_capacity(kept, selected, p, place->rows, config);
    return kept;
}

static double *gates(ref_run *run, const ref_place *place, const double *p, const double *kept)
{
    const thor_config *config = run->config;
    int64_t experts = config->moe.experts;
    bool renormalize = config->router.policy == THOR_TOP_K && config->router.k >= 2;
    if (config->router.renormalize != THOR_RENORMALIZE_AUTO)
        renormalize = config->router.renormalize == THOR_RENORMALIZE_TRUE;
    if (config->moe.system == THOR_SYSTEM_FIXED)
        renormalize = false;
    double *g = ref_value(run, place->name, "gates", REF_SHAPE_OF(place, experts));
    REF_EACH_ROW(place->rows) {
        double sum = 0;
        for (int64_t i = row * experts; i < (row + 1) * experts; i++)
            sum += kept[i] * p[i];
        for (int64_t i = row * experts; i < (row + 1) * experts; i++)
            g[i] = kept[i] == 0 ? 0 : renormalize ? p[i] / sum : p[i];
    }
    return g;
}

/* y = drop(W2 drop(relu(W1 x + b1)) + b2) of one expert for one row; `at` = row * E + e. */
static void expert(ref_run *run, const ref_place *place, double *y, double *open, bool fixed, const double *x,
                   int64_t at, int64_t e)
{
    const thor_config *config = run->config;
    int64_t d = config->model.width, f = config->model.ffn_width;
    double *hidden = ref_value(run, place->name, "expert_hidden", 1, REF_SHAPE(f));
    ref_linear(hidden, x, ref_param(run, place->name, "experts.fc1.weight") + e * f * d,
               ref_param(run, place->name, "experts.fc1.bias") + e * f, d, f);
    for (int64_t i = 0; i < f; i++) {
        if (!fixed)
            open[at * f + i] = hidden[i] > 0;
        hidden[i] *= open[at * f + i] * ref_keep(run, config->model.activation_dropout, place->rows->stack,
                                                 place->layer, REF_EXPERT_HIDDEN, at * f + i);
    }
    ref_linear(y, hidden, ref_param(run, place->name, "experts.fc2.weight") + e * d * f,
               ref_param(run, place->name, "experts.fc2.bias") + e * d, f, d);
    for (int64_t i = 0; i < d; i++)
        y[i] *= ref_keep(run, config->model.dropout, place->rows->stack, place->layer, REF_EXPERT, at * d + i);
}

static void experts_sum(ref_run *run, const ref_place *place, double *y, const double *x, const double *g,
                        const double *kept)
{
    const ref_rows *rows = place->rows;
    int64_t d = run->config->model.width, f = run->config->model.ffn_width, experts = run->config->moe.experts;
    bool fixed;
    double *open = ref_decision(run, place->name, "relu", 4, REF_SHAPE(rows->sentences, rows->width, experts, f),
                                &fixed);
    double *one = ref_value(run, place->name, "expert_output", 1, REF_SHAPE(d));
    REF_EACH_ROW(rows)
        for (int64_t e = 0; e < experts; e++) {
            if (kept[row * experts + e] == 0)
                continue;
            expert(run, place, one, open, fixed, x + row * d, row * experts + e, e);
            for (int64_t i = 0; i < d; i++)
                y[row * d + i] += g[row * experts + e] * one[i];
        }
}

void ref_mixture(ref_run *run, const ref_place *place, double *y, const double *x)
{
    const thor_config *config = run->config;
    int64_t d = config->model.width, experts = config->moe.experts;
    const double *candidates = ref_task_router(run, place);
    const double *u = routing_input(run, place, x);
    const double *p = router(run, place, u, candidates);
    double *selected = select_experts(run, place, p, candidates);
    const double *first = first_choices(run, place, p, selected);
    const double *kept = keep_places(run, place, p, selected);
    const double *g = gates(run, place, p, kept);
    experts_sum(run, place, y, config->context.feed_experts ? u : x, g, kept);
    if (config->moe.system == THOR_SYSTEM_RESIDUAL)
        ref_blend(run, place, y, x);
    double *output = ref_value(run, place->name, "output", REF_SHAPE_OF(place, d));
    REF_EACH_ROW(place->rows) {
        memcpy(output + row * d, y + row * d, (size_t)d * sizeof *y);
        for (int64_t i = row * experts; i < (row + 1) * experts; i++) {
            run->losses.chosen_experts += selected[i] != 0;
            run->losses.dropped += selected[i] != kept[i];
        }
    }
    run->losses.routed_rows += ref_row_count(place->rows);
    ref_token_losses(run, place, p, selected, first);
}
