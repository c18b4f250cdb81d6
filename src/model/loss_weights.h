/* What each loss counts in the total. */
#ifndef THOR_MODEL_LOSS_WEIGHTS_H
#define THOR_MODEL_LOSS_WEIGHTS_H

#include "model/config.h"
#include "nn/losses.h"

/* weight[THOR_LOSS_TASK] and those behind it; 0 for the first two. */
void thor_loss_weights(double weight[THOR_LOSS_PARTS], const thor_config *config);

/* `smoothed`, the smoothed NLL of a token, and every other part times its weight: L_task first, then the sum of the
 * mixtures' losses in their order. */
double thor_loss_total(const double weight[THOR_LOSS_PARTS], double smoothed, const double part[THOR_LOSS_PARTS]);

#endif
