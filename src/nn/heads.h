/* What happens inside the heads of an attention layer, between its projections. All sentences and heads of a shard are
 * handed out in one region; a sentence is short, so its products go straight to register tiles. */
#ifndef THOR_NN_HEADS_H
#define THOR_NN_HEADS_H

#include "nn/attention.h"

typedef struct thor_heads {
    const thor_compute *compute;
    const thor_attention *attention;
    const thor_attention_saved *saved;
    const thor_packing *queries, *key_rows;
    const thor_scratch *scratch;
    float *d_q;                         /* backward */
    const float *d_context;
} thor_heads;

/* q *= D^-0.5; p = softmax(q k^T); context = drop(p) v. */
void thor_heads_forward(const thor_heads *heads);

/* From d_context to d_q (before the scaling of q); d_k and d_v take the places of k and v. */
void thor_heads_backward(const thor_heads *heads);

/* c[m,n] (row stride c_row) = a b of any strides, on this thread. */
void thor_heads_product(const thor_compute *compute, int thread, int64_t m, int64_t n, int64_t k, const float *a,
                        int64_t a_row, int64_t a_column, const float *b, int64_t b_row, int64_t b_column, float *c,
                        int64_t c_row);

/* p = softmax over the keys that each query sees; the others are +0. */
void thor_heads_softmax(const thor_kernels *kernels, float *p, int64_t T, int64_t S, bool causal);

/* Floats of scratch that one thread needs for sides of at most L and M rows. */
int64_t thor_heads_scratch(int64_t L, int64_t M, int64_t D);

#endif
