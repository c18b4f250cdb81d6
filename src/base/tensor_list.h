/* Named tensors that own their data: what files are collected in before they are written, and read into. */
#ifndef THOR_BASE_TENSOR_LIST_H
#define THOR_BASE_TENSOR_LIST_H

#include "base/status.h"
#include "base/tensor.h"

typedef struct thor_tensor_list {
    thor_tensor *items;         /* in the order in which they were added */
    size_t count, room;
} thor_tensor_list;

/* Adds a tensor of the name, type and shape of `like`, all 0; *data is its memory. */
thor_status thor_tensor_list_add(thor_tensor_list *list, const thor_tensor *like, void **data, thor_error *error);

/* NULL when there is none. */
const thor_tensor *thor_tensor_list_find(const thor_tensor_list *list, const char *name);

void thor_tensor_list_free(thor_tensor_list *list);

#endif
