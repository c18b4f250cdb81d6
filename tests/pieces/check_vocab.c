/* The file, ids, decoding; and files that are broken on purpose. */
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "tests/text/text_runner.h"
#include "pieces/protobuf.h"

static const char *const pieces[] = { "ab", THOR_BLANK "ab", THOR_BLANK, "a", "b", "c", "\xE6\xBC\xA2" };
enum { PIECES = 7 };

static char *decoded(const thor_vocab *vocab, const int32_t *ids, size_t count)
{
    char *text;
    thor_error error = { .text = "" };
    ck_assert_msg(thor_vocab_decode(vocab, ids, count, &text, &error) == THOR_OK, "%s", error.text);
    return text;
}

START_TEST(ids_are_thors)
{
    thor_vocab *vocab = text_vocab(THOR_BPE, pieces, NULL, PIECES);
    ck_assert_int_eq(thor_vocab_pieces(vocab), PIECES);
    ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_BOS), "<s>");
    ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_PAD), "<pad>");
    ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_EOS), "</s>");
    ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_UNK), "<unk>");
    for (int32_t i = 0; i < PIECES; i++) {
        ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + i), pieces[i]);
        ck_assert_int_eq(thor_vocab_file_index(vocab, THOR_ID_FIRST_PIECE + i), i + 3);
        ck_assert_int_eq(thor_vocab_id(vocab, i + 3), THOR_ID_FIRST_PIECE + i);
        ck_assert_int_eq(thor_vocab_find(vocab, pieces[i], strlen(pieces[i])), i + 3);
    }
    ck_assert_int_eq(thor_vocab_id(vocab, 0), THOR_ID_UNK);
    ck_assert_int_eq(thor_vocab_find(vocab, "</s>", 4), 2);
    ck_assert_int_eq(thor_vocab_find(vocab, "zz", 2), -1);
    ck_assert_ptr_null(thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + PIECES));
    ck_assert_ptr_null(thor_vocab_piece(vocab, -1));
    thor_vocab_close(vocab);
}
END_TEST

START_TEST(bytes_and_checksum_are_the_files)
{
    thor_vocab *vocab = text_vocab(THOR_BPE, pieces, NULL, PIECES), *again;
    size_t count;
    const void *bytes = thor_vocab_bytes(vocab, &count);
    thor_error error;
    ck_assert(thor_write_file("scratch-check_vocab.model", bytes, count, &error) == THOR_OK);
    ck_assert(thor_vocab_open(&again, "scratch-check_vocab.model", &error) == THOR_OK);
    remove("scratch-check_vocab.model");
    ck_assert_str_eq(thor_vocab_checksum(again), thor_vocab_checksum(vocab));
    ck_assert_uint_eq(strlen(thor_vocab_checksum(vocab)), 64);
    thor_vocab_close(again);
    thor_vocab_close(vocab);
    ck_assert(thor_vocab_open(&again, "no-such-file.model", &error) == THOR_E_IO);
    ck_assert_msg(strstr(error.text, "no-such-file.model"), "%s", error.text);
    ck_assert_ptr_null(again);
}
END_TEST

START_TEST(decoding_gives_the_normalised_text)
{
    static const struct {
        const char *in, *out;
    } cases[] = { { "ab ab", "ab ab" },
                  { "  ab   c ", "ab c" },
                  { "\xE6\xBC\xA2", "\xE6\xBC\xA2" },
                  { "", "" },
                  { "abcab", "abcab" } };
    thor_vocab *vocab = text_vocab(THOR_BPE, pieces, NULL, PIECES);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_ids ids = { .ids = NULL };
        thor_error error;
        ck_assert(thor_vocab_encode(vocab, cases[i].in, strlen(cases[i].in), &ids, &error) == THOR_OK);
        char *text = decoded(vocab, ids.ids, ids.count);
        ck_assert_str_eq(text, cases[i].out);
        free(text);
        free(ids.ids);
    }
    const int32_t specials[] = { THOR_ID_BOS, 5, THOR_ID_UNK, 9, THOR_ID_PAD, THOR_ID_EOS, 4 + PIECES, 1000000, -3 };
    char *text = decoded(vocab, specials, 9);
    ck_assert_str_eq(text, "ab \xE2\x81\x87 c");
    free(text);
    thor_vocab_close(vocab);
}
END_TEST

/* Byte fallback: all 256 byte pieces, then letters. */
static thor_vocab *byte_vocab(void)
{
    thor_bytes model = { .data = NULL };
    thor_spm_header header = { .type = THOR_BPE, .vocab_size = 259, .character_coverage = 1, .byte_fallback = true };
    thor_spm_put_piece(&model, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    for (unsigned i = 0; i < 256; i++) {
        char text[8];
        snprintf(text, sizeof text, "<0x%02X>", i);
        thor_spm_put_piece(&model, text, 6, 0, THOR_PIECE_BYTE);
    }
    thor_spm_put_piece(&model, THOR_BLANK, THOR_BLANK_BYTES, 0, THOR_PIECE_NORMAL);
    thor_spm_put_piece(&model, "a", 1, -1, THOR_PIECE_NORMAL);
    thor_spm_put_header(&model, &header);
    thor_vocab *vocab;
    thor_error error = { .text = "" };
    ck_assert_msg(thor_vocab_parse(&vocab, model.data, model.count, "byte.model", &error) == THOR_OK, "%s", error.text);
    free(model.data);
    return vocab;
}

START_TEST(unknown_characters_become_bytes)
{
    thor_vocab *vocab = byte_vocab();
    thor_ids ids = { .ids = NULL };
    thor_error error;
    ck_assert(thor_vocab_encode(vocab, "a\xC3\xA9z", 4, &ids, &error) == THOR_OK);
    const int32_t expected[] = { 260, 261, 4 + 0xC3, 4 + 0xA9, 4 + 'z' };
    ck_assert_uint_eq(ids.count, 5);
    ck_assert_mem_eq(ids.ids, expected, sizeof expected);
    char *text = decoded(vocab, ids.ids, ids.count);
    ck_assert_str_eq(text, "a\xC3\xA9z");
    free(text);
    text = decoded(vocab, ids.ids, 3);          /* half a character */
    ck_assert_str_eq(text, "a\xEF\xBF\xBD");
    free(text);
    free(ids.ids);
    thor_vocab_close(vocab);
}
END_TEST

/* Parses bytes that may be broken; what comes out of it has to work, or an error has to say where. */
static bool survives(const unsigned char *bytes, size_t count)
{
    thor_vocab *vocab;
    thor_error error = { .text = "" };
    if (thor_vocab_parse(&vocab, bytes, count, "broken.model", &error) != THOR_OK) {
        ck_assert_ptr_null(vocab);
        ck_assert_msg(strncmp(error.text, "broken.model: ", 14) == 0, "%s", error.text);
        return false;
    }
    thor_ids ids = { .ids = NULL };
    const char *text = " ab c\xE6\xBC\xA2 abab \xC3\xA9";
    ck_assert(thor_vocab_encode(vocab, text, strlen(text), &ids, &error) == THOR_OK);
    free(decoded(vocab, ids.ids, ids.count));
    for (int32_t i = -1; i < thor_vocab_pieces(vocab) + 6; i++)
        thor_vocab_piece(vocab, i);
    free(ids.ids);
    thor_vocab_close(vocab);
    return true;
}

/* Every beginning of the file: whole only where a field of the file ends behind the header's. */
START_TEST(truncated_at_every_byte)
{
    thor_vocab *vocab = _i == 0 ? text_vocab(THOR_BPE, pieces, NULL, PIECES)
                      : _i == 1 ? text_vocab(THOR_UNIGRAM, pieces, NULL, PIECES) : byte_vocab();
    size_t count;
    const unsigned char *bytes = thor_vocab_bytes(vocab, &count);
    size_t whole = 0;
    for (size_t cut = 0; cut < count; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        memcpy(copy, bytes, cut);
        whole += survives(copy, cut);
        free(copy);
    }
    ck_assert_uint_lt(whole, 300);
    thor_vocab_close(vocab);
}
END_TEST

START_TEST(flipped_bytes)
{
    thor_vocab *vocab = _i == 0 ? text_vocab(THOR_BPE, pieces, NULL, PIECES)
                      : _i == 1 ? text_vocab(THOR_UNIGRAM, pieces, NULL, PIECES) : byte_vocab();
    size_t count;
    uint64_t draw = (uint64_t)_i << 24;
    const unsigned char *bytes = thor_vocab_bytes(vocab, &count);
    unsigned char *copy = malloc(count);
    for (int round = 0; round < 4000; round++) {
        memcpy(copy, bytes, count);
        uint64_t flips = 1 + text_below(&draw, 6);
        for (uint64_t i = 0; i < flips; i++)
            copy[text_below(&draw, count)] = (unsigned char)text_below(&draw, 256);
        survives(copy, count);
    }
    free(copy);
    thor_vocab_close(vocab);
}
END_TEST

/* One wrong thing each, and the words that the error has to hold. */
static void refused(thor_bytes *model, const char *words)
{
    thor_vocab *vocab;
    thor_error error = { .text = "" };
    ck_assert(thor_vocab_parse(&vocab, model->data, model->count, "bad.model", &error) == THOR_E_FORMAT);
    ck_assert_msg(strncmp(error.text, "bad.model: ", 11) == 0 && strstr(error.text, words), "'%s' lacks '%s'",
                  error.text, words);
    free(model->data);
    *model = (thor_bytes){ .data = NULL };
}

START_TEST(wrong_models)
{
    thor_bytes m = { .data = NULL };
    refused(&m, "none of its 0 pieces is <unk>");
    thor_spm_put_piece(&m, "a", 1, 0, THOR_PIECE_NORMAL);
    refused(&m, "none of its 1 pieces is <unk>");
    thor_spm_put_piece(&m, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(&m, "<unk2>", 6, 0, THOR_PIECE_UNKNOWN);
    refused(&m, "both of the type unknown");
    thor_spm_put_piece(&m, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(&m, "a", 1, 0, THOR_PIECE_NORMAL);
    thor_spm_put_piece(&m, "a", 1, 0, THOR_PIECE_NORMAL);
    refused(&m, "\"a\", appears twice");
    thor_spm_put_piece(&m, "", 0, 0, THOR_PIECE_NORMAL);
    refused(&m, "piece 0 is empty");
    thor_spm_put_piece(&m, "\xFF", 1, 0, THOR_PIECE_NORMAL);
    refused(&m, "is not UTF-8");
    thor_spm_put_piece(&m, "a", 1, 1e38f * 100, THOR_PIECE_NORMAL);
    refused(&m, "score of piece 0 is not finite");
    thor_spm_put_piece(&m, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(&m, "<0x41>", 6, 0, THOR_PIECE_BYTE);
    refused(&m, "of the type byte");
    thor_pb_put_number(&m, 1, 7);
    refused(&m, "wire type 0; expected 2");
    thor_bytes_add(&m, "# a text", 8);
    refused(&m, "offset");
    thor_bytes inside = { .data = NULL };
    thor_pb_put_bytes(&inside, 2, "\x08\0\0\0" "12345678", 12);
    thor_spm_put_piece(&m, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_pb_put_bytes(&m, 3, inside.data, inside.count);
    free(inside.data);
    m.data[m.count - 12] = 0x40;                /* a trie of 64 bytes in a map of 12 */
    refused(&m, "a character map of 12 bytes with a trie of 64");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("vocab");
    tcase_add_test(tests, ids_are_thors);
    tcase_add_test(tests, bytes_and_checksum_are_the_files);
    tcase_add_test(tests, decoding_gives_the_normalised_text);
    tcase_add_test(tests, unknown_characters_become_bytes);
    tcase_add_loop_test(tests, truncated_at_every_byte, 0, 3);
    tcase_add_loop_test(tests, flipped_bytes, 0, 3);
    tcase_add_test(tests, wrong_models);
    return text_run(tests, "vocab");
}
