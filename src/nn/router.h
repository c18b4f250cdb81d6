/* The second routing decision: each token, with its context, chooses among the candidate experts. */
#ifndef THOR_NN_ROUTER_H
#define THOR_NN_ROUTER_H

#include "base/numbers.h"
#include "nn/choices.h"
#include "nn/nn.h"

typedef struct thor_router {
    thor_linear linear;                 /* W_r [E,d], no bias */
    thor_policy policy;
    int64_t k;                          /* top-k */
    float p;                            /* top-p */
    bool renormalize;                   /* gates are divided by the sum of the chosen */
    double capacity_factor;             /* 0: no token is dropped */
    thor_capacity_order capacity_order;
    thor_balance_count count;
    bool unbalanced;                    /* L_lb is 0, whatever its weight */
    int64_t pool;                       /* E' of the capacity: C where there are candidates, else E */
    int64_t d, E, C;                    /* C = E without candidates */
} thor_router;

/* Rows are counted in so many chunks, whatever the threads. */
enum { THOR_ROUTER_CHUNKS = 64 };

static inline int64_t thor_router_chunks(int64_t rows)
{
    return thor_smaller(rows / 128 + 1, THOR_ROUTER_CHUNKS);
}

/* What routing decided; kept for the backward pass, the experts and whoever looks. */
typedef struct thor_routing {
    float *probs;                       /* P [R,E], 0 outside the candidates */
    int32_t *selected;                  /* [R,E] 0/1, before capacity */
    float *gates;                       /* g [R,E], 0 where not chosen or without a place */
    float *gate_sum;                    /* [R] what the gates were divided by; 1 where they were not */
    int32_t *choice;                    /* [R,k] top-k: experts by falling P; top-p: [R] the first choice */
    uint64_t *order;                    /* [2R] scratch of the capacity's queue */
    int64_t *counts;                    /* [THOR_ROUTER_CHUNKS,E] scratch: choices of a chunk of rows */
    float *entropy;                     /* [R] scratch: sum_i P_i ln P_i (top-p) */
    int64_t *offset;                    /* [E+1] first assignment of each expert */
    int32_t *row;                       /* [A] row of each assignment, ascending within an expert */
    int32_t *place;                     /* [R,E] assignment of row and expert, -1 where there is none */
    float *f, *Q;                       /* [E] share of rows that chose i, mean of P_i */
    float *logarithm;                   /* [R,E] ln P, 0 where P = 0 (top-p) */
    int64_t chosen, dropped;            /* choices of all rows, and how many of them found no place */
} thor_routing;

/* Most assignments that R rows can make. */
int64_t thor_router_most_assignments(const thor_router *router, int64_t rows);

/* Takes the memory for R = `rows` rows. */
void thor_router_place(const thor_router *router, thor_routing *routing, thor_arena *arena, int64_t rows);

/* Decides from the logits z [R,E], which lie in routing->probs; candidates [B,E] or NULL. Capacity acts where
 * `training`. */
void thor_router_forward(const thor_compute *compute, thor_routing *routing, const int32_t *candidates,
                         const thor_packing *packing, const thor_router *router, bool training);

/* L_lb = E * sum_i f_i Q_i and L_dyn = mean over rows of -sum_i P_i ln P_i (0 under top-k). */
void thor_router_losses(const thor_compute *compute, double *balance, double *dynamic, thor_routing *routing,
                        int64_t rows, const thor_router *router);

/* From d_gates [R,E] and the weighted losses: d_logits [R,E] is stored. */
void thor_router_backward(const thor_compute *compute, float *d_logits, const float *d_gates,
                          const thor_routing *routing, int64_t rows, float balance_weight, float dynamic_weight,
                          const thor_router *router);

#endif
