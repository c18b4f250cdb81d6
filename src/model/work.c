#include "model/work.h"

#include "model/sublayer.h"

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

static void add_stack(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts)
{
    int32_t layers = lengths->decoder ? config->model.decoder_layers : config->model.encoder_layers;
    for (int32_t layer = 0; layer < layers; layer++) {
        const thor_sublayer_ops *kinds[THOR_MOST_SUBLAYERS];
        int count = thor_layer_kinds(kinds, config, layer, lengths->decoder);
        for (int i = 0; i < count; i++)
            kinds[i]->work(work, config, lengths, experts);
    }
}

double thor_likely_experts(const thor_config *config)
{
    double experts = config->router.policy == THOR_TOP_K ? config->router.k
                                                         : config->router.p * thor_config_candidates(config);
    return !thor_config_has_mixtures(config) || experts < 1 ? 1 : experts;
}

thor_work thor_work_forward(const thor_config *config, const thor_lengths *lengths, double experts)
{
    thor_work work = { .attention = 0 };
    const thor_stack_lengths encoder = { .rows = lengths->source_rows, .self_pairs = lengths->source_pairs },
                             decoder = { .rows = lengths->target_rows, .self_pairs = lengths->target_pairs,
                                         .keys = lengths->source_rows, .cross_pairs = lengths->cross_pairs,
                                         .decoder = true };
    add_stack(&work, config, &encoder, experts);
    add_stack(&work, config, &decoder, experts);
    work.output = 2 * lengths->target_rows * config->model.width * config->vocab.ids;
    work.total = work.attention + work.dense + work.experts + work.routing + work.output;
    return work;
}
