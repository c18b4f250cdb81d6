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
    thor_dropout dropout;               /* activation dropout [R,F] */
} thor_ffn_saved;

void thor_ffn_forward(const thor_compute *compute, float *y, const thor_ffn_saved *saved, const float *x,
                      const thor_packing *packing, const thor_ffn *ffn);
void thor_ffn_backward(const thor_compute *compute, float *d_x, const thor_ffn_gradient *gradient, const float *d_y,
                       const thor_ffn_saved *saved, const float *x, const thor_packing *packing, const thor_ffn *ffn,
                       const thor_scratch *scratch);

/* d_hidden = hidden > 0 ? d_hidden : +0 over n floats: relu's backward through its own output. */
void thor_relu_backward(const thor_compute *compute, float *d_hidden, const float *hidden, int64_t n);

#endif
