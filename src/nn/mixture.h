/* One mixture layer: task router, context gate, token router, experts. It knows rows, sentences and a task
 * representation, and nothing of the stack that holds it. */
#ifndef THOR_NN_MIXTURE_H
#define THOR_NN_MIXTURE_H

#include "nn/context.h"
#include "nn/experts.h"
#include "nn/task_router.h"

typedef struct thor_mixture {
    thor_router router;
    thor_experts experts;
    thor_linear task_router;            /* [E,d]; only where has_candidates */
    thor_linear gate;                   /* [d,2d]; only where the context is used */
    thor_context_form form;
    bool has_candidates;
    bool infuse;                        /* r is added to the routing input */
    bool feed_experts;                  /* the experts read the routing input */
    bool prefix;                        /* context: prefix (decoder) or sentence (encoder) */
} thor_mixture;

typedef struct thor_mixture_gradient {
    float *router, *task_router;
    thor_linear_gradient gate;
    thor_experts_gradient experts;
} thor_mixture_gradient;

typedef struct thor_mixture_saved {
    float *task_probs;                  /* [B,E] */
    int32_t *candidates;                /* [B,E] */
    float *context;                     /* c [R,d] */
    float *gate;                        /* lambda [R,d] */
    float *input;                       /* u [R,d]; x itself where nothing is added */
    thor_routing routing;
    thor_experts_saved experts;
    float *output;                      /* y [R,d] */
    float *d_task;                      /* [B,d] what infusing hands back to r */
} thor_mixture_saved;

/* Candidates of each sentence from r [B,d]; only where has_candidates. */
void thor_mixture_candidates(const thor_compute *compute, const thor_mixture_saved *saved, const float *r,
                             int64_t sentences, const thor_mixture *mixture);

/* u from x and c (c is in saved->context already): the gate, the form, and r where infused. */
void thor_mixture_input(const thor_compute *compute, const thor_mixture_saved *saved, const float *x, const float *r,
                        const thor_packing *packing, const thor_mixture *mixture);

/* y = saved->output from x [R,d] and r [B,d] (NULL where no task representation is used). */
void thor_mixture_forward(const thor_compute *compute, thor_mixture_saved *saved, const float *x, const float *r,
                          const thor_packing *packing, const thor_mixture *mixture, bool training);

/* d_x stored; saved->d_task stored where infused; the weights are those of L_lb and L_dyn in this shard. The task
 * router's gradient comes from thor_task_balance_backward. */
void thor_mixture_backward(const thor_compute *compute, float *d_x, const thor_mixture_gradient *gradient,
                           const float *d_y, const thor_mixture_saved *saved, const float *x,
                           const thor_packing *packing, float balance_weight, float dynamic_weight,
                           const thor_mixture *mixture, const thor_scratch *scratch);

#endif
