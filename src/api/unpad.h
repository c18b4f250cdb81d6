/* From a padded batch, as golden folders have it, to packed rows. */
#ifndef THOR_API_UNPAD_H
#define THOR_API_UNPAD_H

#include "base/status.h"
#include "model/batch.h"
#include "thor.h"

typedef struct thor_unpadded {
    thor_batch batch;
    int64_t *offsets;                   /* owned: [2 * (B+1)] */
    int32_t *ids;                       /* owned: source, target_in, target_out */
    int32_t *labels;                    /* owned: [3 * B] */
} thor_unpadded;

/* Copies what is not padding. Ids outside 0 … vocabulary-1, empty sentences and target rows of unequal length are
 * THOR_E_USAGE, with sentence and position. */
thor_status thor_unpad(thor_unpadded *unpadded, const thor_padded_batch *padded, int32_t vocabulary, thor_error *error);
void thor_unpadded_free(thor_unpadded *unpadded);

#endif
