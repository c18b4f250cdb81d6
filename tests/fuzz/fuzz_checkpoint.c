/* A checkpoint with one file changed: the model, its moments and its state. */
#include <stdlib.h>

#include "file/checkpoint.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *folder = fuzz_folder("checkpoint", data, size);
    thor_model model;
    thor_state state;
    char *vocabulary = NULL;
    thor_error error;
    if (!folder)
        return 0;
    thor_checkpoint_state(&state, folder, &error);
    if (thor_checkpoint_open(&model, &vocabulary, folder, &error) != THOR_OK)
        return 0;
    float *moments = calloc(2, (size_t)model.params.floats * sizeof *moments);
    if (moments)
        thor_checkpoint_moments(&model.params, moments, moments + model.params.floats, folder, &error);
    free(moments);
    free(vocabulary);
    thor_model_close(&model);
    return 0;
}
