#include "file/stored_model.h"

#include "file/config_json.h"
#include "file/safetensors.h"

thor_status thor_stored_model_plan(thor_model *model, const char *path, thor_error *error)
{
    thor_config config;
    thor_error inner;
    *model = (thor_model){ .values = NULL };
    THOR_TRY(thor_config_read_written(&config, path, error));
    thor_status status = thor_model_plan(model, &config, &inner);
    thor_config_free(&config);
    if (status == THOR_OK)
        return THOR_OK;
    return thor_fail(error, status == THOR_E_USAGE ? THOR_E_FORMAT : status, "%s: %.900s", path, inner.text);
}

thor_status thor_stored_model_take(thor_model *model, const char *path, thor_error *error)
{
    thor_safetensors file;
    thor_block block = { "", NULL };
    thor_status status = thor_safetensors_open(&file, path, error);
    if (status == THOR_OK)
        status = thor_blocks_compare(&file, &model->params, &block, 1, error);
    if (status == THOR_OK)
        status = thor_model_take(model, NULL, error);
    block.values = model->values;
    if (status == THOR_OK)
        status = thor_blocks_copy(&file, &model->params, &block, 1, error);
    thor_safetensors_close(&file);
    return status;
}
