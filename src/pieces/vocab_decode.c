/* Pieces back to text, by SentencePiece's rules:
 *   - a blank at the start of the first piece goes (of all first pieces, while nothing else came, when extra blanks are
 *     removed), if the model adds or removes blanks there at all;
 *   - U+2581 becomes a blank; <unk> becomes the model's text for it; control pieces become nothing;
 *   - neighbouring byte pieces are read as UTF-8, what is not a character becoming U+FFFD byte by byte;
 *   - the denormaliser's character map, where there is one, comes last. */
#include "pieces/vocab_text.h"

#include <stdlib.h>
#include <string.h>

#include "pieces/normalize.h"
#include "text/utf8.h"

thor_joiner thor_join_start(const thor_vocab *vocab)
{
    return (thor_joiner){ .spm = thor_vocab_model(vocab), .at_start = true };
}

/* Reads the waiting bytes as UTF-8. */
static void flush_run(thor_joiner *joiner)
{
    thor_bytes *run = &joiner->run, *text = &joiner->text;
    for (size_t at = 0, length; at < run->count; at += length) {
        uint32_t code;
        length = thor_utf8_next(run->data + at, run->count - at, &code);
        if (length > 0)
            thor_bytes_add(text, run->data + at, length);
        else
            thor_bytes_add(text, "\xEF\xBF\xBD", 3);
        length += length == 0;
    }
    text->failed = text->failed || run->failed;
    run->count = 0;
}

/* What every piece but those of bytes starts with. */
static void begin_piece(thor_joiner *joiner)
{
    flush_run(joiner);
    if (joiner->blank_seen || joiner->text.count > 0)
        joiner->at_start = false;
    joiner->blank_seen = false;
}

static void add_spelling(thor_joiner *joiner, const thor_piece *piece)
{
    const char *p = piece->text, *end = p + piece->bytes;
    const thor_normal_rules *rules = &joiner->spm->normal;
    bool blank = piece->bytes >= THOR_BLANK_BYTES && memcmp(p, THOR_BLANK, THOR_BLANK_BYTES) == 0;
    if (joiner->at_start && (rules->add_dummy_prefix || rules->remove_extra_blanks)) {
        p += blank ? THOR_BLANK_BYTES : 0;
        joiner->blank_seen = blank && !rules->remove_extra_blanks;
    }
    while (p < end) {
        size_t length = thor_utf8_length(*p);
        if (length == THOR_BLANK_BYTES && memcmp(p, THOR_BLANK, THOR_BLANK_BYTES) == 0)
            thor_bytes_add_byte(&joiner->text, ' ');
        else
            thor_bytes_add(&joiner->text, p, length);
        p += length;
    }
}

static void add_byte(thor_joiner *joiner, int32_t index)
{
    unsigned byte = 0;
    while (joiner->spm->byte_piece[byte] != index)
        byte++;
    thor_bytes_add_byte(&joiner->run, (char)byte);
}

void thor_join_piece(thor_joiner *joiner, int32_t index)
{
    if (index < 0 || index >= joiner->spm->count)
        return;
    const thor_piece *piece = &joiner->spm->pieces[index];
    if (piece->type == THOR_PIECE_BYTE) {
        add_byte(joiner, index);
        return;
    }
    begin_piece(joiner);
    if (piece->type == THOR_PIECE_UNKNOWN)
        thor_bytes_add(&joiner->text, joiner->spm->unk_surface, joiner->spm->unk_surface_bytes);
    else if (piece->type != THOR_PIECE_CONTROL)
        add_spelling(joiner, piece);
}

void thor_join_unknown(thor_joiner *joiner, const char *text, size_t count)
{
    begin_piece(joiner);
    thor_bytes_add(&joiner->text, text, count);
}

thor_status thor_join_end(thor_joiner *joiner, thor_error *error)
{
    flush_run(joiner);
    free(joiner->run.data);
    if (joiner->spm->denormal.charsmap && !joiner->text.failed) {
        thor_bytes mapped = { .data = NULL };
        thor_normalize(&joiner->spm->denormal, NULL, joiner->text.data, joiner->text.count, &mapped);
        free(joiner->text.data);
        joiner->text = mapped;
    }
    return thor_bytes_check(&joiner->text, "a line of text", error);
}

thor_status thor_vocab_decode(const thor_vocab *vocab, const int32_t *ids, size_t count, char **text, thor_error *error)
{
    thor_joiner joiner = thor_join_start(vocab);
    *text = NULL;
    for (size_t i = 0; i < count; i++)
        thor_join_piece(&joiner, thor_vocab_file_index(vocab, ids[i]));
    thor_status status = thor_join_end(&joiner, error);
    thor_bytes_add_byte(&joiner.text, 0);
    if (status == THOR_OK)
        status = thor_bytes_check(&joiner.text, "a line of text", error);
    if (status == THOR_OK)
        *text = joiner.text.data;
    else
        free(joiner.text.data);
    return status;
}
