/* gap of a row    top-k: P of the last that was chosen over that of the first that was not;
 *                 top-p also: how far the sum of the chosen is from p, with the last one and without it */
#include "train/golden_margin.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/systems.h"

typedef struct {
    thor_golden_margin *margin;
    const thor_golden *golden;
    const thor_model *model;
    const thor_batch *batch;
} measure;

static void note(thor_golden_nearest *nearest, double distance, const char *name, int64_t sentence, int64_t position)
{
    if (!(distance < nearest->distance))
        return;
    *nearest = (thor_golden_nearest){ .distance = distance, .sentence = sentence, .position = position };
    snprintf(nearest->name, sizeof nearest->name, "%s", name);
}

static const thor_tensor *find(const measure *m, const char *prefix, const char *what)
{
    char name[THOR_MAX_NAME];
    snprintf(name, sizeof name, "%.80s%s", prefix, what);
    return thor_tensor_list_find(&m->golden->forward, name);
}

static int64_t length_of(const measure *m, const char *name, int64_t sentence)
{
    const int64_t *offset = strncmp(name, "encoder.", 8) == 0 ? m->batch->source_offset : m->batch->target_offset;
    return offset[sentence + 1] - offset[sentence];
}

/* ---- routing --------------------------------------------------------------------------------------------------- */

/* What was chosen of E probabilities; those that are 0 are no candidates. */
typedef struct {
    int64_t count;
    double sum, least, left;
} choice;

static choice look(const float *P, const int32_t *chosen, int64_t E)
{
    choice found = { .least = INFINITY };
    for (int64_t e = 0; e < E; e++)
        if (chosen[e]) {
            found.count++;
            found.sum += (double)P[e];
            found.least = fmin(found.least, (double)P[e]);
        } else {
            found.left = fmax(found.left, (double)P[e]);
        }
    return found;
}

static double gap_of(const choice *c, double p)
{
    double gap = c->left > 0 ? c->least - c->left : INFINITY;
    if (p > 0 && c->left > 0)
        gap = fmin(gap, fabs(c->sum - p));
    if (p > 0 && c->count > 1)
        gap = fmin(gap, fabs(p - (c->sum - c->least)));
    return gap;
}

static void exercise(thor_golden_margin *margin, const float *P, const int32_t *chosen, const float *gates, int64_t E)
{
    int64_t count = 0;
    bool other = false;
    for (int64_t e = 0; e < E; e++) {
        count += chosen[e];
        margin->dropped += chosen[e] && gates[e] == 0;
        other |= gates[e] != 0 && gates[e] != P[e];
    }
    margin->fewest = margin->rows == 0 || count < margin->fewest ? count : margin->fewest;
    margin->most = count > margin->most ? count : margin->most;
    margin->renormalized += other;
    margin->rows++;
}

static void measure_rows(const measure *m, const char *prefix, const thor_tensor *selected)
{
    const thor_tensor *probs = find(m, prefix, "router_probs"), *gates = find(m, prefix, "gates");
    const thor_config *config = &m->model->config;
    double p = config->router.policy == THOR_TOP_P ? (double)(float)config->router.p : 0;
    int64_t L = selected->shape[1], E = selected->shape[2];
    for (int64_t b = 0; b < selected->shape[0]; b++)
        for (int64_t l = 0; l < length_of(m, prefix, b); l++) {
            int64_t at = (b * L + l) * E;
            const float *P = (const float *)probs->data + at;
            const int32_t *chosen = (const int32_t *)selected->data + at;
            choice found = look(P, chosen, E);
            note(&m->margin->gap, gap_of(&found, p), selected->name, b, l);
            exercise(m->margin, P, chosen, (const float *)gates->data + at, E);
        }
}

static void measure_candidates(const measure *m, const char *prefix)
{
    const thor_tensor *probs = find(m, prefix, "task_probs"), *candidates = find(m, prefix, "candidates");
    for (int64_t b = 0; probs && candidates && b < probs->shape[0]; b++) {
        int64_t E = probs->shape[1];
        choice found = look((const float *)probs->data + b * E, (const int32_t *)candidates->data + b * E, E);
        note(&m->margin->gap, gap_of(&found, 0), candidates->name, b, -1);
    }
}

/* ---- relu ------------------------------------------------------------------------------------------------------ */

/* The smallest |W1 x + b1| of one row; W1 [F,d]. */
static double nearest_unit(const float *x, const float *weight, const float *bias, int64_t F, int64_t d)
{
    double least = INFINITY;
    for (int64_t f = 0; f < F; f++) {
        double sum = (double)bias[f];
        for (int64_t i = 0; i < d; i++)
            sum += (double)weight[f * d + i] * (double)x[i];
        least = fmin(least, fabs(sum));
    }
    return least;
}

/* The network `name` of a layer reads `input` [B,L,d]; with gates [B,L,E] expert e reads the rows that it serves. */
static void measure_network(const measure *m, const char *name, const thor_tensor *input, const thor_tensor *gates)
{
    char full[THOR_MAX_NAME];
    snprintf(full, sizeof full, "%.80sfc1.weight", name);
    int32_t weight = thor_params_find(&m->model->params, full);
    snprintf(full, sizeof full, "%.80sfc1.bias", name);
    int32_t bias = thor_params_find(&m->model->params, full);
    if (weight < 0 || bias < 0 || !input)
        return;
    const float *W = m->golden->initial + m->model->params.items[weight].offset;
    const float *B = m->golden->initial + m->model->params.items[bias].offset;
    int64_t d = m->model->config.model.width, F = m->model->config.model.ffn_width, L = input->shape[1];
    int64_t experts = gates ? gates->shape[2] : 1;
    for (int64_t b = 0; b < input->shape[0]; b++)
        for (int64_t l = 0; l < length_of(m, name, b); l++)
            for (int64_t e = 0; e < experts; e++)
                if (!gates || ((const float *)gates->data)[(b * L + l) * experts + e] != 0)
                    note(&m->margin->relu, nearest_unit((const float *)input->data + (b * L + l) * d, W + e * F * d,
                                                        B + e * F, F, d), full, b, l);
}

/* What the feed-forward network of a layer reads: with post-norm the norm of the sub-layer before it. */
static const thor_tensor *input_of(const measure *m, const char *prefix)
{
    if (m->model->config.model.norm == THOR_NORM_PRE)
        return find(m, prefix, "ffn_norm.output");
    const thor_tensor *cross = find(m, prefix, "cross_attn_norm.output");
    return cross ? cross : find(m, prefix, "self_attn_norm.output");
}

static void measure_layer(const measure *m, const char *stack, int layer)
{
    char prefix[48], part[64];
    snprintf(prefix, sizeof prefix, "%s.layers.%d.", stack, layer);
    const thor_tensor *input = input_of(m, prefix), *selected = find(m, prefix, "moe.selected");
    snprintf(part, sizeof part, "%sffn.", prefix);
    measure_network(m, part, input, NULL);
    if (!selected)
        return;
    snprintf(part, sizeof part, "%smoe.shared.", prefix);
    measure_network(m, part, input, NULL);
    snprintf(part, sizeof part, "%smoe.", prefix);
    measure_candidates(m, part);
    measure_rows(m, part, selected);
    const thor_tensor *gates = find(m, part, "gates");
    const thor_tensor *read = thor_system_feeds_experts(&m->model->config) ? find(m, part, "routing_input") : input;
    snprintf(part, sizeof part, "%smoe.experts.", prefix);
    measure_network(m, part, read, gates);
}

void thor_golden_measure(thor_golden_margin *margin, const thor_golden *golden, const thor_model *model,
                         const thor_batch *batch)
{
    const measure m = { margin, golden, model, batch };
    *margin = (thor_golden_margin){ .gap = { .distance = INFINITY }, .relu = { .distance = INFINITY } };
    for (int i = 0; i < model->config.model.encoder_layers; i++)
        measure_layer(&m, "encoder", i);
    for (int i = 0; i < model->config.model.decoder_layers; i++)
        measure_layer(&m, "decoder", i);
}
