/* What is inside a vocabulary, for commands that show more than ids. */
#ifndef THOR_TEXT_VOCAB_TEXT_H
#define THOR_TEXT_VOCAB_TEXT_H

#include "text/bytes.h"
#include "text/segment.h"
#include "text/spm.h"
#include "text/vocab.h"

const thor_spm *thor_vocab_model(const thor_vocab *vocab);

/* A piece's index in the file to thor's id, and back: -1 where the file has no such piece. */
int32_t thor_vocab_id(const thor_vocab *vocab, int32_t index);
int32_t thor_vocab_file_index(const thor_vocab *vocab, int32_t id);

/* Replaces *normal by the normalised text and *segments by its pieces. Both start zeroed and are the caller's to free.
 * Errors as thor_vocab_encode. */
thor_status thor_vocab_cut(const thor_vocab *vocab, const char *text, size_t count, thor_bytes *normal,
                           thor_segments *segments, thor_error *error);

/* The text of pieces by their index in the file; control pieces are left out. Replaces *text, which starts zeroed. */
thor_status thor_vocab_join(const thor_vocab *vocab, const int32_t *indices, size_t count, thor_bytes *text,
                            thor_error *error);

#endif
