/* The context of a row: what the token router knows of its sentence. */
#ifndef THOR_NN_CONTEXT_H
#define THOR_NN_CONTEXT_H

#include "nn/nn.h"

/* Encoder (prefix = false): c = mean of x over the sentence's rows, the same on each. Decoder (prefix = true): c_t =
 * mean of rows 0 … t. Sums run over ascending rows. c [R,d]. */
void thor_context_forward(const thor_compute *compute, float *c, const float *x, const thor_packing *packing,
                          bool prefix, int64_t d);

/* d_x stored. Sentence: d_x = (sum over rows of d_c) / n. Prefix: d_x_t = sum over t' >= t of d_c_t' / (t' + 1),
 * running from the last row to row t. */
void thor_context_backward(const thor_compute *compute, float *d_x, const float *d_c, const thor_packing *packing,
                           bool prefix, int64_t d);

/* One more row of a prefix in translation: sum += x, c = sum / count, count counting this row. `sum` starts as 0. */
void thor_context_step(const thor_compute *compute, float *c, float *sum, const float *x, int64_t count, int64_t d);

#endif
