#include "base/tensor_list.h"

#include <stdlib.h>
#include <string.h>

static thor_status make_room(thor_tensor_list *list, thor_error *error)
{
    if (list->count < list->room)
        return THOR_OK;
    size_t room = list->room ? 2 * list->room : 32;
    thor_tensor *items = realloc(list->items, room * sizeof *items);
    if (!items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %zu tensors", room);
    list->items = items;
    list->room = room;
    return THOR_OK;
}

thor_status thor_tensor_list_add(thor_tensor_list *list, const thor_tensor *like, void **data, thor_error *error)
{
    int64_t count = thor_tensor_count(like);
    size_t size = thor_dtype_size(like->dtype);
    *data = NULL;
    THOR_TRY(make_room(list, error));
    if (count >= 0 && (uintmax_t)count <= SIZE_MAX / size - 1)
        *data = calloc((size_t)count + 1, size);
    if (!*data)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its %lld elements", like->name, (long long)count);
    list->items[list->count] = *like;
    list->items[list->count++].data = *data;
    return THOR_OK;
}

const thor_tensor *thor_tensor_list_find(const thor_tensor_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    return NULL;
}

void thor_tensor_list_free(thor_tensor_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].data);
    free(list->items);
    *list = (thor_tensor_list){ .items = NULL };
}
