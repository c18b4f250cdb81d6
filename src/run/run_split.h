/* A model over a split of a corpus, teacher forced, batch by batch: for those who look at what it did. */
#ifndef THOR_RUN_RUN_SPLIT_H
#define THOR_RUN_RUN_SPLIT_H

#include "data/sampler.h"
#include "model/pass.h"

/* What stands after the forward pass of a batch. */
typedef struct thor_split_step {
    thor_pass *pass;
    const thor_batch *batch;
    const thor_losses *losses;
    const thor_direction *direction;
    int32_t direction_number;           /* among those of the sampler */
    const int64_t *order;               /* [sentences] their places in the corpus */
} thor_split_step;

/* An error ends the run. */
typedef thor_status thor_split_receiver(void *context, const thor_split_step *step, thor_error *error);

/* Runs the model over a split of the corpus in `folder`, in the directions that it was trained on, with the references
 * as targets, without dropout. THOR_E_FAILED where the split has no sentences; the message names those that have. */
thor_status thor_split_run(const thor_model *model, const thor_compute *compute, const thor_prepared *corpus,
                           const char *folder, thor_split split, thor_split_receiver *receive, void *context,
                           thor_error *error);

#endif
