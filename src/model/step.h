/* A position of translation, as the kinds of sub-layers see it: the rows of one position, and what stays between
 * positions. model/decoder.h is what others use. */
#ifndef THOR_MODEL_STEP_H
#define THOR_MODEL_STEP_H

#include "model/activations.h"
#include "model/decoder.h"

/* What one sub-layer remembers; its kind says how many of each. */
typedef struct thor_memory {
    float *past[THOR_MOST_STEP_ARRAYS];     /* [slots][room][d] */
    float *state[THOR_MOST_STEP_ARRAYS];    /* [slots][d] */
    float *source[THOR_MOST_STEP_ARRAYS];   /* [source rows][d] */
} thor_memory;

struct thor_decoder {
    thor_pass *pass;                    /* has encoded the sentences */
    const thor_stack *stack;
    int64_t beam, slots, room;          /* room: positions that `past` holds */
    thor_memory *memories;              /* [sub-layers] */
    void **kept;                        /* [sub-layers] a kind's own struct for the rows of one position, which the
                                         * sub-layers of a kind share */
    float *table;                       /* positions [table_count, d] */
    thor_arena arena;                   /* rows of one position, for all slots */
    thor_scratch scratch;
    float *x, *normed, *y;              /* [slots,d] */
    float *probs;                       /* thor_decoder_probs */
    int32_t *places, *sentence;         /* [slots] */
    int64_t *offset;                    /* [slots+1] every row is its own span */
    float *logits;
    /* the position at work */
    int64_t position;
    const int32_t *row_slots;           /* [rows] */
    thor_packing packing;
};

/* This thread's scratch for the probabilities of one head: keys of the source, or all positions so far. */
float *thor_decoder_probs(const thor_decoder *decoder, int thread);

#endif
