/* Encoder, decoder, and the whole: from token ids to the total loss. */
#include <stdio.h>
#include <string.h>

#include "ref_parts.h"

typedef void sub_layer(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                       const ref_rows *memory_rows);

static ref_place place_of(const ref_rows *rows, int layer, const char *part)
{
    ref_place place = { .rows = rows, .layer = layer };
    snprintf(place.name, sizeof place.name, "%s.layers.%d.%s", rows->name, layer, part);
    return place;
}

static void self_attention(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                           const ref_rows *memory_rows)
{
    (void)memory;
    (void)memory_rows;
    ref_attention(run, place, y, x, x, place->rows, place->rows->stack == 1, REF_SELF_PROBS);
    ref_drop_rows(run, y, place->rows, run->config->model.width, run->config->model.dropout, place->layer, REF_SELF);
}

static void cross_attention(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                            const ref_rows *memory_rows)
{
    ref_attention(run, place, y, x, memory, memory_rows, false, REF_CROSS_PROBS);
    ref_drop_rows(run, y, place->rows, run->config->model.width, run->config->model.dropout, place->layer, REF_CROSS);
}

static void feed_forward(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                         const ref_rows *memory_rows)
{
    (void)memory;
    (void)memory_rows;
    if (ref_is_mixture(run->config, place->layer)) {
        ref_place mixture = place_of(place->rows, place->layer, "moe");
        ref_mixture(run, &mixture, y, x);
        return;
    }
    ref_ffn(run, place, y, x, REF_FFN_HIDDEN);
    ref_drop_rows(run, y, place->rows, run->config->model.width, run->config->model.dropout, place->layer, REF_FFN);
}

/* Pre-norm: x += f(LN(x)). Post-norm: x = LN(x + f(x)). */
static void residual(ref_run *run, const ref_rows *rows, int layer, const char *part, sub_layer *f, double *x,
                     const double *memory, const ref_rows *memory_rows)
{
    int64_t d = run->config->model.width, count = rows->sentences * rows->width * d;
    ref_place place = place_of(rows, layer, part);
    char norm[2 * REF_NAME];
    snprintf(norm, sizeof norm, "%s_norm", place.name);
    double *y = ref_value(run, place.name, "sub_layer", 3, REF_SHAPE(rows->sentences, rows->width, d));
    if (run->config->model.norm == THOR_NORM_PRE) {
        double *normed = ref_value(run, place.name, "normed", 3, REF_SHAPE(rows->sentences, rows->width, d));
        ref_layer_norm(run, normed, x, rows, norm);
        f(run, &place, y, normed, memory, memory_rows);
    } else {
        f(run, &place, y, x, memory, memory_rows);
    }
    for (int64_t i = 0; i < count; i++)
        x[i] += y[i];
    if (run->config->model.norm == THOR_NORM_POST)
        ref_layer_norm(run, x, x, rows, norm);
}

/* The number of the encoder layer before which the stream is tapped; encoder_layers: after the last. */
static int tapped_layer(const thor_config *config)
{
    int layer = 0;
    if (config->task.tap == THOR_TAP_EMBEDDING)
        return 0;
    while (layer < config->model.encoder_layers && !ref_is_mixture(config, layer))
        layer++;
    return layer;
}

static void run_layer(ref_run *run, const ref_rows *rows, int layer, double *x, const double *memory,
                      const ref_rows *memory_rows)
{
    residual(run, rows, layer, "self_attn", self_attention, x, NULL, NULL);
    if (rows->stack == 1)
        residual(run, rows, layer, "cross_attn", cross_attention, x, memory, memory_rows);
    residual(run, rows, layer, "ffn", feed_forward, x, NULL, NULL);
    ref_place place = place_of(rows, layer, "output");
    int64_t d = run->config->model.width;
    double *output = ref_put(&run->values, place.name, 3, REF_SHAPE(rows->sentences, rows->width, d));
    memcpy(output, x, (size_t)(rows->sentences * rows->width * d) * sizeof *x);
}

static double *run_stack(ref_run *run, const ref_rows *rows, const int32_t *tokens, int layers, const double *memory,
                         const ref_rows *memory_rows)
{
    int64_t d = run->config->model.width;
    double *x = ref_embed(run, rows, tokens);
    bool tap = rows->stack == 0 && ref_has_predictor(run->config);
    for (int layer = 0; layer < layers; layer++) {
        if (tap && layer == tapped_layer(run->config))
            ref_task(run, rows, x);
        run_layer(run, rows, layer, x, memory, memory_rows);
    }
    if (tap && layers == tapped_layer(run->config))
        ref_task(run, rows, x);
    double *output = ref_value(run, rows->name, "output", 3, REF_SHAPE(rows->sentences, rows->width, d));
    memcpy(output, x, (size_t)(rows->sentences * rows->width * d) * sizeof *x);
    if (run->config->model.norm == THOR_NORM_PRE) {
        char norm[REF_NAME];
        ref_layer_norm(run, output, x, rows, ref_join(norm, rows->name, "layer_norm"));
    }
    return output;
}

void ref_forward(ref_run *run)
{
    const ref_batch *batch = run->batch;
    const thor_config *config = run->config;
    ref_rows source = { 0, "encoder", batch->sentences, batch->source_width, batch->source_length };
    ref_rows target = { 1, "decoder", batch->sentences, batch->target_width, batch->target_length };
    ref_losses *losses = &run->losses;
    *losses = (ref_losses){ 0 };
    const double *memory = run_stack(run, &source, batch->source, config->model.encoder_layers, NULL, NULL);
    const double *top = run_stack(run, &target, batch->target_in, config->model.decoder_layers, memory, &source);
    ref_output(run, &target, top);
    int64_t step_tokens = run->options.step_tokens > 0 ? run->options.step_tokens : losses->tokens;
    int32_t shards = run->options.shards > 0 ? run->options.shards : 1;
    double others = config->loss.task * losses->task + config->loss.task_balance * losses->task_balance +
                    config->loss.token_balance * losses->token_balance + config->loss.dynamic * losses->dynamic +
                    config->residual.budget_weight * losses->budget + config->lingual.family_weight * losses->family;
    losses->total = losses->smooth_sum / (double)step_tokens + others / shards;
}

void ref_run_free(ref_run *run)
{
    ref_table_free(&run->decisions);
    ref_table_free(&run->values);
}
