/* Every activation of one shard, from forward to backward, and where it lies. */
#ifndef THOR_MODEL_ACTIVATIONS_H
#define THOR_MODEL_ACTIVATIONS_H

#include "model/network.h"
#include "model/pass.h"

typedef struct thor_sublayer_saved {
    float *normed;                      /* pre: the pass's `normed`; post: the output after LN */
    float *normal, *rstd;               /* layer norm's */
    const float *input;                 /* what the layer read */
    float *output;                      /* the stream after this sub-layer */
    thor_dropout residual;
    union {
        thor_attention_saved attention;
        thor_ffn_saved ffn;
        thor_mixture_saved mixture;
    } is;
    double token_balance, dynamic, task_balance;    /* a mixture's losses */
    float *task_f, *task_Q;             /* [E] of L_tb */
    float *task_probs;                  /* [K,E] over tasks; over sentences the mixture's own */
    int32_t *task_candidates;
    float *d_task_rows;                 /* [K,d] or [B,d] what L_tb hands back to U or r */
} thor_sublayer_saved;

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
    thor_arena arena;
    size_t fixed;                       /* what stays from batch to batch ends here */
    float *positions;                   /* [widest + 2, d] */
    thor_stack_saved encoder, decoder;
    thor_task_saved task;
    float *normed;                      /* [max R, d] pre: LN(x) of the sub-layer at work, its input */
    float *d_pooled, *d_task;           /* [B,d] each */
    float *d_task_logits;               /* [max(B,K),E] */
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

/* Tells options.watch where the pass is. */
void thor_pass_enter(const thor_pass *pass, thor_phase phase, thor_part part);
void thor_pass_enter_layer(const thor_pass *pass, thor_phase phase, thor_sublayer_kind kind);

/* Does a sub-layer's task balance run over the K tasks? */
bool thor_balance_over_tasks(const thor_pass *pass);

/* Where the gradient of a parameter lies that the network points to. */
float *thor_gradient_of(const thor_pass *pass, const void *parameter);

#endif
