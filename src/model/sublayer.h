/* A sub-layer: f in x + drop(f(LN(x))). What kinds there are stands in sublayers.c; each kind is one file with all that
 * is done with it. */
#ifndef THOR_MODEL_SUBLAYER_H
#define THOR_MODEL_SUBLAYER_H

#include "model/config.h"
#include "model/watch.h"
#include "model/work.h"
#include "nn/shared.h"
#include "nn/site_line.h"
#include "nn/viewer.h"
#include "nn/weights.h"

struct thor_pass;
struct thor_losses;
struct thor_stack_saved;
struct thor_decoder;

typedef struct thor_sublayer_ops thor_sublayer_ops;

typedef struct thor_sublayer {
    const thor_sublayer_ops *ops;
    int32_t layer;                      /* counted from 0 */
    bool decoder;
    bool ends_layer;                    /* its output is the layer's output */
    thor_scaling norm;
    void *weights;                      /* the kind's own struct, owned by the network */
} thor_sublayer;

/* What stays from forward to backward. */
typedef struct thor_sublayer_saved {
    float *normed;                      /* pre: the pass's `normed`; post: the output after LN */
    float *normal, *rstd;               /* layer norm's */
    const float *input;                 /* what the layer read */
    float *output;                      /* the stream after this sub-layer */
    thor_dropout residual;              /* where the kind has such a site; else off */
    void *kept;                         /* the kind's own struct, owned by the pass */
} thor_sublayer_saved;

/* For how much a sub-layer takes memory. */
typedef struct thor_sublayer_room {
    thor_arena *arena;
    const thor_scratch *scratch;
    const thor_config *config;
    int64_t rows, keys, sentences;      /* keys: rows of the encoder's output */
    int64_t self_square, cross_square;  /* sums over sentences of T*T and T*S */
    bool training;                      /* with masks, where rates are not 0 */
} thor_sublayer_room;

/* Lengths of a stack, as sums over sentences. */
typedef struct thor_stack_lengths {
    double rows, self_pairs;
    double keys, cross_pairs;           /* of cross-attention */
    bool decoder;
} thor_stack_lengths;

struct thor_sublayer_ops {
    const char *name;                   /* in messages */
    const char *tensor;                 /* names of its norm and output begin with it */
    thor_part part;                     /* for whoever watches a step */

    /* ---- parameters and memory ---- */
    size_t (*weights_size)(const thor_config *config, bool decoder);
    /* Names parameters, the sub-layer's norm too, in the order of the table; sets what comes from the configuration. */
    void (*weights)(thor_sublayer *sub, const thor_weights *weights, const thor_config *config);
    size_t (*kept_size)(const thor_sublayer *sub);
    void (*start)(const thor_sublayer *sub, void *kept);    /* once, on cleared memory; or NULL */
    void (*place)(const thor_sublayer *sub, void *kept, const thor_sublayer_room *room);
    int64_t (*experts_of_row)(const thor_sublayer *sub);    /* at most; NULL: it has none */
    /* The i-th site of dropout, NULL behind the last. */
    const thor_site_line *(*site)(const thor_config *config, int i);

    /* ---- a shard ---- */
    /* y = f(saved->input); adds losses. Returns where y lies. */
    const float *(*forward)(struct thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                            struct thor_stack_saved *stack, struct thor_losses *losses);
    /* d_input from d_y; stores gradients of parameters. */
    void (*backward)(struct thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved,
                     struct thor_stack_saved *stack, float *d_input, const float *d_y);
    /* When the whole stack is done, layers ascending: what the sub-layer hands back to the encoder's output (the first
     * stores it). NULL: it does not read it. */
    void (*source_backward)(struct thor_pass *pass, const thor_sublayer *sub, thor_sublayer_saved *saved, bool first);
    /* What it hands back to shared vectors; NULL: nothing. */
    const thor_handed *(*handed)(const void *kept);

    /* ---- a position of translation (model/step.h); `i` counts the stack's sub-layers ---- */
    int past;                           /* arrays [slots][positions][d] that grow with the positions */
    int state;                          /* arrays [slots][d] */
    int source;                         /* arrays [source rows][d] */
    /* Once for all positions; the encoder is done, states are 0. NULL: nothing. */
    void (*prepare)(struct thor_decoder *decoder, int32_t i);
    /* y = f(x) for the rows of decoder->packing. Returns where y lies. */
    const float *(*step)(struct thor_decoder *decoder, int32_t i, const float *x);

    /* ---- looking at it ---- */
    void (*show)(const thor_sublayer *sub, const void *kept, const thor_viewer *view);    /* or NULL */
    void (*work)(thor_work *work, const thor_config *config, const thor_stack_lengths *lengths, double experts);
};

/* The kinds: sub_attention.c, sub_ffn.c, sub_mixture.c. */
extern const thor_sublayer_ops thor_self_attention, thor_cross_attention, thor_feed_forward, thor_mixture_sublayer;

enum { THOR_MOST_SUBLAYERS = 3, THOR_MOST_STEP_ARRAYS = 2 };

/* The kinds of a layer in their order; returns how many. */
int thor_layer_kinds(const thor_sublayer_ops *kinds[THOR_MOST_SUBLAYERS], const thor_config *config, int32_t layer,
                     bool decoder);

#endif
