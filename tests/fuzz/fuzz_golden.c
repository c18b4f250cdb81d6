/* A golden folder with one file changed: everything that golden check and golden compare read of it. */
#include <stdio.h>

#include "file/golden_facts.h"
#include "file/golden_folder.h"
#include "model/model.h"
#include "tests/fuzz/fuzz.h"

static thor_status take(void *context, int64_t update, const char *key, double value)
{
    *(double *)context += (double)update + value + (key[0] != '\0');
    return THOR_OK;
}

static const char *inside(const char *folder, const char *name)
{
    static char path[2048];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "total", "nll" };
    const char *folder = fuzz_folder("golden", data, size);
    thor_golden_facts facts;
    thor_model model;
    thor_error error;
    double values[2], sum = 0;
    size_t count;
    if (!folder)
        return 0;
    thor_golden_facts_read(&facts, inside(folder, "golden.json"), &error);
    thor_golden_updates_read(inside(folder, "golden.json"), take, &sum, &error);
    thor_losses_read(inside(folder, "losses.json"), names, values, 2, true, &error);
    const char *const *files = thor_golden_file_names(&count);
    for (size_t i = 0; i < count; i++) {
        thor_tensor_list list = { .items = NULL };
        thor_tensor_list_read(&list, inside(folder, files[i]), &error);
        thor_tensor_list_free(&list);
    }
    if (thor_golden_model_open(&model, folder, &error) != THOR_OK)
        return 0;
    thor_read_batch read = { .offsets = NULL };
    thor_golden_batch_read(&read, inside(folder, "batch.safetensors"), &model.config, &error);
    thor_golden_batch_free(&read);
    thor_model_close(&model);
    return 0;
}
