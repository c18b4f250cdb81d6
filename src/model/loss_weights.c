#include "model/loss_weights.h"

#include <string.h>

void thor_loss_weights(double weight[THOR_LOSS_PARTS], const thor_config *config)
{
    memset(weight, 0, THOR_LOSS_PARTS * sizeof *weight);
    weight[THOR_LOSS_TASK] = config->loss.task;
    weight[THOR_LOSS_TASK_BALANCE] = config->loss.task_balance;
    weight[THOR_LOSS_TOKEN_BALANCE] = config->loss.token_balance;
    weight[THOR_LOSS_DYNAMIC] = config->loss.dynamic;
    weight[THOR_LOSS_BUDGET] = config->residual.budget_weight;
    weight[THOR_LOSS_FAMILY] = config->lingual.family_weight;
}

double thor_loss_total(const double weight[THOR_LOSS_PARTS], double smoothed, const double part[THOR_LOSS_PARTS])
{
    double mixtures = 0;
    for (int i = THOR_LOSS_TASK_BALANCE; i < THOR_LOSS_PARTS; i++)
        mixtures += weight[i] * part[i];
    return smoothed + weight[THOR_LOSS_TASK] * part[THOR_LOSS_TASK] + mixtures;
}
