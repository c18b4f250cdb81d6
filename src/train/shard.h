/* One shard of a step: forward, a look at its numbers, backward. */
#ifndef THOR_TRAIN_SHARD_H
#define THOR_TRAIN_SHARD_H

#include "train/reduce.h"
#include "train/trainer.h"

/* What the shards of a step have in common; `report` knows its shards and tokens. */
thor_pass_options thor_shard_options(const thor_trainer *trainer, const thor_step_report *report);

/* The gradient of a batch becomes the tree's next leaf, which options->gradients is. A loss that is not finite is
 * THOR_E_NUMBER and names the first such tensor. */
thor_status thor_shard_run(thor_trainer *trainer, thor_reduce *tree, const thor_batch *batch,
                           const thor_pass_options *options, thor_losses *losses, thor_error *error);

#endif
