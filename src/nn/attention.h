/* Multi-head attention over packed rows; the same code serves training, and translation with a cache. */
#ifndef THOR_NN_ATTENTION_H
#define THOR_NN_ATTENTION_H

#include "nn/weights.h"

typedef struct thor_attention {
    thor_linear q, k, v, o;
    int64_t d, heads;
    float scale;                        /* thor_attention_scale: what queries are multiplied by */
    bool causal;                        /* query row t sees keys 0 … t of its sentence */
} thor_attention;

typedef struct thor_attention_gradient {
    thor_linear_gradient q, k, v, o;
} thor_attention_gradient;

/* Kept from forward to backward. R query rows, R' key rows. */
typedef struct thor_attention_saved {
    float *q;                           /* [R,d], scaled */
    float *k, *v;                       /* [R',d]; the backward pass leaves d_k and d_v there */
    float *probs;                       /* for each sentence and head [T,S], sentence after sentence */
    float *context;                     /* [R,d] heads' outputs side by side: the input of o */
    const int64_t *probs_offset;        /* [B+1] first element of each sentence in probs */
    thor_dropout dropout;               /* on probs, packed like them */
} thor_attention_saved;

/* (d/H)^-0.5, rounded once. */
float thor_attention_scale(int64_t d, int64_t heads);

/* Names q, k, v and o, NAME.q.weight and so on; d and heads have to be set. */
void thor_attention_weights(thor_attention *attention, const thor_weights *weights, const char *name);

/* y = o(attend(q(x) * (d/H)^-0.5, k(keys), v(keys))). For self-attention keys = x. `y` [R,d] has not seen dropout. */
void thor_attention_forward(const thor_compute *compute, float *y, const thor_attention_saved *saved, const float *x,
                            const thor_packing *queries, const float *keys, const thor_packing *key_rows,
                            const thor_attention *attention, const thor_scratch *scratch);

/* Self-attention: d_x = (q's + k's) + v's part. */
void thor_attention_self_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                  const float *d_y, const thor_attention_saved *saved, const float *x,
                                  const thor_packing *rows, const thor_attention *attention,
                                  const thor_scratch *scratch);

/* Cross-attention: d_x from q; d_k and d_v are left in saved->k and saved->v until the encoder's turn, with the
 * gradients of k's and v's weights done. */
void thor_attention_cross_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                   const float *d_y, const thor_attention_saved *saved, const float *x,
                                   const thor_packing *queries, const float *keys, const thor_packing *key_rows,
                                   const thor_attention *attention, const thor_scratch *scratch);

/* What those passes left to the keys: d_keys = (or +=) d_k W_k, then += d_v W_v. */
void thor_attention_keys_backward(const thor_compute *compute, float *d_keys, bool first,
                                  const thor_attention_saved *saved, const thor_packing *key_rows,
                                  const thor_attention *attention);

/* One sentence's part of a query block for translation: `queries` rows of q (scaled) against `count` keys; see decode.
 * k and v have row stride d; out gets [queries, d]; probs [queries, count] is scratch for one head. */
void thor_attention_rows(const thor_compute *compute, float *out, const float *q, int64_t queries, const float *k,
                         const float *v, int64_t count, float *probs, const thor_attention *attention, int thread);

#endif
