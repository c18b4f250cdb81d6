#include "model/vectors.h"

static bool collect_stack(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, float *sum,
                          bool any, bool table, int64_t n)
{
    for (int32_t i = 0; i < stack->count; i++) {
        const thor_sublayer_ops *ops = stack->items[i].ops;
        const thor_handed *handed = ops->handed ? ops->handed(saved->items[i].kept) : NULL;
        const float *part = !handed ? NULL : table ? handed->table : handed->vectors;
        if (part && any)
            thor_rows_add(pass->compute, sum, sum, part, n);
        else if (part)
            thor_rows_copy(pass->compute, sum, part, n);
        any = any || part;
    }
    return any;
}

bool thor_vectors_collect(const thor_pass *pass, float *sum, bool any, bool table, int64_t n)
{
    any = collect_stack(pass, &pass->network.encoder, &pass->encoder, sum, any, table, n);
    return collect_stack(pass, &pass->network.decoder, &pass->decoder, sum, any, table, n);
}
