#ifndef THOR_MODEL_BACKWARD_H
#define THOR_MODEL_BACKWARD_H

#include "model/activations.h"

/* The backward direction of the last forward pass: decoder, encoder, task, embedding. The loss has left its part in
 * decoder.d_stream and in the embedding's gradient. */
void thor_backward(thor_pass *pass);

#endif
