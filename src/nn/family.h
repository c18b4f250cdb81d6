/* A contrastive loss over languages: those of one family shall have alike logits in a router of languages, others
 * unlike ones. */
#ifndef THOR_NN_FAMILY_H
#define THOR_NN_FAMILY_H

#include "nn/nn.h"

/* What the loss keeps for its backward pass; n languages, E experts. */
typedef struct thor_family_saved {
    float *v, *length;                  /* [n,E] l / |l|, and [n] |l| */
    float *cosine;                      /* s [n,n] */
    int8_t *counted;                    /* [n,n] 1: a positive pair that counts, -1: a negative one */
    float *d_v, *scaled;                /* [n,E], [E]: scratch of the backward pass */
    int64_t positives, negatives;       /* pairs that count */
} thor_family_saved;

void thor_family_place(thor_family_saved *saved, thor_arena *arena, int64_t n, int64_t E);

/* L_family of the logits l [n,E]; languages of equal family[] are related. */
double thor_family_forward(const thor_compute *compute, thor_family_saved *saved, const float *l,
                           const int32_t *family, int64_t n, int64_t E);

/* d_l [n,E] of weight * L_family: stored. Selections have no gradient. */
void thor_family_backward(const thor_compute *compute, float *d_l, const thor_family_saved *saved, double weight,
                          int64_t n, int64_t E);

#endif
