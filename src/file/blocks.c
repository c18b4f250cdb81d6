/* Blocks of parameters as safetensors files: weights, and Adam's moments. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/safetensors.h"

static void name_of(char name[THOR_MAX_NAME], const thor_block *block, const thor_param *param)
{
    snprintf(name, THOR_MAX_NAME, "%s%.*s", block->prefix, THOR_MAX_NAME - 8, param->name);
}

void thor_blocks_list(thor_tensor *tensors, const thor_params *params, const thor_block *blocks, size_t count)
{
    for (size_t i = 0; i < count * (size_t)params->count; i++) {
        const thor_block *block = &blocks[i / (size_t)params->count];
        const thor_param *param = &params->items[i % (size_t)params->count];
        tensors[i] = (thor_tensor){ .dtype = THOR_F32, .dims = param->dims };
        tensors[i].data = block->values ? block->values + param->offset : NULL;
        memcpy(tensors[i].shape, param->shape, sizeof param->shape);
        name_of(tensors[i].name, block, param);
    }
}

thor_status thor_blocks_write(const char *path, const thor_params *params, const thor_block *blocks, size_t count,
                              thor_error *error)
{
    size_t total = count * (size_t)params->count;
    thor_tensor *tensors = calloc(total + 1, sizeof *tensors);
    if (!tensors)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a list of %zu tensors", path, total);
    thor_blocks_list(tensors, params, blocks, count);
    thor_status status = thor_safetensors_write(path, tensors, total, error);
    free(tensors);
    return status;
}

static void shape_text(char *text, size_t room, int dims, const int64_t *shape)
{
    size_t used = 0;
    for (int i = 0; i < dims && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%lld", i ? ", " : "", (long long)shape[i]);
    if (dims == 0)
        text[0] = '\0';
}

static bool same_shape(const thor_tensor *tensor, const thor_param *param)
{
    bool same = tensor->dims == param->dims;
    for (int i = 0; same && i < param->dims; i++)
        same = tensor->shape[i] == param->shape[i];
    return same;
}

static thor_status compare_one(const thor_safetensors *file, const thor_block *block, const thor_param *param,
                            thor_error *error)
{
    char name[THOR_MAX_NAME], found[128], expected[128];
    name_of(name, block, param);
    const thor_stored *stored = thor_safetensors_find(file, name);
    if (!stored)
        return thor_fail(error, THOR_E_FORMAT, "%s: there is no tensor '%s', which the configuration asks for",
                         file->path, name);
    shape_text(found, sizeof found, stored->tensor.dims, stored->tensor.shape);
    shape_text(expected, sizeof expected, param->dims, param->shape);
    if (!same_shape(&stored->tensor, param))
        return thor_fail(error, THOR_E_FORMAT, "%s: tensor '%s' has the shape [%s], but the configuration asks for "
                         "[%s]", file->path, name, found, expected);
    if (stored->tensor.dtype != THOR_F32)
        return thor_fail(error, THOR_E_FORMAT, "%s: tensor '%s' has the type %s, but only F32 is read", file->path,
                         name, thor_dtype_name(stored->tensor.dtype));
    return THOR_OK;
}

/* All of the table is there: a tensor more than those is one that nobody would read. */
static thor_status fail_extra(const thor_safetensors *file, const thor_params *params, const thor_block *blocks,
                              size_t count, thor_error *error)
{
    for (size_t i = 0; i < file->count; i++) {
        const char *name = file->items[i].tensor.name;
        bool known = false;
        for (size_t b = 0; b < count && !known; b++) {
            size_t length = strlen(blocks[b].prefix);
            known = strncmp(name, blocks[b].prefix, length) == 0 && thor_params_find(params, name + length) >= 0;
        }
        if (!known)
            return thor_fail(error, THOR_E_FORMAT, "%s: tensor '%s' belongs to no parameter of this configuration",
                             file->path, name);
    }
    return THOR_OK;
}

thor_status thor_blocks_compare(const thor_safetensors *file, const thor_params *params, const thor_block *blocks,
                                size_t count, thor_error *error)
{
    for (size_t b = 0; b < count; b++)
        for (int32_t t = 0; t < params->count; t++)
            THOR_TRY(compare_one(file, &blocks[b], &params->items[t], error));
    return fail_extra(file, params, blocks, count, error);
}

static thor_status copy_one(const thor_safetensors *file, const thor_block *block, const thor_param *param,
                            thor_error *error)
{
    char name[THOR_MAX_NAME];
    float *values = block->values + param->offset;
    name_of(name, block, param);
    thor_stored_copy(thor_safetensors_find(file, name), values);
    for (int64_t i = 0; i < param->count; i++)
        if (!isfinite(values[i]))
            return thor_fail(error, THOR_E_NUMBER, "%s: tensor '%s': element %lld is not a finite number", file->path,
                             name, (long long)i);
    return THOR_OK;
}

thor_status thor_blocks_copy(const thor_safetensors *file, const thor_params *params, const thor_block *blocks,
                             size_t count, thor_error *error)
{
    for (size_t b = 0; b < count; b++)
        for (int32_t t = 0; t < params->count && blocks[b].values; t++)
            THOR_TRY(copy_one(file, &blocks[b], &params->items[t], error));
    return THOR_OK;
}

thor_status thor_blocks_read(const char *path, const thor_params *params, const thor_block *blocks, size_t count,
                             thor_error *error)
{
    thor_safetensors file;
    thor_status status = thor_safetensors_open(&file, path, error);
    if (status == THOR_OK)
        status = thor_blocks_compare(&file, params, blocks, count, error);
    if (status == THOR_OK)
        status = thor_blocks_copy(&file, params, blocks, count, error);
    thor_safetensors_close(&file);
    return status;
}
