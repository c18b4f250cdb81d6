/* state.json of a checkpoint: where a training stands. */
#ifndef THOR_FILE_STATE_H
#define THOR_FILE_STATE_H

#include <stdint.h>

#include "base/status.h"

typedef struct thor_state {
    int64_t updates;            /* done */
    int64_t epoch, batch;       /* position of the sampler */
    int64_t tokens;             /* target tokens trained on */
    double seconds;             /* spent in training, all runs together */
    double best_nll;            /* of the best validation, a token; NaN before the first */
    int64_t best_updates;       /* when that was */
    double best_score;          /* its BLEU or chrF; NaN where perplexity decides */
    char best_by[16];           /* what decides: "perplexity", "bleu" or "chrf" */
    int64_t validated;          /* updates of the last validation; 0 before the first */
    int64_t worse;              /* validations since the best one */
    double group_best;          /* lowest loss of a token when groups might grow (thor-model(7)); NaN before that */
    int64_t grown;              /* updates when they might last; 0 before the first time */
    int64_t metrics_bytes;      /* length of metrics.jsonl at that moment */
    char data[65];              /* checksum of the prepared corpus */
    char vocabulary[65];        /* checksum of vocab.model */
} thor_state;

thor_status thor_state_write(const char *path, const thor_state *state, thor_error *error);

/* Every field has to be there and of its type. */
thor_status thor_state_read(thor_state *state, const char *path, thor_error *error);

#endif
