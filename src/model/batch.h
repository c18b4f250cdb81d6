/* One shard: sentence pairs as packed rows without padding, with sentence offsets. */
#ifndef THOR_MODEL_BATCH_H
#define THOR_MODEL_BATCH_H

#include <stdint.h>

typedef struct thor_batch {
    int64_t sentences;                  /* B */
    int64_t source_rows, target_rows;   /* sums of the lengths */
    int64_t source_width, target_width; /* S, T: the longest, the padded widths that dropout indices count with */
    const int64_t *source_offset;       /* [B+1] first row of each sentence */
    const int64_t *target_offset;       /* [B+1] */
    const int32_t *source;              /* [source_rows] [CLS] <src> w1 … wn </s> */
    const int32_t *target_in;           /* [target_rows] </s> <tgt> y1 … ym */
    const int32_t *target_out;          /* [target_rows] <tgt> y1 … ym </s> */
    const int32_t *source_language, *target_language, *task_label;  /* [B] */
} thor_batch;

#endif
