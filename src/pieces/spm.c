#include "pieces/spm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pieces/protobuf.h"
#include "text/utf8.h"

/* Every piece costs at least this many bytes of a file, so a file bounds the memory that it can ask for. */
enum { LEAST_PIECE_BYTES = 5 };

static thor_status read_piece_text(thor_spm *spm, thor_piece *piece, const thor_pb *message, const thor_pb_field *field,
                                   size_t *used, thor_error *error)
{
    THOR_TRY(thor_pb_expect(message, field, THOR_PB_BYTES, "a piece's text", error));
    const char *text = (const char *)message->bytes + field->at;
    size_t count = (size_t)field->value;
    if (memchr(text, 0, count) || thor_utf8_valid(text, count) != count)
        return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: piece %d is not UTF-8 text without zero bytes",
                         message->name, field->at, (int)spm->count);
    piece->text = spm->text + *used;
    piece->bytes = (uint32_t)count;
    memcpy(spm->text + *used, text, count);
    spm->text[*used + count] = 0;
    *used += count + 1;
    return THOR_OK;
}

static thor_status read_piece_field(thor_spm *spm, thor_piece *piece, const thor_pb *message,
                                    const thor_pb_field *field, size_t *used, thor_error *error)
{
    if (field->number == 1)
        return read_piece_text(spm, piece, message, field, used, error);
    if (field->number == 2) {
        THOR_TRY(thor_pb_expect(message, field, THOR_PB_FIXED32, "a piece's score", error));
        piece->score = thor_pb_float(field);
        if (!isfinite(piece->score))
            return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: the score of piece %d is not finite", message->name,
                             field->at, (int)spm->count);
    } else if (field->number == 3) {
        THOR_TRY(thor_pb_expect(message, field, THOR_PB_VARINT, "a piece's type", error));
        if (field->value < THOR_PIECE_NORMAL || field->value > THOR_PIECE_BYTE)
            return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: type %llu of piece %d; expected 1 to 6",
                             message->name, field->at, (unsigned long long)field->value, (int)spm->count);
        piece->type = (thor_piece_type)field->value;
    }
    return THOR_OK;
}

static thor_status read_piece(thor_spm *spm, thor_pb message, size_t *used, thor_error *error)
{
    thor_piece *piece = &spm->pieces[spm->count];
    *piece = (thor_piece){ .text = NULL, .type = THOR_PIECE_NORMAL };
    size_t start = message.at;
    for (;;) {
        thor_pb_field field;
        bool more;
        THOR_TRY(thor_pb_next(&message, &field, &more, error));
        if (!more)
            break;
        if (field.number == 1 && piece->text)
            return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: piece %d has two texts", message.name, field.at,
                             (int)spm->count);
        THOR_TRY(read_piece_field(spm, piece, &message, &field, used, error));
    }
    if (!piece->text || piece->bytes == 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: piece %d is empty", message.name, start,
                         (int)spm->count);
    spm->count++;
    return THOR_OK;
}

static thor_status read_trainer(thor_spm *spm, thor_pb message, thor_error *error)
{
    for (;;) {
        thor_pb_field field;
        bool more;
        THOR_TRY(thor_pb_next(&message, &field, &more, error));
        if (!more)
            return THOR_OK;
        if (field.number == 3 || field.number == 24 || field.number == 35)
            THOR_TRY(thor_pb_expect(&message, &field, THOR_PB_VARINT, "a setting of the trainer", error));
        if (field.number == 3) {
            if (field.value < THOR_UNIGRAM || field.value > THOR_CHAR)
                return thor_fail(error, THOR_E_FORMAT,
                                 "%s: offset %zu: model type %llu; expected 1 (unigram), 2 (bpe), "
                                 "3 (word) or 4 (char)",
                                 message.name, field.at, (unsigned long long)field.value);
            spm->type = (thor_model_type)field.value;
        } else if (field.number == 24) {
            spm->normal.blank_as_suffix = field.value != 0;
        } else if (field.number == 35) {
            spm->byte_fallback = field.value != 0;
        } else if (field.number == 44) {
            THOR_TRY(thor_pb_expect(&message, &field, THOR_PB_BYTES, "the text of <unk>", error));
            spm->unk_surface = (const char *)message.bytes + field.at;
            spm->unk_surface_bytes = (size_t)field.value;
            if (memchr(spm->unk_surface, 0, spm->unk_surface_bytes))
                return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: a zero byte in the text of <unk>", message.name,
                                 field.at);
        }
    }
}

static thor_status read_normalizer(thor_normal_rules *rules, thor_pb message, thor_error *error)
{
    for (;;) {
        thor_pb_field field;
        bool more;
        THOR_TRY(thor_pb_next(&message, &field, &more, error));
        if (!more)
            return THOR_OK;
        if (field.number >= 3 && field.number <= 5)
            THOR_TRY(thor_pb_expect(&message, &field, THOR_PB_VARINT, "a setting of the normaliser", error));
        if (field.number == 2) {
            THOR_TRY(thor_pb_expect(&message, &field, THOR_PB_BYTES, "the character map", error));
            rules->charsmap = field.value > 0 ? message.bytes + field.at : NULL;
            rules->charsmap_bytes = (size_t)field.value;
        } else if (field.number == 3) {
            rules->add_dummy_prefix = field.value != 0;
        } else if (field.number == 4) {
            rules->remove_extra_blanks = field.value != 0;
        } else if (field.number == 5) {
            rules->escape_blanks = field.value != 0;
        }
    }
}

static thor_status read_fields(thor_spm *spm, thor_pb message, thor_error *error)
{
    size_t used = 0;
    for (;;) {
        thor_pb_field field;
        bool more;
        THOR_TRY(thor_pb_next(&message, &field, &more, error));
        if (!more)
            return THOR_OK;
        if (field.number != 1 && field.number != 2 && field.number != 3 && field.number != 5)
            continue;
        THOR_TRY(thor_pb_expect(&message, &field, THOR_PB_BYTES, "a part of the model", error));
        thor_pb inside = thor_pb_inside(&message, &field);
        if (field.number == 1)
            THOR_TRY(read_piece(spm, inside, &used, error));
        else if (field.number == 2)
            THOR_TRY(read_trainer(spm, inside, error));
        else
            THOR_TRY(read_normalizer(field.number == 3 ? &spm->normal : &spm->denormal, inside, error));
    }
}

/* The byte of a piece spelled <0xHH> with capital digits; -1 for another spelling. */
static int byte_of(const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (strlen(text) != 6 || strncmp(text, "<0x", 3) != 0 || text[5] != '>')
        return -1;
    const char *high = strchr(digits, text[3]), *low = strchr(digits, text[4]);
    return high && low ? (int)(16 * (high - digits) + (low - digits)) : -1;
}

static thor_status note_special(thor_spm *spm, int32_t index, const char *name, thor_error *error)
{
    const thor_piece *piece = &spm->pieces[index];
    if (piece->type == THOR_PIECE_UNKNOWN) {
        if (spm->unk >= 0)
            return thor_fail(error, THOR_E_FORMAT, "%s: pieces %d and %d are both of the type unknown; expected one",
                             name, (int)spm->unk, (int)index);
        spm->unk = index;
    }
    if (piece->type == THOR_PIECE_USER) {
        if (thor_strings_add(&spm->users, piece->text, piece->bytes) == THOR_ABSENT)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its user-defined pieces", name);
        spm->longest_user = piece->bytes > spm->longest_user ? piece->bytes : spm->longest_user;
    }
    if (piece->type == THOR_PIECE_BYTE) {
        int byte = byte_of(piece->text);
        if (byte < 0 || !spm->byte_fallback)
            return thor_fail(error, THOR_E_FORMAT,
                             "%s: piece %d, \"%s\", is of the type byte; expected <0x00> to <0xFF> in a "
                             "model with byte fallback",
                             name, (int)index, piece->text);
        spm->byte_piece[byte] = index;
    }
    return THOR_OK;
}

static bool is_reserved(const thor_piece *piece)
{
    return piece->type == THOR_PIECE_UNKNOWN || piece->type == THOR_PIECE_CONTROL || piece->type == THOR_PIECE_BYTE;
}

static thor_status index_pieces(thor_spm *spm, const char *name, thor_error *error)
{
    for (int32_t i = 0; i < spm->count; i++) {
        const thor_piece *piece = &spm->pieces[i];
        thor_strings *table = is_reserved(piece) ? &spm->reserved : &spm->normals;
        size_t before = table->count;
        uint32_t number = thor_strings_add(table, piece->text, piece->bytes);
        if (number == THOR_ABSENT)
            return thor_fail(error, THOR_E_MEMORY, "%s: no memory for the table of %d pieces", name, (int)spm->count);
        if (number < before)
            return thor_fail(error, THOR_E_FORMAT, "%s: piece %d, \"%s\", appears twice", name, (int)i, piece->text);
        (is_reserved(piece) ? spm->reserved_index : spm->normal_index)[number] = i;
        THOR_TRY(note_special(spm, i, name, error));
    }
    return THOR_OK;
}

static thor_status check_specials(const thor_spm *spm, const char *name, thor_error *error)
{
    if (spm->unk < 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: none of its %d pieces is <unk>; expected a SentencePiece model",
                         name, (int)spm->count);
    for (int i = 0; spm->byte_fallback && i < 256; i++)
        if (spm->byte_piece[i] < 0)
            return thor_fail(error, THOR_E_FORMAT, "%s: byte fallback without the piece <0x%02X>; expected all 256",
                             name, (unsigned)i);
    return THOR_OK;
}

thor_status thor_spm_read(thor_spm *spm, const void *bytes, size_t count, const char *name, thor_error *error)
{
    *spm = (thor_spm){ .type = THOR_UNIGRAM, .unk = -1, .unk_surface = " \xE2\x81\x87 ", .unk_surface_bytes = 5 };
    spm->normal = (thor_normal_rules){ .add_dummy_prefix = true, .remove_extra_blanks = true, .escape_blanks = true };
    spm->denormal = spm->normal;
    memset(spm->byte_piece, -1, sizeof spm->byte_piece);
    if (count > INT32_MAX)
        return thor_fail(error, THOR_E_FORMAT, "%s: %zu bytes; expected a SentencePiece model below 2 GiB", name,
                         count);
    size_t most = count / LEAST_PIECE_BYTES + 1;
    spm->pieces = malloc(most * sizeof *spm->pieces);
    spm->normal_index = malloc(most * sizeof *spm->normal_index);
    spm->reserved_index = malloc(most * sizeof *spm->reserved_index);
    spm->text = malloc(count + 1);
    if (!spm->pieces || !spm->text || !spm->normal_index || !spm->reserved_index)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a model of %zu bytes", name, count);
    THOR_TRY(read_fields(spm, (thor_pb){ .name = name, .bytes = bytes, .at = 0, .end = count }, error));
    THOR_TRY(index_pieces(spm, name, error));
    return check_specials(spm, name, error);
}

void thor_spm_free(thor_spm *spm)
{
    free(spm->pieces);
    free(spm->text);
    free(spm->normal_index);
    free(spm->reserved_index);
    thor_strings_free(&spm->normals);
    thor_strings_free(&spm->reserved);
    thor_strings_free(&spm->users);
    *spm = (thor_spm){ .pieces = NULL };
}

int32_t thor_spm_find(const thor_spm *spm, const char *text, size_t count)
{
    uint32_t number = thor_strings_find(&spm->normals, text, count);
    return number == THOR_ABSENT ? -1 : spm->normal_index[number];
}

size_t thor_spm_user_prefix(const thor_spm *spm, const char *text, size_t count)
{
    for (size_t length = spm->longest_user < count ? spm->longest_user : count; length > 0; length--)
        if (thor_strings_find(&spm->users, text, length) != THOR_ABSENT)
            return length;
    return 0;
}
