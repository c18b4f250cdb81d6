#include "model/bind.h"

#include <stdio.h>

/* What finding a parameter needs; the first name that is missing stays. */
typedef struct {
    const thor_model *model;
    char missing[THOR_MAX_NAME];
} binder;

static const float *find(void *context, const thor_weight *weight)
{
    binder *b = context;
    int32_t index = thor_params_find(&b->model->params, weight->name);
    if (index >= 0)
        return b->model->values ? b->model->values + b->model->params.items[index].offset : NULL;
    if (!b->missing[0])
        snprintf(b->missing, sizeof b->missing, "%.*s", THOR_MAX_NAME - 1, weight->name);
    return NULL;
}

thor_status thor_network_open(thor_network *network, const thor_model *model, thor_error *error)
{
    binder b = { .model = model };
    const thor_weights weights = { .take = find, .context = &b };
    THOR_TRY(thor_network_make(network, &model->config, &weights, error));
    if (!b.missing[0])
        return THOR_OK;
    thor_network_close(network);
    return thor_fail(error, THOR_E_FAILED, "the table of parameters has no tensor '%s' that the layers need",
                     b.missing);
}
