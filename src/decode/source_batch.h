/* Sources that are translated together. */
#ifndef THOR_DECODE_SOURCE_BATCH_H
#define THOR_DECODE_SOURCE_BATCH_H

#include "decode/beam.h"

/* What is one source for the model: the pieces of a line, or of a part of a long one. */
typedef struct thor_source_part {
    const int32_t *ids;
    int32_t count;
    int32_t source_language, target_language, domain;   /* domain -1: none was named */
    int64_t line;                       /* for messages */
    thor_translation translation;       /* freed by the caller with thor_translation_free */
} thor_source_part;

/* Encodes and searches sources[order[0 … count-1]] and fills their translations. `compute` is this call's alone. */
thor_status thor_source_batch_run(const thor_model *model, const thor_compute *compute, const thor_search *search,
                                  thor_source_part *sources, const int64_t *order, int64_t count, thor_error *error);

/* Does a translation depend on a task that is given, so that THOR_LABEL_DOMAIN needs a domain? */
bool thor_model_needs_task(const thor_model *model);

#endif
