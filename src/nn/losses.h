/* The losses of a step by name: what arrays of losses are indexed with. The order is the one of losses.json and of the
 * digest. */
#ifndef THOR_NN_LOSSES_H
#define THOR_NN_LOSSES_H

typedef enum thor_loss_part {
    THOR_LOSS_TOTAL,
    THOR_LOSS_NLL,
    THOR_LOSS_TASK,                     /* L_task, the task predictor's cross entropy */
    THOR_LOSS_TASK_BALANCE,             /* L_tb; from here on: summed over mixtures */
    THOR_LOSS_TOKEN_BALANCE,            /* L_lb */
    THOR_LOSS_DYNAMIC,                  /* L_dyn */
    THOR_LOSS_BUDGET,
    THOR_LOSS_FAMILY,
    THOR_LOSS_PARTS
} thor_loss_part;

#endif
