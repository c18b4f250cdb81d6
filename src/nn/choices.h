/* The choices that a configuration offers to layers. */
#ifndef THOR_NN_CHOICES_H
#define THOR_NN_CHOICES_H

typedef enum { THOR_CAPACITY_PRIORITY, THOR_CAPACITY_POSITION } thor_capacity_order;
typedef enum { THOR_TOP_K, THOR_TOP_P } thor_policy;
typedef enum { THOR_POOL_MAX, THOR_POOL_CLS, THOR_POOL_MEAN } thor_task_pool;
typedef enum {
    THOR_REPRESENTATION_MIXED, THOR_REPRESENTATION_PREDICTED, THOR_REPRESENTATION_GOLDEN, THOR_REPRESENTATION_NONE
} thor_task_representation;
typedef enum { THOR_CONTEXT_INTERPOLATE, THOR_CONTEXT_ADD, THOR_CONTEXT_NONE } thor_context_form;
typedef enum { THOR_RESIDUAL_CMR, THOR_RESIDUAL_SOFTMAX } thor_residual_form;
typedef enum { THOR_COUNT_SELECTED, THOR_COUNT_FIRST } thor_balance_count;

#endif
