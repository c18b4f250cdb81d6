/* The numbers of a golden folder (thor-golden(5)), computed: a batch is the only shard of every step. */
#ifndef THOR_TRAIN_GOLDEN_H
#define THOR_TRAIN_GOLDEN_H

#include "base/tensor_list.h"
#include "train/digest.h"

/* Of each update: lr, gradient_norm (before clipping), clip (the factor), and the losses. */
enum { THOR_UPDATE_COUNT = 3 + THOR_LOSS_COUNT, THOR_MOST_UPDATES_TOLD = 1000 };
void thor_update_names(const char *names[THOR_UPDATE_COUNT]);

typedef struct thor_golden {
    thor_tensor_list batch;             /* I32, padded with the pad id */
    thor_tensor_list dropout;           /* U8 masks of step 1; empty without dropout */
    thor_tensor_list forward;           /* of step 1 in training: padded rows are 0 */
    float *initial, *gradients;         /* blocks [params.floats]: before step 1, and d(total)/d(parameter) of step 1 */
    double losses[THOR_LOSS_COUNT];     /* of step 1 */
    double (*updates)[THOR_UPDATE_COUNT];   /* [update_count]: the first ones, at most THOR_MOST_UPDATES_TOLD */
    int64_t update_count;
    float *m, *v;                       /* Adam's moments after the last step */
    char digest[65];                    /* after the last step */
} thor_golden;

/* Bytes that computing takes at its most, without the model's values; SIZE_MAX where they cannot be counted. */
size_t thor_golden_bytes(const thor_model *model, const thor_batch *batch, int threads);

/* Starts from model->values, makes `steps` updates (at least 1) and leaves the parameters after them there. Free with
 * thor_golden_free after any result. THOR_E_USAGE with another back end than the reference. */
thor_status thor_golden_compute(thor_golden *golden, thor_model *model, const thor_batch *batch, int64_t steps,
                                const thor_compute *compute, thor_error *error);
void thor_golden_free(thor_golden *golden);

#endif
