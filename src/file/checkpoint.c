#include "file/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/checksums.h"
#include "file/config_json.h"
#include "file/safetensors.h"
#include "file/stored_model.h"

/* ---- writing --------------------------------------------------------------------------------------------------- */

typedef thor_status write_part(const char *path, const thor_checkpoint *checkpoint, thor_error *error);

static thor_status write_config(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    char *text;
    THOR_TRY(thor_config_text(&text, &checkpoint->model->config, checkpoint->version, error));
    thor_status status = thor_write_file(path, text, strlen(text), error);
    free(text);
    return status;
}

static thor_status write_vocabulary(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    return thor_write_file(path, checkpoint->vocabulary, checkpoint->vocabulary_count, error);
}

static thor_status write_weights(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    thor_block block = { "", checkpoint->model->values };
    return thor_blocks_write(path, &checkpoint->model->params, &block, 1, error);
}

static thor_status write_moments(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    thor_block blocks[] = { { "m.", checkpoint->m }, { "v.", checkpoint->v } };
    return thor_blocks_write(path, &checkpoint->model->params, blocks, 2, error);
}

/* Moments that lie in several processes. */
static thor_status fill_moment(void *context, const thor_tensor *tensor, int64_t first, int64_t count, void *values,
                               thor_error *error)
{
    const thor_checkpoint *checkpoint = context;
    const thor_params *params = &checkpoint->model->params;
    int32_t parameter = thor_params_find(params, tensor->name + strlen("m."));
    return checkpoint->read_moment(checkpoint->reader, tensor->name[0] == 'v',
                                   params->items[parameter].offset + first, count, values, error);
}

static thor_status write_read_moments(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    const thor_block blocks[] = { { "m.", NULL }, { "v.", NULL } };
    const thor_params *params = &checkpoint->model->params;
    thor_checkpoint source = *checkpoint;
    thor_tensor *tensors = calloc(2 * (size_t)params->count + 1, sizeof *tensors);
    if (!tensors)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a list of %d tensors", path, 2 * params->count);
    thor_blocks_list(tensors, params, blocks, 2);
    thor_status status = thor_safetensors_write_filled(path, tensors, 2 * (size_t)params->count, fill_moment, &source,
                                                       error);
    free(tensors);
    return status;
}

static thor_status write_state(const char *path, const thor_checkpoint *checkpoint, thor_error *error)
{
    return thor_state_write(path, checkpoint->state, error);
}

static thor_status write_into(const char *folder, const char *name, write_part *write,
                              const thor_checkpoint *checkpoint, thor_error *error)
{
    char *path = thor_path(folder, name);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", name);
    thor_status status = write(path, checkpoint, error);
    free(path);
    return status;
}

static const char *const sealed[] = { "config.json", "optimizer.safetensors", "state.json", "vocab.model",
                                      "weights.safetensors" };

static thor_status write_all(void *context, const char *folder, thor_error *error)
{
    const thor_checkpoint *checkpoint = context;
    THOR_TRY(write_into(folder, "config.json", write_config, checkpoint, error));
    THOR_TRY(write_into(folder, "vocab.model", write_vocabulary, checkpoint, error));
    THOR_TRY(write_into(folder, "weights.safetensors", write_weights, checkpoint, error));
    if (checkpoint->read_moment)
        THOR_TRY(write_into(folder, "optimizer.safetensors", write_read_moments, checkpoint, error));
    else if (checkpoint->m && checkpoint->v)
        THOR_TRY(write_into(folder, "optimizer.safetensors", write_moments, checkpoint, error));
    if (checkpoint->state)
        THOR_TRY(write_into(folder, "state.json", write_state, checkpoint, error));
    return thor_checksums_write(folder, sealed, sizeof sealed / sizeof *sealed, error);
}

thor_status thor_checkpoint_write(const char *folder, const thor_checkpoint *checkpoint, thor_error *error)
{
    thor_checkpoint written = *checkpoint;
    return thor_folder_write(folder, write_all, &written, error);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool has_file(const char *folder, const char *name)
{
    struct stat facts;
    char *path = thor_path(folder, name);
    bool there = path && stat(path, &facts) == 0;
    free(path);
    return there;
}

thor_status thor_checkpoint_find(char **folder, const char *path, thor_error *error)
{
    static const char *const places[] = { "", "best", "last" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        *folder = places[i][0] ? thor_path(path, places[i]) : strdup(path);
        if (!*folder)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its name", path);
        if (has_file(*folder, "weights.safetensors"))
            return THOR_OK;
        free(*folder);
    }
    *folder = NULL;
    return thor_fail(error, THOR_E_IO, "%s: no checkpoint there: expected weights.safetensors in it, or in its "
                     "folder best or last", path);
}

/* The path of one of the files, whose content is what was written. */
static thor_status listed_path(char **path, thor_checksums *sums, const char *name, thor_error *error)
{
    *path = NULL;
    THOR_TRY(thor_checksums_compare(sums, name, error));
    *path = thor_path(sums->folder, name);
    return *path ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", sums->folder);
}

/* The same for one file alone. */
static thor_status with_path(char **path, const char *folder, const char *name, thor_error *error)
{
    thor_checksums sums;
    *path = NULL;
    thor_status status = thor_checksums_open(&sums, folder, error);
    if (status == THOR_OK)
        status = listed_path(path, &sums, name, error);
    thor_checksums_close(&sums);
    return status;
}

static thor_status read_weights(thor_model *model, thor_checksums *sums, thor_error *error)
{
    char *path;
    thor_block block = { "", model->values };
    THOR_TRY(listed_path(&path, sums, "weights.safetensors", error));
    thor_status status = thor_blocks_read(path, &model->params, &block, 1, error);
    free(path);
    return status;
}

/* As read_weights, for a model without values: memory is taken once the file was found to fill it. */
static thor_status take_weights(thor_model *model, thor_checksums *sums, thor_error *error)
{
    char *path;
    THOR_TRY(listed_path(&path, sums, "weights.safetensors", error));
    thor_status status = thor_stored_model_take(model, path, error);
    free(path);
    return status;
}

static thor_status read_config(thor_config *config, thor_checksums *sums, thor_error *error)
{
    char *path;
    THOR_TRY(listed_path(&path, sums, "config.json", error));
    thor_status status = thor_config_read_written(config, path, error);
    free(path);
    return status;
}

thor_status thor_checkpoint_weights(thor_model *model, const char *folder, thor_error *error)
{
    thor_checksums sums;
    thor_status status = thor_checksums_open(&sums, folder, error);
    if (status == THOR_OK)
        status = read_weights(model, &sums, error);
    thor_checksums_close(&sums);
    return status;
}

thor_status thor_checkpoint_moments(const thor_params *params, float *m, float *v, const char *folder,
                                    thor_error *error)
{
    char *path;
    thor_block blocks[] = { { "m.", m }, { "v.", v } };
    THOR_TRY(with_path(&path, folder, "optimizer.safetensors", error));
    thor_status status = thor_blocks_read(path, params, blocks, 2, error);
    free(path);
    return status;
}

thor_status thor_checkpoint_state(thor_state *state, const char *folder, thor_error *error)
{
    char *path;
    THOR_TRY(with_path(&path, folder, "state.json", error));
    thor_status status = thor_state_read(state, path, error);
    free(path);
    return status;
}

thor_status thor_checkpoint_config(thor_config *config, const char *folder, thor_error *error)
{
    thor_checksums sums;
    thor_status status = thor_checksums_open(&sums, folder, error);
    if (status == THOR_OK)
        status = read_config(config, &sums, error);
    thor_checksums_close(&sums);
    return status;
}

static thor_status open_listed(thor_model *model, char **vocabulary, thor_checksums *sums, thor_error *error)
{
    char *config;
    if (vocabulary)
        THOR_TRY(listed_path(vocabulary, sums, "vocab.model", error));
    THOR_TRY(listed_path(&config, sums, "config.json", error));
    thor_status status = thor_stored_model_plan(model, config, error);
    free(config);
    return status == THOR_OK ? take_weights(model, sums, error) : status;
}

thor_status thor_checkpoint_open(thor_model *model, char **vocabulary, const char *folder, thor_error *error)
{
    thor_checksums sums;
    *model = (thor_model){ .values = NULL };
    if (vocabulary)
        *vocabulary = NULL;
    thor_status status = thor_checksums_open(&sums, folder, error);
    if (status == THOR_OK)
        status = open_listed(model, vocabulary, &sums, error);
    thor_checksums_close(&sums);
    if (status == THOR_OK)
        return THOR_OK;
    thor_model_close(model);
    if (vocabulary) {
        free(*vocabulary);
        *vocabulary = NULL;
    }
    return status;
}
