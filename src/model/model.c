#include "model/model.h"

#include <stdlib.h>
#include <string.h>

enum { LINE = 64 };

thor_status thor_model_take(thor_model *model, thor_error *error)
{
    size_t bytes = (size_t)model->params.floats * sizeof(float);    /* a multiple of the line: offsets are */
    model->values = aligned_alloc(LINE, bytes);
    if (!model->values)
        return thor_fail(error, THOR_E_MEMORY, "parameters: %zu bytes (%.1f MiB) are not to be had; try a smaller "
                         "model", bytes, (double)bytes / 1048576.0);
    memset(model->values, 0, bytes);
    return THOR_OK;
}

thor_status thor_model_plan(thor_model *model, const thor_config *config, thor_error *error)
{
    *model = (thor_model){ .values = NULL };
    THOR_TRY(thor_config_check(config, error));
    THOR_TRY(thor_config_copy(&model->config, config, error));
    thor_config_settle(&model->config);
    thor_status status = thor_params_make(&model->params, &model->config, error);
    if (status != THOR_OK)
        thor_model_close(model);
    return status;
}

thor_status thor_model_open(thor_model *model, const thor_config *config, thor_error *error)
{
    THOR_TRY(thor_model_plan(model, config, error));
    thor_status status = thor_model_take(model, error);
    if (status != THOR_OK)
        thor_model_close(model);
    return status;
}

void thor_model_close(thor_model *model)
{
    free(model->values);
    thor_params_free(&model->params);
    thor_config_free(&model->config);
    *model = (thor_model){ .values = NULL };
}
