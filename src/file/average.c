/* The mean of checkpoints: compared first, then written tensor by tensor from the mapped files. */
#include "file/average.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/little_endian.h"
#include "file/checkpoint.h"
#include "file/checksums.h"
#include "file/config_json.h"
#include "file/safetensors.h"
#include "file/stored_model.h"
#include "model/keys.h"

enum { PIECE = 1 << 14 };               /* most values of a tensor at a time: 64 KiB of floats */

typedef struct average {
    const thor_average_list *list;
    const char *version;
    thor_model model;                   /* of the first, planned only */
    thor_safetensors *files;            /* [list->count] weights */
    double sums[PIECE];
} average;

/* ---- comparing ---- */

static thor_status compare_key(const average *a, const thor_config *config, size_t index, const char *key,
                               thor_error *error)
{
    char *first = thor_config_value(&a->model.config, key), *other = thor_config_value(config, key);
    thor_status status = THOR_OK;
    if (!first || !other)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for comparing %s", key);
    else if (strcmp(first, other) != 0)
        status = thor_fail(error, THOR_E_FAILED, "%s is %.100s in %s, but %.100s in %s: only checkpoints of one "
                           "configuration have a mean", key, first, a->list->folders[0], other,
                           a->list->folders[index]);
    free(first);
    free(other);
    return status;
}

static thor_status compare_configuration(const average *a, size_t index, thor_error *error)
{
    thor_config config;
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    THOR_TRY(thor_checkpoint_config(&config, a->list->folders[index], error));
    thor_status status = THOR_OK;
    for (size_t i = 0; i < count && status == THOR_OK; i++)
        status = compare_key(a, &config, index, keys[i].name, error);
    thor_config_free(&config);
    return status;
}

static thor_status compare_vocabulary(const average *a, size_t index, thor_error *error)
{
    char first[65], other[65];
    const char *const *folders = (const char *const *)a->list->folders;
    THOR_TRY(thor_checksums_of(first, folders[0], "vocab.model", error));
    THOR_TRY(thor_checksums_of(other, folders[index], "vocab.model", error));
    if (!first[0] || strcmp(first, other) != 0)
        return thor_fail(error, THOR_E_FAILED, "%s/vocab.model has the SHA-256 '%.12s', %s/vocab.model has '%.12s': "
                         "only checkpoints of one vocabulary have a mean", folders[0], first, folders[index], other);
    return THOR_OK;
}

/* One of the list: its weights are what was written, and those that the first's configuration asks for. */
static thor_status open_weights(average *a, size_t index, thor_error *error)
{
    thor_checksums sums;
    thor_block block = { "", NULL };
    const char *folder = a->list->folders[index];
    char *path = thor_path(folder, "weights.safetensors");
    thor_status status = thor_checksums_open(&sums, folder, error);
    if (status == THOR_OK && !path)
        status = thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    if (status == THOR_OK)
        status = thor_checksums_compare(&sums, "weights.safetensors", error);
    if (status == THOR_OK)
        status = thor_checksums_compare(&sums, "vocab.model", error);
    if (status == THOR_OK)
        status = thor_safetensors_open(&a->files[index], path, error);
    if (status == THOR_OK)
        status = thor_blocks_compare(&a->files[index], &a->model.params, &block, 1, error);
    thor_checksums_close(&sums);
    free(path);
    return status;
}

static thor_status open_all(average *a, thor_error *error)
{
    char *path = thor_path(a->list->folders[0], "config.json");
    thor_status status = path ? thor_stored_model_plan(&a->model, path, error)
                              : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", a->list->folders[0]);
    free(path);
    THOR_TRY(status);
    for (size_t i = 0; i < a->list->count; i++) {
        THOR_TRY(compare_configuration(a, i, error));
        THOR_TRY(open_weights(a, i, error));
        THOR_TRY(compare_vocabulary(a, i, error));
    }
    return THOR_OK;
}

/* ---- writing ---- */

/* mean[i] = (float)(((v_0[i] + v_1[i]) + …) / N), in double up to the last rounding. */
static thor_status fill_mean(void *context, const thor_tensor *tensor, int64_t first, int64_t count, void *values,
                             thor_error *error)
{
    average *a = context;
    float *mean = values;
    for (size_t f = 0; f < a->list->count; f++) {
        const unsigned char *bytes = thor_safetensors_find(&a->files[f], tensor->name)->bytes + 4 * first;
        for (int64_t i = 0; i < count; i++) {
            uint32_t bits = thor_get32(bytes + 4 * i);
            float value;
            memcpy(&value, &bits, sizeof value);
            if (!isfinite(value))
                return thor_fail(error, THOR_E_NUMBER, "%s: tensor '%s': element %lld is not a finite number",
                                 a->files[f].path, tensor->name, (long long)(first + i));
            a->sums[i] = f == 0 ? (double)value : a->sums[i] + (double)value;
        }
    }
    for (int64_t i = 0; i < count; i++)
        mean[i] = (float)(a->sums[i] / (double)a->list->count);
    return THOR_OK;
}

static thor_status write_weights(average *a, const char *path, thor_error *error)
{
    thor_block block = { "", NULL };
    thor_tensor *tensors = calloc((size_t)a->model.params.count + 1, sizeof *tensors);
    if (!tensors)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a list of %d tensors", path,
                         (int)a->model.params.count);
    thor_blocks_list(tensors, &a->model.params, &block, 1);
    thor_status status = thor_safetensors_write_filled(path, tensors, (size_t)a->model.params.count, fill_mean, a,
                                                       error);
    free(tensors);
    return status;
}

static thor_status write_config(average *a, const char *path, thor_error *error)
{
    char *text;
    THOR_TRY(thor_config_text(&text, &a->model.config, a->version, error));
    thor_status status = thor_write_file(path, text, strlen(text), error);
    free(text);
    return status;
}

static thor_status write_vocabulary(average *a, const char *path, thor_error *error)
{
    thor_map map;
    char *from = thor_path(a->list->folders[0], "vocab.model");
    if (!from)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", a->list->folders[0]);
    thor_status status = thor_map_open(&map, from, error);
    if (status == THOR_OK)
        status = thor_write_file(path, map.bytes, map.count, error);
    thor_map_close(&map);
    free(from);
    return status;
}

/* { "average_of": [ { "checkpoint": …, "weights": SHA-256 }, … ] } */
static thor_status write_state(average *a, const char *path, thor_error *error)
{
    char hex[65];
    json_t *sources = json_array(), *root = json_pack("{s:O}", "average_of", sources);
    thor_status status = THOR_OK;
    for (size_t i = 0; i < a->list->count && status == THOR_OK; i++) {
        status = thor_checksums_of(hex, a->list->folders[i], "weights.safetensors", error);
        json_array_append_new(sources, json_pack("{s:s, s:s}", "checkpoint", a->list->folders[i], "weights", hex));
    }
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    if (status == THOR_OK)
        status = text && json_array_size(sources) == a->list->count
                     ? thor_write_file(path, text, strlen(text), error)
                     : thor_fail(error, THOR_E_MEMORY, "%s: no memory for its text, or a folder's name is not UTF-8",
                                 path);
    free(text);
    json_decref(root);
    json_decref(sources);
    return status;
}

static thor_status write_all(void *context, const char *folder, thor_error *error)
{
    static const struct {
        const char *name;
        thor_status (*write)(average *a, const char *path, thor_error *error);
    } files[] = { { "config.json", write_config }, { "state.json", write_state }, { "vocab.model", write_vocabulary },
                  { "weights.safetensors", write_weights } };
    const char *names[sizeof files / sizeof *files];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = thor_path(folder, files[i].name);
        thor_status status = path ? files[i].write(context, path, error)
                                  : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
        free(path);
        THOR_TRY(status);
        names[i] = files[i].name;
    }
    return thor_checksums_write(folder, names, sizeof names / sizeof *names, error);
}

thor_status thor_average_write(const char *folder, const thor_average_list *list, const char *version,
                               thor_error *error)
{
    struct stat facts;
    if (lstat(folder, &facts) == 0)
        return thor_fail(error, THOR_E_USAGE, "%s exists already; name a new folder", folder);
    average *a = calloc(1, sizeof *a);
    thor_safetensors *files = calloc(list->count + 1, sizeof *files);
    thor_status status = a && files ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for %zu files", list->count);
    if (status == THOR_OK) {
        *a = (average){ .list = list, .version = version, .files = files };
        status = open_all(a, error);
    }
    if (status == THOR_OK)
        status = thor_folder_write(folder, write_all, a, error);
    for (size_t i = 0; i < list->count && files; i++)
        thor_safetensors_close(&files[i]);
    if (a)
        thor_model_close(&a->model);
    free(files);
    free(a);
    return status;
}
