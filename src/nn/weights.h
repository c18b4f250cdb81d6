/* The parameters that a layer has. A layer names them in one function, in the order of the table of parameters. While
 * the table is laid out, each call adds a line to it; on a model, each call finds the tensor there. So the table and
 * the layers cannot disagree. */
#ifndef THOR_NN_WEIGHTS_H
#define THOR_NN_WEIGHTS_H

#include "nn/nn.h"

typedef enum thor_init {
    THOR_INIT_ZERO, THOR_INIT_ONE,
    THOR_INIT_NORMAL,           /* N(0, scale^2) */
    THOR_INIT_UNIFORM           /* U(-scale, scale) */
} thor_init;

/* One tensor: its shape, the rest of it 0, and its initial values. */
typedef struct thor_weight {
    const char *name;                   /* complete; not kept */
    int64_t shape[3];
    thor_init init;
    double scale;
    bool by_expert;                     /* the first dimension counts experts */
} thor_weight;

/* Whoever lays out or finds tensors. `take` returns where the tensor lies, or NULL while there are no values. */
typedef struct thor_weights {
    const float *(*take)(void *context, const thor_weight *weight);
    void *context;
    thor_dtype dtype;                   /* of the values of matrices; 0 is F32 */
    char prefix[32];                    /* "encoder.layers.1.": stands before every name */
} thor_weights;

/* Refuses a type that the products do not know. */
thor_status thor_weights_check(const thor_weights *weights, thor_error *error);

/* Any tensor; its name is `prefix` and weight->name. */
const float *thor_weights_take(const thor_weights *weights, const thor_weight *weight);
/* A matrix [rows, columns]. */
thor_matrix thor_weights_matrix(const thor_weights *weights, const char *name, thor_init init, double scale,
                                int64_t rows, int64_t columns);
/* NAME.weight [out, in] and, with `bias`, NAME.bias [out]: U(±1/sqrt(in)) both. */
thor_linear thor_weights_linear(const thor_weights *weights, const char *name, int64_t out, int64_t in, bool bias);
/* NAME.weight and NAME.bias [d] of a layer norm: 1 and 0. */
thor_scaling thor_weights_norm(const thor_weights *weights, const char *name, int64_t d);

#endif
