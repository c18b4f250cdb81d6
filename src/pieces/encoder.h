/* Many lines to ids on one thread: memory, and the pieces of words that were seen, stay from line to line. The ids are
 * those of thor_vocab_encode. */
#ifndef THOR_PIECES_ENCODER_H
#define THOR_PIECES_ENCODER_H

#include "base/bytes.h"
#include "pieces/segments.h"
#include "pieces/vocab.h"

/* Zero it before the first use, thor_encoder_free after the last. One thread uses it, for one vocabulary. */
typedef struct thor_encoder {
    thor_bytes normal;          /* the last line, normalised, */
    thor_segments segments;     /* and its pieces */
} thor_encoder;

/* Appends the ids of a line to *out. Text and errors as thor_vocab_encode. */
thor_status thor_encoder_line(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                              thor_ids *out, thor_error *error);

/* Only cuts the line: encoder->normal and encoder->segments, until the next call. Text and errors as
 * thor_vocab_encode. */
thor_status thor_encoder_cut(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                             thor_error *error);

/* Appends a line's pieces with blanks between, as the vocabulary spells them; unknown characters stand for themselves.
 * Text and errors as thor_vocab_encode. */
thor_status thor_encoder_pieces(thor_encoder *encoder, const thor_vocab *vocab, const char *text, size_t count,
                                thor_bytes *out, thor_error *error);

void thor_encoder_free(thor_encoder *encoder);

#endif
