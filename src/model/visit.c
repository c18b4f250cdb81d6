/* The tensors of the last forward pass under the names of golden folders. */
#include <stdio.h>
#include <string.h>

#include "model/activations.h"

typedef struct {
    thor_pass_visitor *visit;
    void *context;
} viewer;

static void show(const viewer *v, thor_rows rows, thor_dtype dtype, const void *data, int64_t count, int64_t width,
                 const char *stack, int32_t layer, const char *name)
{
    thor_tensor tensor = { .dtype = dtype, .dims = 2, .shape = { count, width } };
    if (layer >= 0)
        snprintf(tensor.name, sizeof tensor.name, "%s.layers.%d.%s", stack, (int)layer, name);
    else
        snprintf(tensor.name, sizeof tensor.name, "%s.%s", stack, name);
    memcpy(&tensor.data, &data, sizeof data);
    v->visit(v->context, &tensor, rows);
}

static void show_mixture(const viewer *v, const thor_pass *pass, const thor_sublayer *sub,
                         const thor_sublayer_saved *saved, const thor_stack *stack, thor_rows rows, int64_t count)
{
    const thor_mixture *m = &sub->is.mixture;
    const thor_mixture_saved *s = &saved->is.mixture;
    int64_t E = m->router.E, d = m->router.d, B = pass->batch->sentences;
    if (m->has_candidates) {
        show(v, THOR_ROWS_SENTENCES, THOR_F32, s->task_probs, B, E, stack->name, sub->layer, "moe.task_probs");
        show(v, THOR_ROWS_SENTENCES, THOR_I32, s->candidates, B, E, stack->name, sub->layer, "moe.candidates");
    }
    if (m->form != THOR_CONTEXT_NONE)
        show(v, rows, THOR_F32, s->context, count, d, stack->name, sub->layer, "moe.context");
    show(v, rows, THOR_F32, s->input, count, d, stack->name, sub->layer, "moe.routing_input");
    show(v, rows, THOR_F32, s->routing.probs, count, E, stack->name, sub->layer, "moe.router_probs");
    show(v, rows, THOR_I32, s->routing.selected, count, E, stack->name, sub->layer, "moe.selected");
    show(v, rows, THOR_F32, s->routing.gates, count, E, stack->name, sub->layer, "moe.gates");
    show(v, rows, THOR_F32, s->output, count, d, stack->name, sub->layer, "moe.output");
}

static void show_stack(const viewer *v, const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved,
                       thor_rows rows)
{
    int64_t count = saved->packing.rows, d = pass->network.d;
    for (int32_t i = 0; i < stack->count; i++) {
        const thor_sublayer *sub = &stack->items[i];
        if (sub->kind == THOR_MIXTURE)
            show_mixture(v, pass, sub, &saved->items[i], stack, rows, count);
        if (sub->ends_layer)
            show(v, rows, THOR_F32, saved->items[i].output, count, d, stack->name, sub->layer, "output");
    }
    show(v, rows, THOR_F32, saved->output, count, d, stack->name, -1, "output");
}

static void show_task(const viewer *v, const thor_pass *pass)
{
    int64_t B = pass->batch->sentences;
    show(v, THOR_ROWS_SENTENCES, THOR_F32, pass->task.probs, B, pass->network.task.tasks, "task", -1, "probs");
    show(v, THOR_ROWS_SENTENCES, THOR_F32, pass->task.mixed, B, pass->network.d, "task", -1, "mixed");
}

void thor_pass_visit(const thor_pass *pass, thor_pass_visitor *visit, void *context)
{
    viewer v = { visit, context };
    if (pass->network.has_task)
        show_task(&v, pass);
    show_stack(&v, pass, &pass->network.encoder, &pass->encoder, THOR_ROWS_SOURCE);
    show_stack(&v, pass, &pass->network.decoder, &pass->decoder, THOR_ROWS_TARGET);
}
