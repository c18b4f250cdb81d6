/* A step on several processes: this one's shards, everybody's losses, the update of what it owns (thor-cluster(7)). */
#ifndef THOR_TRAIN_SHARE_H
#define THOR_TRAIN_SHARE_H

#include "train/trainer.h"

/* Opens trainer->share, whose norm is open. `bucket`: floats of a bucket at most. */
thor_status thor_share_open(thor_trainer *trainer, const thor_cluster *cluster, int64_t bucket, int32_t shards,
                            thor_error *error);
void thor_share_close(thor_share *share);

/* Runs this process's shards into its partials, then agrees: the error of the lowest shard that failed is everybody's,
 * and parameters and moments are as before. */
thor_status thor_share_run(thor_trainer *trainer, const thor_batch *shards, int32_t count,
                           const thor_step_report *report, thor_error *error);

/* The losses of a shard, whoever ran it, after thor_share_run. */
const thor_losses *thor_share_losses(const thor_share *share, int32_t shard, int32_t count);

/* Adam on the owned floats; then everybody has all new values. */
void thor_share_update(thor_trainer *trainer, const thor_adam_scalars *scalars);

#endif
