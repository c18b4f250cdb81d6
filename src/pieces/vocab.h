/* A subword vocabulary: text to ids and back.
 *
 * The file is a SentencePiece `.model` (protobuf). Ids of thor: 0 <s>, 1 <pad>, 2 </s>, 3 <unk>, then the pieces in
 * the file's own order without its special ones, then [CLS], then a token __xx__ for each language in the order of
 * the list: V = 4 + pieces + 1 + languages. The file itself knows nothing of languages; they come with the
 * configuration. */
#ifndef THOR_PIECES_VOCAB_H
#define THOR_PIECES_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/special_ids.h"
#include "base/status.h"

typedef struct thor_vocab thor_vocab;

/* A growing list of ids; zero it before the first use, free(ids) after the last. */
typedef struct thor_ids {
    int32_t *ids;
    size_t count, room;
} thor_ids;

/* Reads a `.model`. `thor_vocab_close` frees it. Errors: THOR_E_IO, THOR_E_FORMAT with path and offset. */
thor_status thor_vocab_open(thor_vocab **vocab, const char *path, thor_error *error);
/* The same from bytes in memory (copied); `name` stands in errors. */
thor_status thor_vocab_parse(thor_vocab **vocab, const void *bytes, size_t count, const char *name, thor_error *error);
void thor_vocab_close(thor_vocab *vocab);

/* Number of pieces without the special ones. */
int32_t thor_vocab_pieces(const thor_vocab *vocab);
/* SHA-256 of the file, 64 hexadecimal digits. */
const char *thor_vocab_checksum(const thor_vocab *vocab);
/* The bytes of the file, for writing it into a checkpoint. */
const void *thor_vocab_bytes(const thor_vocab *vocab, size_t *count);

/* Appends the ids of `text` (`count` bytes of UTF-8, no newline) to *out: pieces and THOR_ID_UNK only, no tags, no
 * </s>. Bytes that are not UTF-8 are an error THOR_E_FORMAT that names the byte's position. Thread-safe on one
 * vocab. */
thor_status thor_vocab_encode(const thor_vocab *vocab, const char *text, size_t count, thor_ids *out,
                              thor_error *error);

/* The text of `ids` (specials and ids beyond the pieces are left out, <unk> becomes " ⁇ " as in SentencePiece); the
 * caller frees *text, which ends with a zero byte. */
thor_status thor_vocab_decode(const thor_vocab *vocab, const int32_t *ids, size_t count, char **text,
                              thor_error *error);

/* The piece's own spelling (U+2581 for a blank), e.g. for printing; special ids have their names. NULL outside 0 … 3
 * + pieces. */
const char *thor_vocab_piece(const thor_vocab *vocab, int32_t id);

#endif
