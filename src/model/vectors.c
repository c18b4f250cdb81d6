#include "model/vectors.h"

static void each_of_stack(const thor_stack *stack, const thor_stack_saved *saved, thor_handed_visitor *visit,
                          void *context)
{
    for (int32_t i = 0; i < stack->count; i++)
        if (stack->items[i].ops->handed)
            visit(context, stack->items[i].ops->handed(saved->items[i].kept));
}

void thor_vectors_each(const thor_pass *pass, thor_handed_visitor *visit, void *context)
{
    each_of_stack(&pass->network.encoder, &pass->encoder, visit, context);
    each_of_stack(&pass->network.decoder, &pass->decoder, visit, context);
}

typedef struct {
    const thor_compute *compute;
    float *sum;
    bool any, table;
    int64_t n;
} collection;

static void collect(void *context, const thor_handed *handed)
{
    collection *c = context;
    const float *part = c->table ? handed->table : handed->vectors;
    if (part && c->any)
        thor_rows_add(c->compute, c->sum, c->sum, part, c->n);
    else if (part)
        thor_rows_copy(c->compute, c->sum, part, c->n);
    c->any = c->any || part;
}

bool thor_vectors_collect(const thor_pass *pass, float *sum, bool any, bool table, int64_t n)
{
    collection c = { pass->compute, sum, any, table, n };
    thor_vectors_each(pass, collect, &c);
    return c.any;
}
