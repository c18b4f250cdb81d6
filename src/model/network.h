/* The model as layers: two stacks, each a list of sub-layers, whose weights point into a block of parameters. Training
 * and translation walk the same lists. */
#ifndef THOR_MODEL_NETWORK_H
#define THOR_MODEL_NETWORK_H

#include "model/sublayer.h"
#include "model/systems.h"

typedef struct thor_stack {
    const char *name;                   /* "encoder" or "decoder" */
    uint32_t number;                    /* 0 or 1, in dropout's sites */
    thor_sublayer *items;
    int32_t count;
    bool post;                          /* x = LN(x + drop(f(x))) and no last norm; else x += drop(f(LN(x))) */
    thor_scaling norm;                  /* the last norm (pre) */
} thor_stack;

typedef struct thor_network {
    thor_stack encoder, decoder;
    const float *embedding;             /* [V,d] */
    const thor_vectors *vectors;        /* who makes the vectors that mixtures share; NULL: nobody */
    void *vectors_weights;              /* its own struct */
    int32_t tap;                        /* the vectors are made before this sub-layer of the encoder */
    int64_t d, F, V, H, E;
} thor_network;

/* Puts the network of a configuration together; every parameter is named to `weights`, in the order of the table. Free
 * with thor_network_close. */
thor_status thor_network_make(thor_network *network, const thor_config *config, const thor_weights *weights,
                              thor_error *error);
void thor_network_close(thor_network *network);

#endif
