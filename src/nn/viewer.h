/* Whoever looks at the tensors of a layer after its forward pass. */
#ifndef THOR_NN_VIEWER_H
#define THOR_NN_VIEWER_H

#include "base/tensor.h"

typedef enum thor_view_rows { THOR_VIEW_SENTENCES, THOR_VIEW_ROWS } thor_view_rows;

/* `show` is called for [sentences or rows, width] values of four bytes, in the order of the forward pass; `name` is the
 * one of golden folders, within a layer. */
typedef struct thor_viewer {
    void (*show)(void *context, thor_view_rows rows, thor_dtype dtype, const void *data, int64_t width,
                 const char *name);
    void *context;
} thor_viewer;

static inline void thor_viewer_show(const thor_viewer *view, thor_view_rows rows, thor_dtype dtype, const void *data,
                                  int64_t width, const char *name)
{
    view->show(view->context, rows, dtype, data, width, name);
}

#endif
