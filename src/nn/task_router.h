/* The first routing decision: from a task's representation to the experts that its tokens may use, and the balance of
 * tasks. */
#ifndef THOR_NN_TASK_ROUTER_H
#define THOR_NN_TASK_ROUTER_H

#include "nn/nn.h"

/* probs [rows,E] = softmax(W_t r), candidates [rows,E] = 1 for the C largest (equal ones: the lowest index), else 0. r
 * [rows,d]. */
void thor_task_router_forward(const thor_compute *compute, float *probs, int32_t *candidates, const float *r,
                              const thor_linear *task_router, int64_t rows, int64_t C);

/* chosen [E] = 1 for the `count` largest of p [E] (equal ones: the lowest index), else 0. */
void thor_task_router_largest(int32_t *chosen, const float *p, int64_t E, int64_t count);

/* L_tb = E * sum_i f_i Q_i over `rows` tasks (or sentences): f_i the share of them whose candidates include i, Q_i the
 * mean of their P_i. f [E] and Q [E] are stored. */
double thor_task_balance(const thor_compute *compute, float *f, float *Q, const float *probs, const int32_t *candidates,
                         int64_t rows, int64_t E);

/* weight * d L_tb: d_r [rows,d] and d_weight [E,d] are stored; d_logits [rows,E] is scratch. f has no gradient. */
void thor_task_balance_backward(const thor_compute *compute, float *d_r, float *d_weight, float *d_logits,
                                const float *f, const float *probs, const float *r, const thor_linear *task_router,
                                int64_t rows, float weight);

#endif
