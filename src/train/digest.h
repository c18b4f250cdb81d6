/* One number for a whole training: what every machine, compiler and number of threads has to agree on.
 *
 * SHA-256 of these bytes, one behind the other:
 *   every parameter in the order of the names (strcmp), each row-major, little-endian binary32, without gaps;
 *   Adam's m of every parameter in the same order; then v;
 *   where a step was made, the losses of the last one as little-endian binary64: total, nll, task, task_balance,
 *   token_balance, dynamic, budget, family, tokens. */
#ifndef THOR_TRAIN_DIGEST_H
#define THOR_TRAIN_DIGEST_H

#include "train/trainer.h"

enum { THOR_LOSS_COUNT = THOR_LOSS_PARTS + 1 };     /* and tokens */

/* The losses of a step in that order, and their names in losses.json. */
void thor_step_losses(double losses[THOR_LOSS_COUNT], const thor_step_report *report);
extern const char *const thor_loss_names[THOR_LOSS_COUNT];

/* 64 hexadecimal digits and a zero byte. `report` of the last step, or NULL before the first. */
void thor_digest_trainer(char hex[65], const thor_trainer *trainer, const thor_step_report *report);

/* What a batch takes. */
thor_shape thor_batch_shape(const thor_batch *batch);

/* From the values that `model` holds `steps` updates, which it holds afterwards; each with `batch` as its only shard,
 * whatever batch.shards says. THOR_E_USAGE with another back end than the reference. */
thor_status thor_digest_model(char hex[65], thor_model *model, const thor_batch *batch, int64_t steps,
                              const thor_compute *compute, thor_error *error);

/* The same from the initial values of a seed. The configuration has to be complete (vocab.ids,
 * languages). */
thor_status thor_digest_run(char hex[65], const thor_config *config, const thor_batch *batch, int64_t steps,
                            const thor_compute *compute, thor_error *error);

#endif
