/* Cutting normalised text into pieces. */
#ifndef THOR_PIECES_SEGMENT_H
#define THOR_PIECES_SEGMENT_H

#include <stddef.h>

#include "base/status.h"
#include "pieces/segments.h"
#include "pieces/spm.h"

typedef struct thor_segmenter thor_segmenter;

/* Tables for a model, which has to stay as long as they are used. Errors: THOR_E_MEMORY. */
thor_status thor_segmenter_create(thor_segmenter **segmenter, const thor_spm *spm, thor_error *error);
void thor_segmenter_free(thor_segmenter *segmenter);

/* Appends the pieces of `text`, which is normalised and valid UTF-8 of less than 2^31 bytes. Neighbouring unknown
 * characters are one segment with the piece spm->unk; with byte fallback each of their bytes is one. Thread-safe on
 * one segmenter. */
thor_status thor_segment_text(const thor_segmenter *segmenter, const char *text, size_t count, thor_segments *out,
                              thor_error *error);

#endif
