/* Which checkpoints are averaged. */
#include <stdlib.h>

#include "file/average.h"
#include "file/checkpoint.h"
#include "file/steps.h"

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

static thor_status add_step(thor_average_list *list, const char *run, int64_t updates, thor_error *error)
{
    char *path = thor_step_path(run, updates);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", run);
    thor_status status = thor_average_list_add(list, path, error);
    free(path);
    return status;
}

thor_status thor_average_list_newest(thor_average_list *list, const char *run, int64_t wanted, thor_error *error)
{
    int64_t *updates;
    size_t count;
    THOR_TRY(thor_steps_list(&updates, &count, run, error));
    thor_status status = THOR_OK;
    if ((int64_t)count < wanted)
        status = thor_fail(error, THOR_E_FAILED, "%s has %zu checkpoints step-NNNNNN, but %lld were asked for; take a "
                           "smaller number, or train with a larger --keep", run, count, (long long)wanted);
    for (size_t i = count - (size_t)(status == THOR_OK ? wanted : 0); i < count && status == THOR_OK; i++)
        status = add_step(list, run, updates[i], error);
    free(updates);
    return status;
}
