/* A SentencePiece model as its file states it: pieces, and the settings that encoding and decoding obey.
 *
 * ModelProto of sentencepiece_model.proto (github.com/google/sentencepiece): pieces 1 {piece 1, score 2, type 3},
 * trainer_spec 2, normalizer_spec 3, denormalizer_spec 5. Other fields are stepped over. */
#ifndef THOR_PIECES_SPM_H
#define THOR_PIECES_SPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "pieces/normalize.h"
#include "text/hash_tables.h"

typedef enum thor_piece_type {
    THOR_PIECE_NORMAL = 1, THOR_PIECE_UNKNOWN = 2, THOR_PIECE_CONTROL = 3, THOR_PIECE_USER = 4, THOR_PIECE_UNUSED = 5,
    THOR_PIECE_BYTE = 6
} thor_piece_type;

typedef enum thor_model_type { THOR_UNIGRAM = 1, THOR_BPE = 2, THOR_WORD = 3, THOR_CHAR = 4 } thor_model_type;

typedef struct thor_piece {
    const char *text;           /* ends with a zero byte; lies in thor_spm.text */
    uint32_t bytes;
    float score;                /* finite */
    thor_piece_type type;
} thor_piece;

typedef struct thor_spm {
    thor_piece *pieces;         /* [count], in the file's order */
    int32_t count;
    char *text;                 /* the pieces' spellings */
    thor_model_type type;
    bool byte_fallback;
    const char *unk_surface;    /* what <unk> decodes to; no zero byte behind it */
    size_t unk_surface_bytes;
    thor_normal_rules normal, denormal;
    int32_t unk;                /* the index of <unk> */
    thor_strings normals;       /* texts of pieces that encoding may give, and of all others */
    thor_strings reserved;
    thor_strings users;         /* texts of the user-defined pieces, which are never cut */
    size_t longest_user;        /* bytes; 0: there are none */
    int32_t *normal_index;      /* number in `normals`, in `reserved`, to index of the piece */
    int32_t *reserved_index;
    int32_t byte_piece[256];    /* index of the piece of a byte; with byte_fallback all are there */
} thor_spm;

/* Reads `count` bytes, which have to stay while *spm is used; `name` stands in errors. thor_spm_free frees it, also
 * after an error. Errors: THOR_E_FORMAT with the offset: truncated, no <unk>, a piece twice, empty or not UTF-8 … */
thor_status thor_spm_read(thor_spm *spm, const void *bytes, size_t count, const char *name, thor_error *error);
void thor_spm_free(thor_spm *spm);

/* The piece with this text that encoding may give; -1 when there is none. */
int32_t thor_spm_find(const thor_spm *spm, const char *text, size_t count);

/* Bytes of the longest user-defined piece that `text` starts with; 0 when it starts with none. */
size_t thor_spm_user_prefix(const thor_spm *spm, const char *text, size_t count);

/* What a written model states of itself. */
typedef struct thor_spm_header {
    thor_model_type type;
    int32_t vocab_size;         /* all pieces, special ones too */
    float character_coverage;
    int32_t longest_line, longest_piece;
    bool split_by_script, split_by_number, split_by_blank, split_digits, blank_as_suffix, blank_pieces, byte_fallback;
    const char *required;       /* NULL: none */
    const char *normalization;  /* the rule's name; NULL: "identity" */
    const void *charsmap;       /* its compiled map */
    size_t charsmap_bytes;
    bool no_dummy_prefix, keep_extra_blanks;
} thor_spm_header;

/* Writes pieces one by one, then the header. */
void thor_spm_put_piece(thor_bytes *out, const char *text, size_t count, float score, thor_piece_type type);
void thor_spm_put_header(thor_bytes *out, const thor_spm_header *header);

#endif
