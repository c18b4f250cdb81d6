/* What a golden folder begins with, as somebody else may have written it: nothing in it is trusted. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "file/config_json.h"
#include "file/golden_folder.h"
#include "file/safetensors.h"

/* ---- lists of tensors ------------------------------------------------------------------------------------------ */

thor_status thor_tensor_list_read(thor_tensor_list *list, const char *path, thor_error *error)
{
    thor_safetensors file;
    thor_status status = thor_safetensors_open(&file, path, error);
    *list = (thor_tensor_list){ .items = NULL };
    for (size_t i = 0; i < file.count && status == THOR_OK; i++) {
        void *data;
        status = thor_tensor_list_add(list, &file.items[i].tensor, &data, error);
        if (status == THOR_OK)
            thor_stored_copy(&file.items[i], data);
    }
    thor_safetensors_close(&file);
    return status;
}

/* ---- the model ------------------------------------------------------------------------------------------------- */

/* Said before the size: half as many bytes are mostly another type. */
static thor_status check_type(const char *path, thor_error *error)
{
    thor_safetensors file;
    thor_status status = thor_safetensors_open(&file, path, error);
    for (size_t i = 0; i < file.count && status == THOR_OK; i++)
        if (file.items[i].tensor.dtype != THOR_F32)
            status = thor_fail(error, THOR_E_FORMAT, "%s: '%s' has the type %s; expected F32", path,
                               file.items[i].tensor.name, thor_dtype_name(file.items[i].tensor.dtype));
    thor_safetensors_close(&file);
    return status;
}

static thor_status check_size(const thor_model *model, const char *path, thor_error *error)
{
    thor_map map;
    thor_status status = thor_map_open(&map, path, error);
    if (status == THOR_OK && map.count / sizeof(float) < (uint64_t)model->params.elements)
        status = thor_fail(error, THOR_E_FORMAT, "%s: its %zu bytes are too few for the %lld parameters that "
                           "config.json asks for", path, map.count, (long long)model->params.elements);
    thor_map_close(&map);
    return status;
}

static thor_status fill_model(thor_model *model, const char *folder, thor_error *error)
{
    char *path = thor_path(folder, "initial.safetensors");
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = check_type(path, error);
    if (status == THOR_OK)
        status = check_size(model, path, error);
    if (status == THOR_OK)
        status = thor_model_take(model, error);
    if (status == THOR_OK) {
        thor_block block = { "", model->values };
        status = thor_blocks_read(path, &model->params, &block, 1, error);
    }
    free(path);
    return status;
}

thor_status thor_golden_model_open(thor_model *model, const char *folder, thor_error *error)
{
    thor_config config;
    char *path = thor_path(folder, "config.json");
    *model = (thor_model){ .values = NULL };
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = thor_config_read_written(&config, path, error);
    free(path);
    THOR_TRY(status);
    status = thor_model_plan(model, &config, error);
    thor_config_free(&config);
    if (status == THOR_OK)
        status = fill_model(model, folder, error);
    if (status != THOR_OK)
        thor_model_close(model);
    return status;
}
