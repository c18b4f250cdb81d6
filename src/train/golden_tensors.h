/* Packed rows as the padded arrays that golden folders hold. */
#ifndef THOR_TRAIN_GOLDEN_TENSORS_H
#define THOR_TRAIN_GOLDEN_TENSORS_H

#include "base/tensor_list.h"
#include "model/pass.h"

enum { THOR_PADDING_ID = 1 };

/* src_tokens [B,S], tgt_in and tgt_out [B,T], src_language, tgt_language and task_label [B], I32. */
thor_status thor_golden_batch(thor_tensor_list *list, const thor_batch *batch, thor_error *error);

/* The keep masks of the step after `step` others, shard 0, in the order of the forward pass: all elements of the padded
 * arrays, those of padding too. An array of more than 2^34 elements is THOR_E_USAGE. */
thor_status thor_golden_dropout(thor_tensor_list *list, const thor_config *config, const thor_batch *batch,
                                uint32_t step, thor_error *error);

/* Collects what a forward pass shows inside its layers: zero it, set list, batch and error, hand it to thor_inside with
 * thor_golden_collect; `status` tells how it went. */
typedef struct thor_golden_collector {
    thor_tensor_list *list;
    const thor_batch *batch;
    thor_status status;
    thor_error *error;
} thor_golden_collector;

void thor_golden_collect(void *collector, const thor_tensor *tensor, thor_rows_of rows);

/* What thor_pass_visit shows of the last forward pass, and the logits [B,T,V]. */
thor_status thor_golden_forward(thor_tensor_list *list, thor_pass *pass, const thor_batch *batch, int64_t vocabulary,
                                thor_error *error);

#endif
