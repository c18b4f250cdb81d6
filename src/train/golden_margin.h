/* How near a golden folder's choices are to being others, and which parts of routing it exercises. */
#ifndef THOR_TRAIN_GOLDEN_MARGIN_H
#define THOR_TRAIN_GOLDEN_MARGIN_H

#include "train/golden.h"

/* The smallest of some distances, and where it is; infinity and "" where there is none. */
typedef struct thor_golden_nearest {
    double distance;
    char name[THOR_MAX_NAME];
    int64_t sentence, position;     /* position -1: of the whole sentence */
} thor_golden_nearest;

typedef struct thor_golden_margin {
    thor_golden_nearest gap;    /* by how much probabilities would have to be off for another choice of experts;
                                 * without the order under a capacity */
    thor_golden_nearest relu;   /* |W1 x + b1|, in binary64, of the rows that reach the network */
    int64_t rows;               /* of all mixtures, without padding */
    int64_t fewest, most;       /* experts of a row, before a capacity drops any */
    int64_t renormalized;       /* rows whose gates are not P */
    int64_t dropped;            /* choices without a place */
} thor_golden_margin;

/* From the forward pass of step 1 and the parameters before it. */
void thor_golden_measure(thor_golden_margin *margin, const thor_golden *golden, const thor_model *model,
                         const thor_batch *batch);

#endif
