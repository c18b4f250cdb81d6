/* A mixture as a sub-layer. Its stages come from the table of systems. */
#include <stdlib.h>

#include "model/activations.h"
#include "model/step.h"
#include "model/systems.h"

static size_t weights_size(const thor_config *config, bool decoder)
{
    const thor_stage *stage[THOR_STAGES];
    thor_system_stages(stage, config, decoder);
    return thor_mixture_size(stage);
}

static bool renormalizes(const thor_config *config)
{
    return config->router.renormalize == THOR_RENORMALIZE_TRUE ||
           (config->router.renormalize == THOR_RENORMALIZE_AUTO && config->router.policy == THOR_TOP_K &&
            config->router.k >= 2);
}

static void name_weights(thor_sublayer *sub, const thor_weights *weights, const thor_config *config)
{
    thor_mixture *mixture = sub->weights;
    const thor_stage *stage[THOR_STAGES];
    int64_t d = config->model.width, E = config->moe.experts, C = thor_config_candidates(config);
    thor_system_stages(stage, config, sub->decoder);
    thor_mixture_start(mixture, stage);
    mixture->router = (thor_router){ .policy = config->router.policy, .k = config->router.k,
                                     .p = (float)config->router.p, .renormalize = renormalizes(config),
                                     .capacity_factor = config->moe.capacity_factor,
                                     .capacity_order = config->moe.capacity_order, .count = config->balance.count,
                                     .pool = C, .d = d, .E = E, .C = C };
    mixture->experts = (thor_experts){ .E = E, .F = config->model.ffn_width, .d = d };
    mixture->feed_experts = thor_system_feeds_experts(config);
    mixture->decoder = sub->decoder;
    if (thor_system_of(config)->set)
        thor_system_of(config)->set(mixture, config, thor_config_tasks(config));
    sub->norm = thor_weights_norm(weights, "ffn_norm", d);
    thor_mixture_weights(mixture, weights);
}

static size_t kept_size(const thor_sublayer *sub)
{
    return thor_mixture_saved_size(sub->weights);
}

static void start(const thor_sublayer *sub, void *kept)
{
    thor_mixture_saved_start(kept, sub->weights);
}

static void place(const thor_sublayer *sub, void *kept, const thor_sublayer_room *room)
{
    const thor_config *config = room->config;
    const thor_mixture_room inner = { .arena = room->arena, .scratch = room->scratch, .rows = room->rows,
                                      .sentences = room->sentences,
                                      .masks = room->training && config->model.dropout > 0,
                                      .activation_masks = room->training && config->model.activation_dropout > 0 };
    thor_mixture_place(sub->weights, kept, &inner);
}

static int64_t experts_of_row(const thor_sublayer *sub)
{
    return thor_router_most_assignments(&((const thor_mixture *)sub->weights)->router, 1);
}

static thor_dropout *activation(void *kept)
{
    return &((thor_mixture_saved *)kept)->experts.activation;
}

static thor_dropout *output(void *kept)
{
    return &((thor_mixture_saved *)kept)->experts.dropout;
}

/* The experts' sites, then the stages'. */
static const thor_site_line *site(const thor_config *config, int i)
{
    static const thor_site_line lines[] = {
        { THOR_SITE_EXPERTS_ACTIVATION, THOR_RATE_ACTIVATION, THOR_SHAPE_EXPERTS_F, "moe.experts.activation.dropout",
          activation },
        { THOR_SITE_EXPERTS, THOR_RATE_DROPOUT, THOR_SHAPE_EXPERTS_D, "moe.experts.dropout", output },
    };
    const thor_stage *stage[THOR_STAGES];
    if (i < 2)
        return &lines[i];
    i -= 2;
    thor_system_stages(stage, config, false);
    for (int s = 0; s < THOR_STAGES; s++) {
        int count = stage[s] ? stage[s]->site_count : 0;
        if (i < count)
            return &stage[s]->sites[i];
        i -= count;
    }
    return NULL;
}

/* ---- a shard --------------------------------------------------------------------------------------------------- */

static thor_mixture_call call_of(const thor_pass *pass, const thor_sublayer *sub, void *kept)
{
    return (thor_mixture_call){ .compute = pass->compute, .mixture = sub->weights, .saved = kept,
                                .given = &pass->given, .training = pass->options.training, .scratch = &pass->scratch,
                                .weight = pass->weight, .shards = pass->options.shards };
}

static const float *forward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                            thor_stack_saved *stack, thor_losses *losses)
{
    thor_mixture_saved *kept = saved->kept;
    thor_mixture_call call = call_of(pass, sub, kept);
    call.x = saved->input;
    call.packing = &stack->packing;
    thor_mixture_forward(&call);
    thor_mixture_losses(&call, losses->part);
    losses->routed_rows += stack->packing.rows;
    losses->chosen_experts += kept->routing.chosen;
    losses->dropped += kept->routing.dropped;
    return kept->output;
}

static float *find_gradient(const void *context, const void *parameter)
{
    return thor_gradient_of(context, parameter);
}

static void backward(thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved, thor_stack_saved *stack,
                     float *d_input, const float *d_y)
{
    const thor_gradients gradients = { find_gradient, pass };
    thor_mixture_call call = call_of(pass, sub, saved->kept);
    call.x = saved->input;
    call.packing = &stack->packing;
    call.gradients = &gradients;
    thor_mixture_backward(&call, d_input, d_y);
}

static const thor_handed *handed(const void *kept)
{
    return &((const thor_mixture_saved *)kept)->handed;
}

/* ---- a position of translation --------------------------------------------------------------------------------- */

/* Candidates of each sentence, in the memory of the pass. */
static void prepare(thor_decoder *decoder, int32_t i)
{
    thor_pass *pass = decoder->pass;
    thor_mixture_call call = call_of(pass, &decoder->stack->items[i], pass->decoder.items[i].kept);
    call.packing = &pass->decoder.packing;
    thor_mixture_candidates(&call);
}

static const float *step(thor_decoder *decoder, int32_t i, const float *x)
{
    const thor_pass *pass = decoder->pass;
    thor_mixture_saved *kept = decoder->kept[i];
    const thor_mixture_step at = { decoder->memories[i].state[0], decoder->row_slots, decoder->position };
    thor_mixture_call call = call_of(pass, &decoder->stack->items[i], kept);
    call.x = x;
    call.packing = &decoder->packing;
    call.step = &at;
    call.training = false;
    kept->candidates = ((const thor_mixture_saved *)pass->decoder.items[i].kept)->candidates;
    thor_mixture_forward(&call);
    return kept->output;
}

/* ---- looking at it --------------------------------------------------------------------------------------------- */

static void show(const thor_sublayer *sub, const void *kept, const thor_viewer *view)
{
    thor_mixture_show(sub->weights, kept, view);
}

static void work(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts)
{
    double d = config->model.width, F = config->model.ffn_width, E = config->moe.experts, rows = lengths->rows;
    const thor_stage *stage[THOR_STAGES];
    work->experts += experts * 4 * rows * d * F;
    work->routing += 2 * rows * d * E;
    thor_system_stages(stage, config, lengths->decoder);
    for (int i = 0; i < THOR_STAGES; i++)
        if (stage[i] && stage[i]->work)
            *(i == THOR_STAGE_BLEND ? &work->dense : &work->routing) += rows * stage[i]->work(d, F, E);
}

const thor_sublayer_ops thor_mixture_sublayer = {
    .name = "mixture", .tensor = "ffn", .part = THOR_PART_MIXTURE, .weights_size = weights_size,
    .weights = name_weights,
    .kept_size = kept_size, .start = start, .place = place, .experts_of_row = experts_of_row, .site = site,
    .forward = forward, .backward = backward, .handed = handed, .state = 1, .prepare = prepare, .step = step,
    .show = show, .work = work,
};
