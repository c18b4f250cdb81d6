/* The position-wise feed-forward layer: y = W2 drop(relu(W1 x + b1)) + b2. */
#ifndef THOR_NN_FFN_H
#define THOR_NN_FFN_H

#include "nn/nn.h"

typedef struct thor_ffn {
    thor_linear fc1, fc2;               /* [F,d] and [d,F] */
} thor_ffn;

typedef struct thor_ffn_gradient {
    thor_linear_gradient fc1, fc2;
} thor_ffn_gradient;

typedef struct thor_ffn_saved {
    float *hidden;                      /* [R,F] after relu and dropout */
    thor_dropout dropout;               /* activation dropout [R,F]; the backward pass reads no mask: h > 0 says it */
} thor_ffn_saved;

void thor_ffn_forward(const thor_compute *compute, float *y, const thor_ffn_saved *saved, const float *x,
                      const thor_packing *packing, const thor_ffn *ffn);
/* d_x may be d_y. */
void thor_ffn_backward(const thor_compute *compute, float *d_x, const thor_ffn_gradient *gradient, const float *d_y,
                       const thor_ffn_saved *saved, const float *x, const thor_packing *packing, const thor_ffn *ffn,
                       const thor_scratch *scratch);

/* Through dropout and relu, by relu's output after dropout, to the bias: d_hidden = hidden > 0 ? d_hidden * scale : +0,
 * d_bias[g][j] = the sum over group g's rows ascending. Rows offset[g] … offset[g+1]-1 are group g's. */
typedef struct thor_relu_groups {
    const int64_t *offset;              /* [groups+1] */
    int64_t groups;
} thor_relu_groups;
void thor_relu_backward(const thor_compute *compute, float *d_bias, float *d_hidden, const float *hidden,
                        const thor_dropout *dropout, const thor_relu_groups *groups, int64_t n);

#endif
