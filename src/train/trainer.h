/* One update: shards forward and backward, the fixed tree, clipping, Adam. Nothing else decides anything.
 *
 * On several processes each computes some of the shards and owns some of the parameters: it adds up their gradients,
 * has their moments and updates them, and all copy the new values from their owners. The bits are those of one process
 * (thor-cluster(7)). */
#ifndef THOR_TRAIN_TRAINER_H
#define THOR_TRAIN_TRAINER_H

#include "cluster/exchange.h"
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

/* What one of several processes has besides; cluster NULL where there is one. */
typedef struct thor_share {
    const thor_cluster *cluster;
    thor_buckets buckets;
    thor_exchange exchange;
    char *own, *all;            /* records of a step: this process's, and those of all */
    size_t record;              /* bytes of one */
    int64_t owned;              /* floats */
} thor_share;

typedef struct thor_trainer {
    thor_model *model;
    const thor_compute *compute;
    thor_pass *pass;
    float *m, *v;               /* Adam's moments [params.floats]; of several processes those of the floats that this
                                 * one owns, as they are packed in the buckets */
    float **gradients;          /* [buffers]: log2(S)+1 at most */
    int buffers;
    thor_gradient_norm norm;
    thor_share share;
    int64_t updates;            /* updates done */
    const thor_watch *watch;    /* told where a step is; NULL: nobody */
} thor_trainer;

/* Bytes that thor_trainer_open takes beyond the model's values: moments, gradients, activations. */
size_t thor_trainer_bytes(const thor_model *model, const thor_shape *most, int32_t shards, int threads);

thor_status thor_trainer_open(thor_trainer *trainer, thor_model *model, const thor_compute *compute,
                              const thor_shape *most, int32_t shards, thor_error *error);

/* The same as one of several processes; `cluster` has to outlive the trainer and may be NULL. `cut` NULL: the sizes of
 * thor-numerics(7); others are for tests. */
typedef struct thor_cut {
    int64_t piece, bucket;      /* floats */
} thor_cut;
thor_status thor_trainer_open_together(thor_trainer *trainer, thor_model *model, const thor_compute *compute,
                                       const thor_shape *most, int32_t shards, const thor_cluster *cluster,
                                       const thor_cut *cut, thor_error *error);
void thor_trainer_close(thor_trainer *trainer);

/* One update from `count` shards, those of all processes; only this one's are looked at beyond their sizes. A loss
 * or gradient norm that is not finite is THOR_E_NUMBER, names the first such tensor, and leaves parameters and
 * moments as they were. */
thor_status thor_trainer_step(thor_trainer *trainer, const thor_batch *shards, int32_t count, thor_step_report *report,
                              thor_error *error);

/* Learning rate of the update after `done` updates (schedule.warmup of thor-config(5)). */
double thor_learning_rate(const thor_config *config, int64_t done);

#endif
