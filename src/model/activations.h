/* Every activation of one shard, from forward to backward, and where it lies. */
#ifndef THOR_MODEL_ACTIVATIONS_H
#define THOR_MODEL_ACTIVATIONS_H

#include "model/bind.h"
#include "model/pass.h"

typedef struct thor_stack_saved {
    thor_packing packing;
    int32_t *sentence;                  /* packing's map, written for each batch */
    int64_t *self_offset, *cross_offset;    /* [B+1] places in probs */
    float *embedded;                    /* [R,d] after dropout; pre: read by the forward pass alone */
    thor_dropout embed;
    thor_sublayer_saved *items;         /* one for each sub-layer of the stack; allocated with the pass */
    float *normal, *rstd, *output;      /* the last norm, and the stack's output */
    float *d_stream;                    /* [R,d] gradient that flows back; pre: in the place of embedded */
} thor_stack_saved;

struct thor_pass {
    const thor_model *model;
    const thor_compute *compute;
    thor_network network;
    thor_shape most;
    bool training;                      /* opened for training */
    double weight[THOR_LOSS_PARTS];     /* of the losses */
    thor_arena arena;
    size_t fixed;                       /* what stays from batch to batch ends here */
    float *positions;                   /* [widest + 2, d] */
    thor_stack_saved encoder, decoder;
    thor_given given;                   /* what mixtures read besides their rows */
    void *vectors_saved;                /* of network.vectors: its own struct */
    float *normed;                      /* [max R, d] pre: LN(x) of the sub-layer at work, its input */
    float *row_nll, *row_smooth;        /* [target rows] */
    thor_embed_scratch embed;
    thor_scratch scratch;
    const thor_batch *batch;            /* of the last forward pass */
    thor_pass_options options;
};

/* How many elements a batch's squares of attention have: sums over sentences of T*S. */
typedef struct thor_squares {
    int64_t source, target, cross;
} thor_squares;

/* Lays out a pass for `shape` in pass->arena, which may only count. */
void thor_activations_place(thor_pass *pass, const thor_shape *shape, const thor_squares *squares, bool backward);

/* What stays: positions. */
void thor_activations_place_fixed(thor_pass *pass);

/* Masks of `count` elements, or NULL where there is no dropout. */
uint8_t *thor_room_masks(const thor_sublayer_room *room, double rate, int64_t count);

/* Activation dropout's masks: where a hidden unit is positive, it was kept, so the backward pass does not ask them.
 * They lie where the hidden units' gradients will. */
uint8_t *thor_room_passing_masks(const thor_sublayer_room *room);

/* Tells options.watch where the pass is. */
void thor_pass_enter(const thor_pass *pass, thor_phase phase, thor_part part);

/* Shows options.inside the stream's embedding; what sub-layer `i` made of it: its norm, and what it adds. */
void thor_inside_embedding(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved);
void thor_inside_norm(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i);
void thor_inside_output(const thor_pass *pass, const thor_stack *stack, const thor_stack_saved *saved, int32_t i,
                        const float *y);

/* Where the gradient of a parameter lies that the network points to. */
float *thor_gradient_of(const thor_pass *pass, const void *parameter);
thor_linear_gradient thor_gradient_of_linear(const thor_pass *pass, const thor_linear *linear);

/* weight / S of a loss of this shard, rounded once to binary32. */
float thor_pass_loss_weight(const thor_pass *pass, thor_loss_part part);

#endif
