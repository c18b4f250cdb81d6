/* The model as layers: two stacks, each a list of sub-layers, whose weights point into a block of parameters. Training
 * and translation walk the same lists. */
#ifndef THOR_MODEL_NETWORK_H
#define THOR_MODEL_NETWORK_H

#include "model/model.h"
#include "nn/attention.h"
#include "nn/ffn.h"
#include "nn/mixture.h"
#include "nn/task.h"

typedef enum thor_sublayer_kind {
    THOR_SELF_ATTENTION,
    THOR_CROSS_ATTENTION,
    THOR_FFN,
    THOR_MIXTURE
} thor_sublayer_kind;

typedef struct thor_sublayer {
    thor_sublayer_kind kind;
    int32_t layer;                      /* counted from 0 */
    bool ends_layer;                    /* its output is the layer's output */
    thor_scaling norm;
    union {
        thor_attention attention;
        thor_ffn ffn;
        thor_mixture mixture;
    } is;
} thor_sublayer;

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
    bool has_task;                      /* predictor and representation */
    bool uses_task;                     /* r reaches the mixtures */
    thor_task task;
    int32_t tap;                        /* the predictor reads the encoder's stream before this sub-layer */
    int64_t d, F, V, H, E;
} thor_network;

/* Points into model->values; the model has to outlive the network. Free with thor_network_close. */
thor_status thor_network_open(thor_network *network, const thor_model *model, thor_error *error);
void thor_network_close(thor_network *network);

#endif
