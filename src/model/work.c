#include "model/work.h"

thor_lengths thor_lengths_of(const thor_batch *batch)
{
    thor_lengths lengths = { .source_rows = (double)batch->source_rows, .target_rows = (double)batch->target_rows };
    for (int64_t i = 0; i < batch->sentences; i++) {
        double source = (double)(batch->source_offset[i + 1] - batch->source_offset[i]);
        double target = (double)(batch->target_offset[i + 1] - batch->target_offset[i]);
        lengths.source_pairs += source * source;
        lengths.target_pairs += target * (target + 1) / 2;
        lengths.cross_pairs += target * source;
    }
    return lengths;
}

/* A mixture layer or a dense one. */
static void add_layer(thor_work *work, const thor_config *config, int32_t layer, double rows, double experts)
{
    double d = config->model.width, f = config->model.ffn_width;
    if (!thor_config_is_mixture(config, layer)) {
        work->dense += 4 * rows * d * f;
        return;
    }
    work->experts += experts * 4 * rows * d * f;
    work->routing += 2 * rows * d * config->moe.experts;
    if (config->moe.system == THOR_SYSTEM_THOR && config->context.form != THOR_CONTEXT_NONE)
        work->routing += 4 * rows * d * d;
}

double thor_likely_experts(const thor_config *config)
{
    double experts = config->router.policy == THOR_TOP_K ? config->router.k
                                                         : config->router.p * thor_config_candidates(config);
    return config->moe.system == THOR_SYSTEM_DENSE || experts < 1 ? 1 : experts;
}

thor_work thor_work_forward(const thor_config *config, const thor_lengths *lengths, double experts)
{
    thor_work work = { .attention = 0 };
    double d = config->model.width, source = lengths->source_rows, target = lengths->target_rows;
    for (int32_t i = 0; i < config->model.encoder_layers; i++) {
        work.attention += 8 * source * d * d + 4 * lengths->source_pairs * d;
        add_layer(&work, config, i, source, experts);
    }
    for (int32_t i = 0; i < config->model.decoder_layers; i++) {
        work.attention += 8 * target * d * d + 4 * lengths->target_pairs * d;
        work.attention += 4 * (target + source) * d * d + 4 * lengths->cross_pairs * d;
        add_layer(&work, config, i, target, experts);
    }
    work.output = 2 * target * d * config->vocab.ids;
    work.total = work.attention + work.dense + work.experts + work.routing + work.output;
    return work;
}
