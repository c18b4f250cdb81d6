/* The order in which a step computes the tensors of golden files, from their names alone: the first one that is wrong
 * is where to look. */
#ifndef THOR_REPORT_GOLDEN_ORDER_H
#define THOR_REPORT_GOLDEN_ORDER_H

#include <stdbool.h>

#include "base/tensor_list.h"

/* Activations and masks by the forward pass; parameters (whatever is computed of them: gradients, moments, values after
 * steps) by the backward pass, so `embed.weight` comes last. `first_mixture` is the encoder's first layer with one, or
 * its number of layers: there the task is predicted. Names that are not known come last. */
uint64_t thor_golden_order(const char *name, int first_mixture);

/* That layer, from the names of a list: the first encoder layer with a mixture, else the layer after the last. */
int thor_golden_first_mixture(const thor_tensor_list *list);

/* Is it of those inside a layer, which folders of before have not? */
bool thor_golden_inside(const char *name);

#endif
