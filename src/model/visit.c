/* The tensors of the last forward pass under the names of golden folders. */
#include <stdio.h>
#include <string.h>

#include "model/activations.h"
#include "model/vectors.h"

/* Where the tensors belong that are shown now. */
typedef struct {
    thor_pass_visitor *visit;
    void *context;
    thor_rows_of side;
    int64_t sentences, rows;
    char prefix[32];
} viewer;

static void show(void *context, thor_view_rows rows, thor_dtype dtype, const void *data, int64_t width,
                 const char *name)
{
    const viewer *v = context;
    bool sentences = rows == THOR_VIEW_SENTENCES;
    thor_tensor tensor = { .dtype = dtype, .dims = 2, .shape = { sentences ? v->sentences : v->rows, width } };
    snprintf(tensor.name, sizeof tensor.name, "%s%s", v->prefix, name);
    memcpy(&tensor.data, &data, sizeof data);
    v->visit(v->context, &tensor, sentences ? THOR_OF_SENTENCES : v->side);
}

static void show_stack(viewer *v, const thor_stack *stack, const thor_stack_saved *saved, thor_rows_of side, int64_t d)
{
    const thor_viewer view = { show, v };
    v->side = side;
    v->rows = saved->packing.rows;
    for (int32_t i = 0; i < stack->count; i++) {
        const thor_sublayer *sub = &stack->items[i];
        snprintf(v->prefix, sizeof v->prefix, "%s.layers.%d.", stack->name, (int)sub->layer);
        if (sub->ops->show)
            sub->ops->show(sub, saved->items[i].kept, &view);
        if (sub->ends_layer)
            thor_viewer_show(&view, THOR_VIEW_ROWS, THOR_F32, saved->items[i].output, d, "output");
    }
    snprintf(v->prefix, sizeof v->prefix, "%s.", stack->name);
    thor_viewer_show(&view, THOR_VIEW_ROWS, THOR_F32, saved->output, d, "output");
}

void thor_pass_visit(const thor_pass *pass, thor_pass_visitor *visit, void *context)
{
    viewer v = { .visit = visit, .context = context, .sentences = pass->batch->sentences };
    const thor_viewer view = { show, &v };
    const thor_network *network = &pass->network;
    if (network->vectors && network->vectors->show)
        network->vectors->show(pass, &view);
    show_stack(&v, &network->encoder, &pass->encoder, THOR_OF_SOURCE, network->d);
    show_stack(&v, &network->decoder, &pass->decoder, THOR_OF_TARGET, network->d);
}

/* ---- inside a layer, during the forward pass ------------------------------------------------------------------- */

static void show_inside(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved,
                        const float *values, const char *place, const char *what)
{
    const thor_inside *inside = pass->options.inside;
    thor_tensor tensor = { .dtype = THOR_F32, .dims = 2, .shape = { saved->packing.rows, pass->network.d } };
    snprintf(tensor.name, sizeof tensor.name, "%s.%s%s", stack->name, place, what);
    memcpy(&tensor.data, &values, sizeof values);
    inside->visit(inside->context, &tensor, stack->number == 0 ? THOR_OF_SOURCE : THOR_OF_TARGET);
}

static void show_in_layer(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i,
                          const float *values, const char *what)
{
    char place[48];
    const thor_sublayer *sub = &stack->items[i];
    snprintf(place, sizeof place, "layers.%d.%s", (int)sub->layer, sub->ops->tensor);
    show_inside(pass, stack, saved, values, place, what);
}

void thor_inside_embedding(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved)
{
    if (pass->options.inside)
        show_inside(pass, stack, saved, saved->embedded, "", "embed.output");
}

void thor_inside_norm(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i)
{
    const thor_sublayer_saved *s = &saved->items[i];
    if (pass->options.inside)
        show_in_layer(pass, stack, saved, i, stack->post ? s->output : s->normed, "_norm.output");
}

/* A kind that shows its tensors has its output among them. */
void thor_inside_output(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i,
                        const float *y)
{
    if (!pass->options.inside || stack->items[i].ops->show)
        return;
    float *room = pass->options.inside->room;
    thor_rows_dropout(pass->compute, room, NULL, y, &saved->items[i].residual, NULL, &saved->packing,
                      pass->network.d);
    show_in_layer(pass, stack, saved, i, room, ".output");
}
