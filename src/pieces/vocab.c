#include "pieces/vocab.h"

#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "pieces/normalize.h"
#include "pieces/segment.h"
#include "pieces/vocab_text.h"
#include "text/utf8.h"

enum { MOST_BYTES = 1 << 30 };

struct thor_vocab {
    char *bytes;
    size_t count;
    char checksum[65];
    thor_spm spm;
    thor_segmenter *segmenter;
    int32_t pieces;
    int32_t *to_file;           /* [pieces]: id - THOR_ID_FIRST_PIECE to index in the file */
    int32_t *to_id;             /* [spm.count]: index in the file to id */
};

static bool is_special(const thor_piece *piece)
{
    return piece->type == THOR_PIECE_UNKNOWN || piece->type == THOR_PIECE_CONTROL;
}

/* The ids of special pieces that thor knows; other control pieces have none and are the padding's. */
static int32_t special_id(const thor_piece *piece)
{
    if (piece->type == THOR_PIECE_UNKNOWN)
        return THOR_ID_UNK;
    if (strcmp(piece->text, "<s>") == 0)
        return THOR_ID_BOS;
    return strcmp(piece->text, "</s>") == 0 ? THOR_ID_EOS : THOR_ID_PAD;
}

static thor_status number_pieces(thor_vocab *vocab, thor_error *error)
{
    size_t count = (size_t)vocab->spm.count;
    vocab->to_file = malloc((count + 1) * sizeof *vocab->to_file);
    vocab->to_id = malloc((count + 1) * sizeof *vocab->to_id);
    if (!vocab->to_file || !vocab->to_id)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a vocabulary of %zu pieces", count);
    for (int32_t i = 0; i < vocab->spm.count; i++) {
        const thor_piece *piece = &vocab->spm.pieces[i];
        if (is_special(piece)) {
            vocab->to_id[i] = special_id(piece);
        } else {
            vocab->to_id[i] = THOR_ID_FIRST_PIECE + vocab->pieces;
            vocab->to_file[vocab->pieces++] = i;
        }
    }
    return THOR_OK;
}

/* Takes over `bytes`. */
static thor_status fill(thor_vocab *vocab, const char *name, thor_error *error)
{
    thor_sha256 hash;
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, vocab->bytes, vocab->count);
    thor_sha256_hex(&hash, vocab->checksum);
    THOR_TRY(thor_spm_read(&vocab->spm, vocab->bytes, vocab->count, name, error));
    THOR_TRY(thor_normal_check(&vocab->spm.normal, name, error));
    THOR_TRY(thor_normal_check(&vocab->spm.denormal, name, error));
    THOR_TRY(thor_segmenter_create(&vocab->segmenter, &vocab->spm, error));
    return number_pieces(vocab, error);
}

static thor_status make(thor_vocab **vocab, char *bytes, size_t count, const char *name, thor_error *error)
{
    *vocab = calloc(1, sizeof **vocab);
    if (!*vocab) {
        free(bytes);
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a vocabulary", name);
    }
    (*vocab)->bytes = bytes;
    (*vocab)->count = count;
    thor_status status = fill(*vocab, name, error);
    if (status != THOR_OK) {
        thor_vocab_close(*vocab);
        *vocab = NULL;
    }
    return status;
}

thor_status thor_vocab_open(thor_vocab **vocab, const char *path, thor_error *error)
{
    char *bytes;
    size_t count;
    *vocab = NULL;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &bytes, &count, error));
    return make(vocab, bytes, count, path, error);
}

thor_status thor_vocab_parse(thor_vocab **vocab, const void *bytes, size_t count, const char *name, thor_error *error)
{
    *vocab = NULL;
    char *copy = count < MOST_BYTES ? malloc(count + 1) : NULL;
    if (!copy)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a vocabulary of %zu bytes", name, count);
    if (count > 0)
        memcpy(copy, bytes, count);
    return make(vocab, copy, count, name, error);
}

void thor_vocab_close(thor_vocab *vocab)
{
    if (!vocab)
        return;
    thor_segmenter_free(vocab->segmenter);
    thor_spm_free(&vocab->spm);
    free(vocab->to_file);
    free(vocab->to_id);
    free(vocab->bytes);
    free(vocab);
}

int32_t thor_vocab_pieces(const thor_vocab *vocab)
{
    return vocab->pieces;
}

const char *thor_vocab_checksum(const thor_vocab *vocab)
{
    return vocab->checksum;
}

const void *thor_vocab_bytes(const thor_vocab *vocab, size_t *count)
{
    *count = vocab->count;
    return vocab->bytes;
}

const thor_spm *thor_vocab_model(const thor_vocab *vocab)
{
    return &vocab->spm;
}

int32_t thor_vocab_id(const thor_vocab *vocab, int32_t index)
{
    return index >= 0 && index < vocab->spm.count ? vocab->to_id[index] : THOR_ID_UNK;
}

int32_t thor_vocab_file_index(const thor_vocab *vocab, int32_t id)
{
    if (id == THOR_ID_UNK)
        return vocab->spm.unk;
    int32_t piece = id - THOR_ID_FIRST_PIECE;
    return id >= THOR_ID_FIRST_PIECE && piece < vocab->pieces ? vocab->to_file[piece] : -1;
}

int32_t thor_vocab_find(const thor_vocab *vocab, const char *text, size_t count)
{
    const thor_spm *spm = &vocab->spm;
    uint32_t number = thor_strings_find(&spm->reserved, text, count);
    return number == THOR_ABSENT ? thor_spm_find(spm, text, count) : spm->reserved_index[number];
}

const char *thor_vocab_piece(const thor_vocab *vocab, int32_t id)
{
    static const char *const names[] = { "<s>", "<pad>", "</s>", "<unk>" };
    if (id >= 0 && id < THOR_ID_FIRST_PIECE)
        return names[id];
    int32_t index = thor_vocab_file_index(vocab, id);
    return index < 0 ? NULL : vocab->spm.pieces[index].text;
}

thor_status thor_vocab_normal(const thor_vocab *vocab, const char *text, size_t count, thor_bytes *normal,
                              thor_error *error)
{
    size_t valid = thor_utf8_valid(text, count);
    normal->count = 0;
    if (valid != count)
        return thor_fail(error, THOR_E_FORMAT,
                         "byte %zu (0x%02X) is not UTF-8; convert the text first, for example with iconv", valid + 1,
                         (unsigned)(unsigned char)text[valid]);
    thor_normalize(&vocab->spm.normal, &vocab->spm, text, count, normal);
    return thor_bytes_check(normal, "a normalised line", error);
}

thor_status thor_vocab_cut(const thor_vocab *vocab, const char *text, size_t count, thor_bytes *normal,
                           thor_segments *segments, thor_error *error)
{
    segments->count = 0;
    THOR_TRY(thor_vocab_normal(vocab, text, count, normal, error));
    return thor_segment_text(vocab->segmenter, normal->data, normal->count, segments, error);
}
