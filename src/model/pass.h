/* One shard through the model: forward to losses, backward to gradients.
 *
 * A pass owns one arena in which every activation of a step lies; it is measured before it is taken. */
#ifndef THOR_MODEL_PASS_H
#define THOR_MODEL_PASS_H

#include "base/arena.h"
#include "base/tensor.h"
#include "model/batch.h"
#include "model/model.h"
#include "model/watch.h"
#include "nn/losses.h"
#include "simd/compute.h"

typedef struct thor_pass thor_pass;

/* How large a batch may be; thor_batch's fields of the same names. */
typedef struct thor_shape {
    int64_t sentences, source_rows, target_rows, source_width, target_width;
} thor_shape;

/* The tensors of the last forward pass under golden folders' names (thor-golden(5)): rows packed, [rows, width] for
 * positions (f32, or i32 for selections), [B, …] for sentences. `data` is valid until the next forward pass. Not
 * visited: logits, which are never stored whole. */
typedef enum thor_rows_of { THOR_OF_SENTENCES, THOR_OF_SOURCE, THOR_OF_TARGET } thor_rows_of;
typedef void thor_pass_visitor(void *context, const thor_tensor *tensor, thor_rows_of rows);
void thor_pass_visit(const thor_pass *pass, thor_pass_visitor *visit, void *context);

/* Whoever looks at what is soon overwritten, while the forward pass goes on: the embedding, the norms and what
 * sub-layers add to the stream, under golden folders' names. `data` is valid during the call. */
typedef struct thor_inside {
    thor_pass_visitor *visit;
    void *context;
    float *room;                /* [rows of the longer side, d], written by the pass */
} thor_inside;

typedef struct thor_pass_options {
    bool training;              /* dropout, capacity; what the backward pass needs is kept */
    uint64_t seed;
    uint32_t step, shard;       /* updates done, number of the shard: for the dropout masks */
    int32_t shards;             /* S, shards in this step */
    int64_t step_tokens;        /* target tokens of the whole step, all shards */
    float *gradients; /* training: the block [params.floats] that the backward pass will fill; the loss begins it */
    const thor_inside *inside;  /* NULL: nobody */
    const thor_watch *watch;    /* told where the pass is; NULL: nobody */
} thor_pass_options;

/* One shard's losses, in natural logarithms. */
typedef struct thor_losses {
    int64_t tokens;             /* target tokens of the shard */
    double nll_sum;             /* plain negative log likelihood, summed over the shard's tokens */
    double smooth_sum;          /* the same with label smoothing: what is trained on */
    double part[THOR_LOSS_PARTS];           /* from THOR_LOSS_TASK on: means of this shard, before their weights */
    int64_t task_right, task_sentences;     /* sentences whose predicted task is the label */
    int64_t routed_rows, chosen_experts; /* over all mixtures: rows, and chosen experts of all rows (before capacity) */
    int64_t dropped;                        /* choices that found no place */
} thor_losses;

/* Bytes that thor_pass_open will take for batches up to `most`. */
size_t thor_pass_bytes(const thor_model *model, const thor_shape *most, bool training, int threads);

/* `model` and `compute` have to outlive the pass. THOR_E_USAGE where batches of that size would have more values at a
 * site of dropout than there are random numbers for. */
thor_status thor_pass_open(thor_pass **pass, const thor_model *model, const thor_compute *compute,
                           const thor_shape *most, bool training, thor_error *error);
void thor_pass_close(thor_pass *pass);

/* Forward. `batch` has to stay until the backward pass is done. THOR_E_MEMORY when the batch is larger than `most`. */
thor_status thor_pass_forward(thor_pass *pass, const thor_batch *batch, const thor_pass_options *options,
                              thor_losses *losses, thor_error *error);

/* The encoder alone, for translation: batch->target_rows is 0, task_label may be NULL where no label is needed. */
thor_status thor_pass_encode(thor_pass *pass, const thor_batch *batch, thor_error *error);

/* Backward of the last forward pass (which was training). Fills the rest of options->gradients, gaps included:
 * d(NLL_smoothed sum / step_tokens + (sum over the other losses of weight times loss) / S) / d parameter. */
void thor_pass_backward(thor_pass *pass);

/* The logits [count, V] of target rows first … first+count-1 of the last forward pass. */
void thor_pass_logits(thor_pass *pass, float *logits, int64_t first, int64_t count);

#endif
