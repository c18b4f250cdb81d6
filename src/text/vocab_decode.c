/* Pieces back to text, by SentencePiece's rules:
 *   - a blank at the start of the first piece goes (of all first pieces, while nothing else came, when extra blanks are
 *     removed), if the model adds or removes blanks there at all;
 *   - U+2581 becomes a blank; <unk> becomes the model's text for it; control pieces become nothing;
 *   - neighbouring byte pieces are read as UTF-8, what is not a character becoming U+FFFD byte by byte;
 *   - the denormaliser's character map, where there is one, comes last. */
#include "text/vocab_text.h"

#include <stdlib.h>
#include <string.h>

#include "text/normalize.h"
#include "text/utf8.h"

typedef struct reader {
    const thor_spm *spm;
    bool at_start;              /* a leading blank would go */
    bool blank_seen;
    thor_bytes run;             /* bytes of byte pieces */
} reader;

static void flush_run(reader *r, thor_bytes *text)
{
    for (size_t at = 0, length; at < r->run.count; at += length) {
        uint32_t code;
        length = thor_utf8_next(r->run.data + at, r->run.count - at, &code);
        if (length > 0)
            thor_bytes_add(text, r->run.data + at, length);
        else
            thor_bytes_add(text, "\xEF\xBF\xBD", 3);
        length += length == 0;
    }
    text->failed = text->failed || r->run.failed;
    r->run.count = 0;
}

static void add_piece(reader *r, const thor_piece *piece, thor_bytes *text)
{
    const char *p = piece->text, *end = p + piece->bytes;
    const thor_normal_rules *rules = &r->spm->normal;
    bool blank = (size_t)(end - p) >= THOR_BLANK_BYTES && memcmp(p, THOR_BLANK, THOR_BLANK_BYTES) == 0;
    r->blank_seen = false;
    if (r->at_start && (rules->add_dummy_prefix || rules->remove_extra_blanks)) {
        p += blank ? THOR_BLANK_BYTES : 0;
        r->blank_seen = blank && !rules->remove_extra_blanks;
    }
    while (p < end) {
        size_t length = thor_utf8_length(*p);
        if (length == THOR_BLANK_BYTES && memcmp(p, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            thor_bytes_add_byte(text, ' ');
        else
            thor_bytes_add(text, p, length);
        p += length;
    }
}

static void add_index(reader *r, int32_t index, thor_bytes *text)
{
    const thor_piece *piece = &r->spm->pieces[index];
    if (piece->type == THOR_PIECE_BYTE) {
        unsigned byte = 0;
        while (r->spm->byte_piece[byte] != index)
            byte++;
        thor_bytes_add_byte(&r->run, (char)byte);
        return;
    }
    flush_run(r, text);
    if (r->blank_seen || text->count > 0)
        r->at_start = false;
    if (piece->type == THOR_PIECE_CONTROL)
        return;
    if (piece->type == THOR_PIECE_UNKNOWN)
        thor_bytes_add(text, r->spm->unk_surface, r->spm->unk_surface_bytes);
    else
        add_piece(r, piece, text);
}

thor_status thor_vocab_join(const thor_vocab *vocab, const int32_t *indices, size_t count, thor_bytes *text,
                            thor_error *error)
{
    reader r = { .spm = thor_vocab_model(vocab), .at_start = true };
    text->count = 0;
    for (size_t i = 0; i < count; i++)
        if (indices[i] >= 0 && indices[i] < r.spm->count)
            add_index(&r, indices[i], text);
    flush_run(&r, text);
    free(r.run.data);
    if (r.spm->denormal.charsmap && !text->failed) {
        thor_bytes mapped = { .data = NULL };
        thor_normalize(&r.spm->denormal, NULL, text->data, text->count, &mapped);
        free(text->data);
        *text = mapped;
    }
    return thor_bytes_check(text, "a line of text", error);
}

thor_status thor_vocab_decode(const thor_vocab *vocab, const int32_t *ids, size_t count, char **text, thor_error *error)
{
    thor_bytes joined = { .data = NULL };
    *text = NULL;
    int32_t *indices = malloc((count + 1) * sizeof *indices);
    if (!indices)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu ids", count);
    for (size_t i = 0; i < count; i++)
        indices[i] = thor_vocab_file_index(vocab, ids[i]);
    thor_status status = thor_vocab_join(vocab, indices, count, &joined, error);
    free(indices);
    thor_bytes_add_byte(&joined, 0);
    if (status == THOR_OK)
        status = thor_bytes_check(&joined, "a line of text", error);
    if (status == THOR_OK)
        *text = joined.data;
    else
        free(joined.data);
    return status;
}
