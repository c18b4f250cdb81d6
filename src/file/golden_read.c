/* What a golden folder begins with, as somebody else may have written it: nothing in it is trusted. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "file/golden_folder.h"
#include "file/safetensors.h"
#include "file/stored_model.h"

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

thor_status thor_golden_model_open(thor_model *model, const char *folder, thor_error *error)
{
    char *config = thor_path(folder, "config.json"), *weights = thor_path(folder, "initial.safetensors");
    *model = (thor_model){ .values = NULL };
    thor_status status = config && weights ? thor_stored_model_plan(model, config, error)
                                           : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    if (status == THOR_OK)
        status = thor_stored_model_take(model, weights, error);
    if (status != THOR_OK)
        thor_model_close(model);
    free(config);
    free(weights);
    return status;
}
