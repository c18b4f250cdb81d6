/* Which checkpoints are averaged. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "file/average.h"
#include "file/checkpoint.h"

enum { LEAST_DIGITS = 6, MOST_DIGITS = 18 };

static thor_status append(thor_average_list *list, char *folder, thor_error *error)
{
    size_t room = list->room * 2 + 8;
    char **folders = list->count < list->room ? list->folders : realloc(list->folders, room * sizeof *folders);
    if (!folders || !folder) {
        free(folder);
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %zu checkpoints", list->count + 1);
    }
    list->room = list->count < list->room ? list->room : room;
    list->folders = folders;
    list->folders[list->count++] = folder;
    return THOR_OK;
}

thor_status thor_average_list_add(thor_average_list *list, const char *path, thor_error *error)
{
    char *folder;
    THOR_TRY(thor_checkpoint_find(&folder, path, error));
    return append(list, folder, error);
}

void thor_average_list_free(thor_average_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->folders[i]);
    free(list->folders);
    *list = (thor_average_list){ .folders = NULL };
}

/* The updates in "step-000500"; -1 for another name, as that of a folder which is still being written. */
static int64_t updates_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strncmp(name, "step-", 5) != 0)
        return -1;
    size_t digits = strspn(name + 5, "0123456789");
    bool whole = digits >= LEAST_DIGITS && digits <= MOST_DIGITS && name[5 + digits] == '\0';
    return whole ? (int64_t)strtoll(name + 5, NULL, 10) : -1;
}

static int by_updates(const void *a, const void *b)
{
    int64_t x = updates_of(*(char *const *)a), y = updates_of(*(char *const *)b);
    return x < y ? -1 : x > y;
}

static thor_status add_steps(thor_average_list *list, DIR *folder, const char *run, thor_error *error)
{
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (updates_of(entry->d_name) >= 0)
            THOR_TRY(append(list, thor_path(run, entry->d_name), error));
    return THOR_OK;
}

thor_status thor_average_list_newest(thor_average_list *list, const char *run, int64_t wanted, thor_error *error)
{
    thor_average_list found = { .folders = NULL };
    DIR *folder = opendir(run);
    if (!folder)
        return thor_fail_io(error, run, "open it");
    thor_status status = add_steps(&found, folder, run, error);
    closedir(folder);
    if (found.count > 0)
        qsort(found.folders, found.count, sizeof *found.folders, by_updates);
    if (status == THOR_OK && (int64_t)found.count < wanted)
        status = thor_fail(error, THOR_E_FAILED, "%s has %zu checkpoints step-NNNNNN, but %lld were asked for; take a "
                           "smaller number, or train with a larger --keep", run, found.count, (long long)wanted);
    for (size_t i = found.count - (size_t)(status == THOR_OK ? wanted : 0); i < found.count && status == THOR_OK; i++)
        status = thor_average_list_add(list, found.folders[i], error);
    thor_average_list_free(&found);
    return status;
}
