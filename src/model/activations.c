/* One piece of code measures and places: called on an arena without memory it only counts.
 *
 * What stays is what the backward pass, or whoever looks at a pass, could not have again for a copy or a sum; gradients
 * stand where the last reader of a value has left. */
#include "model/activations.h"

#include "nn/heads.h"

#define TAKE(type, count) THOR_TAKE(&pass->arena, type, count)

bool thor_balance_over_tasks(const thor_pass *pass)
{
    return pass->model->config.balance.task_over == THOR_TASK_OVER_TASKS;
}

static uint8_t *masks(thor_pass *pass, double rate, int64_t count)
{
    return pass->training && rate > 0.0 ? TAKE(uint8_t, count) : NULL;
}

/* Activation dropout's masks: where a hidden unit is positive, it was kept, so the backward pass does not ask them.
 * They lie where the hidden units' gradients will. */
static uint8_t *passing_masks(thor_pass *pass)
{
    return pass->training && pass->model->config.model.activation_dropout > 0.0 ? (uint8_t *)pass->scratch.wide : NULL;
}

static void place_attention(thor_pass *pass, thor_attention_saved *saved, int64_t queries, int64_t keys, int64_t square)
{
    const thor_network *net = &pass->network;
    saved->q = TAKE(float, queries * net->d);
    saved->k = TAKE(float, keys * net->d);
    saved->v = TAKE(float, keys * net->d);
    saved->context = TAKE(float, queries * net->d);
    saved->probs = TAKE(float, square * net->H);
    saved->dropout.keep = masks(pass, pass->model->config.model.attention_dropout, square * net->H);
}

static void place_routing(thor_pass *pass, thor_routing *routing, const thor_router *router, int64_t rows, int64_t most)
{
    int64_t E = router->E;
    routing->probs = TAKE(float, rows * E);
    routing->selected = TAKE(int32_t, rows * E);
    routing->gates = TAKE(float, rows * E);
    routing->gate_sum = TAKE(float, rows);
    routing->choice = TAKE(int32_t, rows * (router->policy == THOR_TOP_K ? router->k : 1));
    routing->order = TAKE(uint64_t, rows);
    routing->offset = TAKE(int64_t, E + 1);
    routing->row = TAKE(int32_t, most);
    routing->place = TAKE(int32_t, rows * E);
    routing->f = TAKE(float, E);
    routing->Q = TAKE(float, E);
    routing->logarithm = router->policy == THOR_TOP_P ? TAKE(float, rows * E) : NULL;
}

static void place_task_balance(thor_pass *pass, thor_sublayer_saved *saved, const thor_mixture *mixture,
                               int64_t sentences)
{
    int64_t E = mixture->router.E, rows = sentences;
    saved->task_probs = saved->is.mixture.task_probs;
    saved->task_candidates = saved->is.mixture.candidates;
    if (thor_balance_over_tasks(pass)) {
        rows = pass->network.task.tasks;
        saved->task_probs = TAKE(float, rows * E);
        saved->task_candidates = TAKE(int32_t, rows * E);
    }
    saved->task_f = TAKE(float, E);
    saved->task_Q = TAKE(float, E);
    saved->d_task_rows = TAKE(float, rows * pass->network.d);
}

static void place_mixture(thor_pass *pass, thor_sublayer_saved *sub, const thor_mixture *mixture, int64_t rows,
                          int64_t sentences)
{
    thor_mixture_saved *saved = &sub->is.mixture;
    int64_t d = pass->network.d, F = pass->network.F, E = mixture->router.E;
    int64_t most = thor_router_most_assignments(&mixture->router, rows);
    if (mixture->has_candidates) {
        saved->task_probs = TAKE(float, sentences * E);
        saved->candidates = TAKE(int32_t, sentences * E);
        place_task_balance(pass, sub, mixture, sentences);
    }
    if (mixture->form != THOR_CONTEXT_NONE) {
        saved->context = TAKE(float, rows * d);
        saved->gate = TAKE(float, rows * d);
    }
    saved->input = TAKE(float, rows * d);
    saved->output = TAKE(float, rows * d);
    saved->d_task = mixture->infuse ? TAKE(float, sentences * d) : NULL;
    place_routing(pass, &saved->routing, &mixture->router, rows, most);
    saved->experts.input = pass->scratch.assigned;
    saved->experts.hidden = TAKE(float, most * F);
    saved->experts.output = TAKE(float, most * d);
    saved->experts.products = TAKE(thor_gemm, 2 * E);
    saved->experts.activation.keep = passing_masks(pass);
    saved->experts.dropout.keep = masks(pass, pass->model->config.model.dropout, most * d);
}

/* Pre-norm streams are updated in place within a layer; every layer's output stays. What a layer reads, the norm's
 * output, is made again by the backward pass. Post-norm outputs are the norms' outputs. */
static void place_sublayer(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, int32_t i, int64_t rows,
                           int64_t keys, int64_t sentences, int64_t self, int64_t cross)
{
    const thor_sublayer *sub = &stack->items[i];
    thor_sublayer_saved *s = &saved->items[i];
    int64_t d = pass->network.d;
    s->normed = stack->post ? TAKE(float, rows * d) : pass->normed;
    s->normal = TAKE(float, rows * d);
    s->rstd = TAKE(float, rows);
    bool first = i == 0 || stack->items[i - 1].ends_layer;
    s->output = stack->post ? s->normed : first ? TAKE(float, rows * d) : saved->items[i - 1].output;
    if (sub->kind != THOR_MIXTURE)
        s->residual.keep = masks(pass, pass->model->config.model.dropout, rows * d);
    if (sub->kind == THOR_SELF_ATTENTION)
        place_attention(pass, &s->is.attention, rows, rows, self);
    else if (sub->kind == THOR_CROSS_ATTENTION)
        place_attention(pass, &s->is.attention, rows, keys, cross);
    else if (sub->kind == THOR_MIXTURE)
        place_mixture(pass, s, &sub->is.mixture, rows, sentences);
    else {
        s->is.ffn.hidden = TAKE(float, rows * pass->network.F);
        s->is.ffn.dropout.keep = passing_masks(pass);
    }
}

static void place_stack(thor_pass *pass, const thor_stack *stack, thor_stack_saved *saved, int64_t rows, int64_t keys,
                        int64_t sentences, int64_t self, int64_t cross)
{
    int64_t d = pass->network.d;
    saved->sentence = TAKE(int32_t, rows);
    saved->self_offset = TAKE(int64_t, sentences + 1);
    saved->cross_offset = TAKE(int64_t, sentences + 1);
    saved->embedded = TAKE(float, rows * d);
    saved->embed.keep = masks(pass, pass->model->config.model.dropout, rows * d);
    for (int32_t i = 0; i < stack->count; i++)
        place_sublayer(pass, stack, saved, i, rows, keys, sentences, self, cross);
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

static void place_task(thor_pass *pass, int64_t sentences)
{
    int64_t d = pass->network.d, K = pass->network.task.tasks, rows = sentences > K ? sentences : K;
    thor_task_saved *task = &pass->task;
    task->pooled = TAKE(float, sentences * d);
    task->from = TAKE(int32_t, sentences * d);
    task->probs = TAKE(float, sentences * K);
    task->mixed = TAKE(float, sentences * d);
    task->predicted = TAKE(int32_t, sentences);
    task->d_probs = TAKE(float, sentences * K);
    task->nll = TAKE(float, sentences);
    pass->d_pooled = TAKE(float, sentences * d);
    pass->d_task = TAKE(float, sentences * d);
    pass->d_task_logits = TAKE(float, rows * pass->network.E);
}

static int64_t most_assignments(const thor_stack *stack, int64_t rows)
{
    for (int32_t i = 0; i < stack->count; i++)
        if (stack->items[i].kind == THOR_MIXTURE)
            return thor_router_most_assignments(&stack->items[i].is.mixture.router, rows);
    return 0;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* About 64 MiB of logits at a time. */
static int64_t logits_rows(int64_t vocabulary, int64_t rows)
{
    int64_t block = larger(((int64_t)16 << 20) / vocabulary, 64);
    return block < rows ? block : larger(rows, 1);
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
    int64_t rows = larger(shape->source_rows, shape->target_rows),
            threads = pass->compute ? pass->compute->par.threads : 1;
    int64_t most = larger(most_assignments(&net->encoder, shape->source_rows),
                          most_assignments(&net->decoder, shape->target_rows));
    int64_t width = larger(shape->source_width, shape->target_width);
    pass->normed = TAKE(float, rows * net->d);
    for (int i = 0; i < (backward ? 8 : 2); i++)
        scratch->rows[i] = TAKE(float, rows * net->d);
    scratch->square_floats = thor_heads_scratch(width, width, net->d / net->H);
    scratch->square = TAKE(float, threads * scratch->square_floats);
    scratch->assigned = TAKE(float, most * net->d);
    if (!backward)
        return;
    scratch->wide = TAKE(float, larger(most, rows) * net->F);
    for (int i = 0; i < 3; i++)
        scratch->routing[i] = TAKE(float, rows * net->E);
    pass->embed.start = TAKE(int64_t, net->V + 1);
    pass->embed.order = TAKE(int64_t, shape->source_rows + shape->target_rows);
    pass->embed.sums = TAKE(float, threads * 2 * net->d);
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
    int64_t widest = larger(pass->most.source_width, pass->most.target_width);
    pass->positions = TAKE(float, (widest + 2) * pass->network.d);
}

void thor_activations_place(thor_pass *pass, const thor_shape *shape, const thor_squares *squares, bool backward)
{
    place_scratch(pass, shape, backward);
    place_stack(pass, &pass->network.encoder, &pass->encoder, shape->source_rows, shape->source_rows, shape->sentences,
                squares->source, 0);
    place_stack(pass, &pass->network.decoder, &pass->decoder, shape->target_rows, shape->source_rows, shape->sentences,
                squares->target, squares->cross);
    if (pass->network.has_task)
        place_task(pass, shape->sentences);
    pass->row_nll = TAKE(float, shape->target_rows);
    pass->row_smooth = TAKE(float, shape->target_rows);
}
