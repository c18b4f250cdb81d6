/* What is inside a vocabulary, for commands that show more than ids. */
#ifndef THOR_PIECES_VOCAB_TEXT_H
#define THOR_PIECES_VOCAB_TEXT_H

#include "base/bytes.h"
#include "pieces/segment.h"
#include "pieces/spm.h"
#include "pieces/vocab.h"

const thor_spm *thor_vocab_model(const thor_vocab *vocab);

/* A piece's index in the file to thor's id, and back: -1 where the file has no such piece. */
int32_t thor_vocab_id(const thor_vocab *vocab, int32_t index);
int32_t thor_vocab_file_index(const thor_vocab *vocab, int32_t id);

/* Replaces *normal by the normalised text. Errors as thor_vocab_encode. */
thor_status thor_vocab_normal(const thor_vocab *vocab, const char *text, size_t count, thor_bytes *normal,
                              thor_error *error);

/* Replaces *normal by the normalised text and *segments by its pieces. Both start zeroed and are the caller's to free.
 * Errors as thor_vocab_encode. */
thor_status thor_vocab_cut(const thor_vocab *vocab, const char *text, size_t count, thor_bytes *normal,
                           thor_segments *segments, thor_error *error);

/* The index in the file of a piece by its spelling, special ones included; -1 when there is none. */
int32_t thor_vocab_find(const thor_vocab *vocab, const char *text, size_t count);

/* Joins pieces to text, one after the other. */
typedef struct thor_joiner {
    const thor_spm *spm;
    thor_bytes text;            /* the caller's to free */
    thor_bytes run;             /* bytes of byte pieces that wait for the last of their character */
    bool at_start;              /* a leading blank would go */
    bool blank_seen;
} thor_joiner;

thor_joiner thor_join_start(const thor_vocab *vocab);
/* A piece by its index in the file; indices outside of it are left out. */
void thor_join_piece(thor_joiner *joiner, int32_t index);
/* Text that is no piece, as SentencePiece prints unknown characters: it stays as it is. */
void thor_join_unknown(thor_joiner *joiner, const char *text, size_t count);
/* After the last piece: joiner->text is complete. Frees everything else. */
thor_status thor_join_end(thor_joiner *joiner, thor_error *error);

#endif
