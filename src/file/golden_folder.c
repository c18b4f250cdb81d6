#include "file/golden_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/checksums.h"
#include "file/config_json.h"
#include "file/safetensors.h"

static const char *const file_names[] = { "config.json", "golden.json", "initial.safetensors", "batch.safetensors",
                                          "dropout.safetensors", "forward.safetensors", "losses.json",
                                          "gradients.safetensors", "moments.safetensors", "after.safetensors" };

enum { FILES = sizeof file_names / sizeof *file_names };

const char *const *thor_golden_file_names(size_t *count)
{
    *count = FILES;
    return file_names;
}

/* ---- may it be written? ---------------------------------------------------------------------------------------- */

static bool is_ours(const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "SHA256SUMS") == 0)
        return true;
    for (size_t i = 0; i < FILES; i++)
        if (strcmp(name, file_names[i]) == 0)
            return true;
    return false;
}

/* Looks through an open folder: how many files, is golden.json among them, and the first that is not ours. */
static void survey(DIR *stream, size_t *count, bool *golden, char foreign[256])
{
    struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        *count += entry->d_name[0] != '.';
        *golden = *golden || strcmp(entry->d_name, "golden.json") == 0;
        if (!is_ours(entry->d_name) && !foreign[0])
            snprintf(foreign, 256, "%.255s", entry->d_name);
    }
}

thor_status thor_golden_folder_look(const char *folder, bool overwrite, thor_error *error)
{
    char foreign[256] = "";
    size_t count = 0;
    bool golden = false;
    DIR *stream = opendir(folder);
    if (!stream && errno == ENOENT)
        return THOR_OK;
    if (!stream)
        return thor_fail_io(error, folder, "look into the folder");
    survey(stream, &count, &golden, foreign);
    closedir(stream);
    if (foreign[0])
        return thor_fail(error, THOR_E_FAILED, "%s: holds '%s', which does not belong to a golden folder and is "
                         "left alone; name another folder with -o", folder, foreign);
    if (count > 0 && !(golden && overwrite))
        return thor_fail(error, THOR_E_FAILED, "%s: exists already; name another folder with -o%s", folder,
                         golden ? ", or replace it with --overwrite" : "");
    return THOR_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static thor_status write_config(const char *path, const thor_golden_parts *parts, thor_error *error)
{
    char *text;
    THOR_TRY(thor_config_text(&text, parts->config, parts->facts->version, error));
    thor_status status = thor_write_file(path, text, strlen(text), error);
    free(text);
    return status;
}

static thor_status write_block(const char *path, const thor_golden_parts *parts, float *values, thor_error *error)
{
    thor_block block = { "", values };
    return thor_blocks_write(path, parts->params, &block, 1, error);
}

static thor_status write_moments(const char *path, const thor_golden_parts *parts, thor_error *error)
{
    thor_block blocks[] = { { "m.", parts->m }, { "v.", parts->v } };
    return thor_blocks_write(path, parts->params, blocks, 2, error);
}

static thor_status write_list(const char *path, const thor_tensor_list *list, thor_error *error)
{
    return list->count > 0 ? thor_safetensors_write(path, list->items, list->count, error) : THOR_OK;
}

/* File number `index` of the list of names. */
static thor_status write_file(const char *path, size_t index, const thor_golden_parts *parts, thor_error *error)
{
    switch (index) {
    case 0: return write_config(path, parts, error);
    case 1: return thor_golden_facts_write(path, parts->facts, &parts->updates, error);
    case 2: return write_block(path, parts, parts->initial, error);
    case 3: return write_list(path, parts->batch, error);
    case 4: return write_list(path, parts->dropout, error);
    case 5: return write_list(path, parts->forward, error);
    case 6: return thor_losses_write(path, parts->loss_names, parts->losses, parts->loss_count, error);
    case 7: return write_block(path, parts, parts->gradients, error);
    case 8: return write_moments(path, parts, error);
    default: break;
    }
    return write_block(path, parts, parts->after, error);
}

static thor_status write_all(void *context, const char *folder, thor_error *error)
{
    const thor_golden_parts *parts = context;
    for (size_t i = 0; i < FILES; i++) {
        char *path = thor_path(folder, file_names[i]);
        if (!path)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
        thor_status status = write_file(path, i, parts, error);
        free(path);
        THOR_TRY(status);
    }
    return thor_checksums_write(folder, file_names, FILES, error);
}

thor_status thor_golden_folder_write(const char *folder, const thor_golden_parts *parts, bool overwrite,
                                     thor_error *error)
{
    thor_golden_parts written = *parts;
    THOR_TRY(thor_golden_folder_look(folder, overwrite, error));
    return thor_folder_write(folder, write_all, &written, error);
}
