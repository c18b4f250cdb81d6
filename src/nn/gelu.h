/* x times the normal distribution's probability of less than x. */
#ifndef THOR_NN_GELU_H
#define THOR_NN_GELU_H

#include "simd/kernels.h"

/* y = gelu(x) of n values; y is not x. Off by at most 1.35 ulp of x, not of y: where x is far below 0, 1 + erf has no
 * digits left. */
void thor_gelu_forward(const thor_kernels *kernels, float *y, const float *x, int64_t n);

/* d_x from d_y and what the forward pass read; scratch has 2n floats. In place on d_y. */
void thor_gelu_backward(const thor_kernels *kernels, float *d_x, const float *d_y, const float *x, float *scratch,
                        int64_t n);

#endif
