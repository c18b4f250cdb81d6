#include "file/steps.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/folder.h"

enum { NAME = 32 };

static void step_name(char name[NAME], int64_t updates)
{
    snprintf(name, NAME, "step-%06lld", (long long)updates);
}

char *thor_step_path(const char *run, int64_t updates)
{
    char name[NAME];
    step_name(name, updates);
    return thor_path(run, name);
}

/* Updates of a name that thor_step_path writes; -1 of any other. */
static int64_t updates_of(const char *name)
{
    char again[NAME];
    if (strncmp(name, "step-", 5) != 0 || name[5] < '0' || name[5] > '9')
        return -1;
    long long updates = strtoll(name + 5, NULL, 10);
    step_name(again, updates);
    return strcmp(name, again) == 0 ? updates : -1;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static thor_status add_step(int64_t **updates, size_t *count, int64_t value, thor_error *error)
{
    int64_t *items = realloc(*updates, (*count + 1) * sizeof *items);
    if (!items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %zu checkpoints", *count + 1);
    *updates = items;
    items[(*count)++] = value;
    return THOR_OK;
}

thor_status thor_steps_list(int64_t **updates, size_t *count, const char *run, thor_error *error)
{
    DIR *folder = opendir(run);
    thor_status status = THOR_OK;
    *updates = NULL;
    *count = 0;
    if (!folder)
        return thor_fail_io(error, run, "list it");
    for (struct dirent *entry; status == THOR_OK && (entry = readdir(folder)) != NULL;)
        if (updates_of(entry->d_name) >= 0)
            status = add_step(updates, count, updates_of(entry->d_name), error);
    closedir(folder);
    if (status != THOR_OK) {
        free(*updates);
        *updates = NULL;
        return status;
    }
    if (*count > 0)
        qsort(*updates, *count, sizeof **updates, ascending);
    return THOR_OK;
}

thor_status thor_steps_remove(const char *run, int64_t keep, thor_error *error)
{
    int64_t *updates;
    size_t count;
    THOR_TRY(thor_steps_list(&updates, &count, run, error));
    thor_status status = THOR_OK;
    for (size_t i = 0; status == THOR_OK && i + (size_t)keep < count; i++) {
        char *path = thor_step_path(run, updates[i]);
        status = path ? thor_remove_folder(path, error)
                      : thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", run);
        free(path);
    }
    free(updates);
    return status;
}
