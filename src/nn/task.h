/* Which task a sentence is: a predictor over the pooled source, and the mixed task representation that guides every
 * mixture. */
#ifndef THOR_NN_TASK_H
#define THOR_NN_TASK_H

#include "nn/choices.h"
#include "nn/nn.h"

typedef struct thor_task {
    thor_linear predictor;              /* [K,d], no bias */
    thor_matrix embedding;              /* U [K,d] */
    thor_task_pool pool;
    thor_task_representation representation;
    int64_t tasks, d;                   /* K */
} thor_task;

typedef struct thor_task_saved {
    float *pooled;                      /* h [B,d] */
    int32_t *from;                      /* [B,d] row of each maximum (max pooling) */
    float *probs;                       /* p [B,K] */
    float *mixed;                       /* r [B,d], the one that is used */
    int32_t *predicted;                 /* [B] argmax of p */
    float *d_probs;                     /* [B,K] scratch of the backward pass */
    float *nll;                         /* [B] */
} thor_task_saved;

/* From the tapped stream x [R,d] to p and r; labels may be NULL (translation without a golden label). Returns the sum
 * over sentences of -log p[label] (0 without labels). */
double thor_task_forward(const thor_compute *compute, const thor_task_saved *saved, const float *x,
                         const thor_packing *packing, const int32_t *labels, const thor_task *task);

/* From d_r (NULL: nothing reached r) and the cross entropy with weight `weight` a sentence. Stores d_predictor,
 * d_embedding (what comes through r) and d_pooled [B,d]. */
void thor_task_backward(const thor_compute *compute, float *d_predictor, float *d_embedding, float *d_pooled,
                        const float *d_r, const thor_task_saved *saved, const int32_t *labels, int64_t sentences,
                        float weight, const thor_task *task);

/* d_x += what pooling hands back to the tapped stream. */
void thor_task_pool_backward(const thor_compute *compute, float *d_x, const float *d_pooled,
                             const thor_task_saved *saved, const thor_packing *packing, const thor_task *task);

#endif
