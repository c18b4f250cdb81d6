/* One update: shards forward and backward, the fixed tree, clipping, Adam. Nothing else decides anything. */
#ifndef THOR_TRAIN_TRAINER_H
#define THOR_TRAIN_TRAINER_H

#include "model/pass.h"
#include "train/optimizer.h"

/* The losses of one update (thor-model(7)): means over the step. */
typedef struct thor_step_report {
    int64_t tokens;             /* target tokens */
    int64_t source_tokens;
    int32_t shards;
    double part[THOR_LOSS_PARTS];   /* NLL and total are those of a token; total with smoothing and all weights */
    double task_accuracy;       /* share of sentences, 0 … 1; NaN without a predictor */
    double experts_per_token;   /* mean over rows and mixtures; NaN without mixtures */
    double dropped;             /* share of choices without a place */
    double gradient_norm;       /* before clipping */
    double lr;                  /* learning rate that this update used */
} thor_step_report;

typedef struct thor_trainer {
    thor_model *model;
    const thor_compute *compute;
    thor_pass *pass;
    float *m, *v;               /* Adam's moments [params.floats], owned */
    float **gradients;          /* [buffers], owned: log2(S)+1 at most */
    int buffers;
    thor_gradient_norm norm;
    int64_t updates;            /* updates done */
    const thor_watch *watch;    /* told where a step is; NULL: nobody */
} thor_trainer;

/* Bytes that thor_trainer_open takes beyond the model's values: moments, gradients, activations. */
size_t thor_trainer_bytes(const thor_model *model, const thor_shape *most, int32_t shards, int threads);

thor_status thor_trainer_open(thor_trainer *trainer, thor_model *model, const thor_compute *compute,
                              const thor_shape *most, int32_t shards, thor_error *error);
void thor_trainer_close(thor_trainer *trainer);

/* One update from `count` shards. A loss or gradient norm that is not finite is THOR_E_NUMBER, names the first
 * such tensor, and leaves parameters and moments as they were. */
thor_status thor_trainer_step(thor_trainer *trainer, const thor_batch *shards, int32_t count, thor_step_report *report,
                              thor_error *error);

/* Learning rate of the update after `done` updates (schedule.warmup of thor-config(5)). */
double thor_learning_rate(const thor_config *config, int64_t done);

#endif
