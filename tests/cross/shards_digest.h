/* Updates of eight shards whose gradients come in any order, or at the same time. */
#ifndef THOR_TESTS_CROSS_SHARDS_DIGEST_H
#define THOR_TESTS_CROSS_SHARDS_DIGEST_H

#include "train/invented_batch.h"
#include "train/trainer.h"

/* `order`: "ordered" (thor_trainer_step), "reversed" (last shard first) or "together" (a thread each). For `reversed`
 * and `together` the update is put together here, from a gradient of its own for every shard, the tree written out. */
thor_status digest_shards(char hex[65], const thor_config *config, int64_t steps, const thor_compute *compute,
                          const char *order, thor_error *error);

#endif
