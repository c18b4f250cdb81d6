/* How many rows an expert takes, and who waits outside. */
#ifndef THOR_NN_CAPACITY_H
#define THOR_NN_CAPACITY_H

#include "nn/router.h"

/* floor(f * k * ceil(n / E')) in double, at least 1. */
int64_t thor_capacity(double factor, int64_t k, int64_t rows, int64_t pool);

/* Fills experts in order: first choices before second choices, within a choice by falling largest P of the row
 * (priority) or by row; a choice that finds its expert full gets place -1. Returns how many did. */
int64_t thor_capacity_drop(const thor_compute *compute, thor_routing *routing, int64_t rows,
                           const thor_router *router);

#endif
