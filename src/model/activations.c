/* One piece of code measures and places: called on an arena without memory it only counts.
 *
 * What stays is what the backward pass, or whoever looks at a pass, could not have again for a copy or a sum; gradients
 * stand where the last reader of a value has left. */
#include "model/activations.h"

#include "base/numbers.h"
#include "model/vectors.h"
#include "nn/heads.h"

#define TAKE(type, count) THOR_TAKE(&pass->arena, type, count)

uint8_t *thor_room_masks(const thor_sublayer_room *room, double rate, int64_t count)
{
    return room->training && rate > 0.0 ? THOR_TAKE(room->arena, uint8_t, count) : NULL;
}

uint8_t *thor_room_passing_masks(const thor_sublayer_room *room)
{
    return room->training && room->config->model.activation_dropout > 0.0 ? (uint8_t *)room->scratch->wide : NULL;
}

float *thor_gradient_of(const thor_pass *pass, const void *parameter)
{
    return pass->options.gradients + ((const float *)parameter - pass->model->values);
}

thor_linear_gradient thor_gradient_of_linear(const thor_pass *pass, const thor_linear *linear)
{
    return (thor_linear_gradient){ thor_gradient_of(pass, linear->weight.data),
                                   linear->bias ? thor_gradient_of(pass, linear->bias) : NULL };
}

float thor_pass_loss_weight(const thor_pass *pass, thor_loss_part part)
{
    return (float)(pass->weight[part] / (double)pass->options.shards);
}

void thor_pass_enter(const thor_pass *pass, thor_phase phase, thor_part part)
{
    thor_watch_enter(pass->options.watch, phase, part);
}

static bool has_residual_site(const thor_sublayer *sub, const thor_config *config)
{
    const thor_site_line *line;
    for (int i = 0; (line = sub->ops->site(config, i)) != NULL; i++)
        if (!line->find)
            return true;
    return false;
}

/* Pre-norm streams are updated in place within a layer; every layer's output stays. What a layer reads, the norm's
 * output, is made again by the backward pass. Post-norm outputs are the norms' outputs. */
static void place_sublayer(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, int32_t i,
                           const thor_sublayer_room *room)
{
    const thor_sublayer *sub = &stack->items[i];
    thor_sublayer_saved *s = &saved->items[i];
    int64_t d = pass->network.d;
    s->normed = stack->post ? TAKE(float, room->rows * d) : pass->normed;
    s->normal = TAKE(float, room->rows * d);
    s->rstd = TAKE(float, room->rows);
    bool first = i == 0 || stack->items[i - 1].ends_layer;
    s->output = stack->post ? s->normed : first ? TAKE(float, room->rows * d) : saved->items[i - 1].output;
    s->residual.keep = has_residual_site(sub, room->config)
                           ? thor_room_masks(room, room->config->model.dropout, room->rows * d)
                           : NULL;
    sub->ops->place(sub, s->kept, room);
}

static void place_stack(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved,
                        const thor_sublayer_room *room)
{
    int64_t d = pass->network.d, rows = room->rows;
    saved->sentence = TAKE(int32_t, rows);
    saved->self_offset = TAKE(int64_t, room->sentences + 1);
    saved->cross_offset = TAKE(int64_t, room->sentences + 1);
    saved->embedded = TAKE(float, rows * d);
    saved->embed.keep = thor_room_masks(room, room->config->model.dropout, rows * d);
    for (int32_t i = 0; i < stack->count; i++)
        place_sublayer(pass, stack, saved, i, room);
    saved->output = stack->count > 0 ? saved->items[stack->count - 1].output : saved->embedded;
    if (!stack->post) {
        saved->output = TAKE(float, rows * d);
        saved->normal = TAKE(float, rows * d);
        saved->rstd = TAKE(float, rows);
    }
    saved->d_stream = saved->embedded;
    if (stack->post)                    /* whose first sub-layer's weights are still to be multiplied by embedded */
        saved->d_stream = pass->training ? TAKE(float, rows * d) : NULL;
}

/* The most pairs of a row and an expert that a sub-layer of the stack makes. */
static int64_t most_assignments(const thor_stack *stack, int64_t rows)
{
    int64_t most = 0;
    for (int32_t i = 0; i < stack->count; i++) {
        const thor_sublayer *sub = &stack->items[i];
        int64_t of_row = sub->ops->experts_of_row ? sub->ops->experts_of_row(sub) : 0;
        most = of_row * rows > most ? of_row * rows : most;
    }
    return most;
}

/* About 64 MiB of logits at a time. */
static int64_t logits_rows(int64_t vocabulary, int64_t rows)
{
    int64_t block = thor_larger(((int64_t)16 << 20) / vocabulary, 64);
    return block < rows ? block : thor_larger(rows, 1);
}

static void place_logits(thor_pass *pass, const thor_shape *shape)
{
    thor_scratch *scratch = &pass->scratch;
    scratch->logits_rows = logits_rows(pass->network.V, shape->target_rows);
    scratch->logits = TAKE(float, scratch->logits_rows * pass->network.V);
}

/* What lives inside one layer's call, forward or backward. */
static void place_layers_scratch(thor_pass *pass, const thor_shape *shape, bool backward)
{
    const thor_network *net = &pass->network;
    thor_scratch *scratch = &pass->scratch;
    int64_t rows = thor_larger(shape->source_rows, shape->target_rows),
            threads = pass->compute ? pass->compute->par.threads : 1;
    int64_t most = thor_larger(most_assignments(&net->encoder, shape->source_rows),
                          most_assignments(&net->decoder, shape->target_rows));
    int64_t width = thor_larger(shape->source_width, shape->target_width);
    pass->normed = TAKE(float, rows * net->d);
    for (int i = 0; i < (backward ? 8 : 2); i++)
        scratch->rows[i] = TAKE(float, rows * net->d);
    scratch->square_floats = thor_heads_scratch(width, width, net->d / net->H);
    scratch->square = TAKE(float, threads * scratch->square_floats);
    scratch->assigned = TAKE(float, most * net->d);
    if (!backward)
        return;
    scratch->wide = TAKE(float, thor_larger(most, rows) * net->F);
    for (int i = 0; i < 3; i++)
        scratch->routing[i] = TAKE(float, rows * net->E);
    thor_embed_place(&pass->embed, &pass->arena, shape->source_rows + shape->target_rows, net->d, net->V,
                     (int)threads);
}

/* When the loss has its turn, no layer is at work: the logits lie where the layers' scratch does. */
static void place_scratch(thor_pass *pass, const thor_shape *shape, bool backward)
{
    size_t start = thor_arena_mark(&pass->arena);
    place_logits(pass, shape);
    size_t behind_logits = thor_arena_mark(&pass->arena);
    thor_arena_release(&pass->arena, start);
    place_layers_scratch(pass, shape, backward);
    if (thor_arena_mark(&pass->arena) < behind_logits)
        thor_arena_release(&pass->arena, behind_logits);
}

void thor_activations_place_fixed(thor_pass *pass)
{
    int64_t widest = thor_larger(pass->most.source_width, pass->most.target_width);
    pass->positions = TAKE(float, (widest + 2) * pass->network.d);
}

void thor_activations_place(thor_pass *pass, const thor_shape *shape, const thor_squares *squares, bool backward)
{
    place_scratch(pass, shape, backward);
    thor_sublayer_room room = { .arena = &pass->arena, .scratch = &pass->scratch, .config = &pass->model->config,
                                .rows = shape->source_rows, .keys = shape->source_rows,
                                .sentences = shape->sentences, .self_square = squares->source,
                                .training = pass->training };
    place_stack(pass, &pass->network.encoder, &pass->encoder, &room);
    room.rows = shape->target_rows;
    room.self_square = squares->target;
    room.cross_square = squares->cross;
    place_stack(pass, &pass->network.decoder, &pass->decoder, &room);
    if (pass->network.vectors)
        pass->network.vectors->place(pass, &room);
    pass->row_nll = TAKE(float, shape->target_rows);
    pass->row_smooth = TAKE(float, shape->target_rows);
}
