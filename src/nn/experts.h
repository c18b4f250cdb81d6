/* The experts: rows gathered expert by expert, one grouped product for all of them, rows combined by their gates. */
#ifndef THOR_NN_EXPERTS_H
#define THOR_NN_EXPERTS_H

#include "nn/router.h"

typedef struct thor_experts {
    thor_matrix fc1, fc2;               /* [E*F, d] and [E*d, F]: slice e is expert e's matrix */
    const float *fc1_bias, *fc2_bias;   /* [E,F] and [E,d] */
    int64_t E, F, d;
} thor_experts;

typedef struct thor_experts_gradient {
    float *fc1, *fc1_bias, *fc2, *fc2_bias;
} thor_experts_gradient;

typedef struct thor_experts_saved {
    float *input;                       /* [A,d] gathered rows; only the forward pass reads them */
    float *hidden;                      /* [A,F] after relu and dropout */
    float *output;                      /* [A,d] after dropout; the backward pass writes over it */
    thor_dropout activation, dropout;   /* sites [B,L,E,F] and [B,L,E,d]; masks packed like hidden and output; only
                                         * dropout's are read again by the backward pass */
    thor_gemm *products;                /* [2 * E] scratch for the grouped products */
} thor_experts_saved;

/* y[r] = sum over e ascending of g[r,e] * drop(Expert_e(x[r])), from +0. */
void thor_experts_forward(const thor_compute *compute, float *y, const thor_experts_saved *saved, const float *x,
                          const thor_routing *routing, const thor_packing *packing, const thor_experts *experts);

/* d_x[r] = sum over e ascending of what expert e hands back, from +0; d_gates [R,E] is stored, 0 where there is no
 * assignment. x [R,d] is the forward pass's. */
void thor_experts_backward(const thor_compute *compute, float *d_x, float *d_gates,
                           const thor_experts_gradient *gradient, const float *d_y, const thor_experts_saved *saved,
                           const float *x, const thor_routing *routing, int64_t rows, const thor_experts *experts,
                           const thor_scratch *scratch);

#endif
