/* A prepared folder reads back as written, and no damage to any byte of it goes unnoticed. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/folder.h"
#include "data/format.h"
#include "made_corpus.h"

static char scratch[] = "scratch-prepared-XXXXXX";
static thor_error error;

static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(scratch));
    ck_assert_int_eq(chdir(scratch), 0);
}

static void leave(void)
{
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(thor_remove_folder(scratch, &error), THOR_OK);
}

START_TEST(what_is_written_is_read)
{
    make_tiny_corpus("tiny");
    thor_prepared prepared;
    ck_assert_msg(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(prepared.language_count, 2);
    ck_assert_str_eq(prepared.languages[0], "aa");
    ck_assert_str_eq(prepared.languages[1], "bb");
    ck_assert_int_eq(prepared.domain_count, 0);
    ck_assert_int_eq(prepared.pair_count, 1);
    ck_assert_int_eq(prepared.pairs[0].first, 0);
    ck_assert_int_eq(prepared.pairs[0].second, 1);
    ck_assert_int_eq(prepared.pairs[0].domain, -1);
    ck_assert_int_eq(prepared.pieces, MADE_PIECES);
    ck_assert_int_eq(prepared.max_pieces, 100);
    ck_assert_str_eq(prepared.vocabulary_path, "tiny/vocab.model");
    for (int split = 0; split < THOR_SPLITS; split++) {
        int32_t count;
        ck_assert_int_eq(prepared.pairs[0].count[split], 1);
        const int32_t *ids = thor_prepared_ids(&prepared, 0, (thor_split)split, 0, 0, &count);
        ck_assert_int_eq(count, 3);
        ck_assert(ids[0] == 10 && ids[1] == 11 && ids[2] == 12);
        ids = thor_prepared_ids(&prepared, 0, (thor_split)split, 1, 0, &count);
        ck_assert_int_eq(count, 2);
        ck_assert(ids[0] == 20 && ids[1] == 21);
    }
    thor_prepared_close(&prepared);
    thor_prepared_close(&prepared);
}
END_TEST

static void expect_bytes(const char *path, const unsigned char *wanted, size_t count)
{
    char *bytes;
    size_t found;
    ck_assert_msg(thor_read_file(path, 4096, &bytes, &found, &error) == THOR_OK, "%s", error.text);
    ck_assert_uint_eq(found, count);
    ck_assert_mem_eq(bytes, wanted, count);
    free(bytes);
}

/* Byte by byte what thor-data(5) says. */
START_TEST(columns_are_as_documented)
{
    unsigned char ids[64 + 12] = "THORDATA\1", offsets[64 + 16] = "THORDATA\1\0\0\0\1";
    ids[64] = 10;
    ids[68] = 11;
    ids[72] = 12;
    offsets[72] = 3;
    make_tiny_corpus("tiny");
    expect_bytes("tiny/0.train.0.ids", ids, sizeof ids);
    expect_bytes("tiny/0.train.0.offsets", offsets, sizeof offsets);
}
END_TEST

static void expect_refusal(const char *path, const char *what, size_t at)
{
    thor_prepared prepared;
    error.text[0] = '\0';
    thor_status status = thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error);
    ck_assert_msg(status == THOR_E_FORMAT, "%s %s at byte %zu: status %d (%s)", path, what, at, (int)status,
                  error.text);
    ck_assert_msg(strstr(error.text, "tiny/") != NULL, "%s %s at byte %zu: '%s' names no file", path, what, at,
                  error.text);
    ck_assert_msg(!strchr(error.text, '\n'), "'%s' is more than one line", error.text);
    ck_assert_ptr_null(prepared.files);
}

/* Without the sync of thor_write_file, for thousands of files. */
static void overwrite(const char *path, const char *bytes, size_t count)
{
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, count, stream), count);
    ck_assert_int_eq(fclose(stream), 0);
}

/* The file cut off at every byte, with a bit flipped in every byte, and with a byte too many. */
static void damage(const char *path)
{
    char *bytes;
    size_t count;
    ck_assert_msg(thor_read_file(path, 1 << 20, &bytes, &count, &error) == THOR_OK, "%s", error.text);
    for (size_t at = 0; at < count; at++) {
        overwrite(path, bytes, at);
        expect_refusal(path, "cut off", at);
    }
    for (size_t at = 0; at < count; at++) {
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
        overwrite(path, bytes, count);
        expect_refusal(path, "flipped", at);
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
    }
    overwrite(path, bytes, count + 1);
    expect_refusal(path, "with a byte more", count);
    overwrite(path, bytes, count);
    free(bytes);
}

START_TEST(damage_is_noticed)
{
    static const char *const files[] = { "corpus.index",      "vocab.model",      "0.train.0.ids",
                                         "0.train.0.offsets", "0.test.1.offsets", "0.valid.1.ids" };
    make_tiny_corpus("tiny");
    char *path = thor_path("tiny", files[_i]);
    damage(path);
    free(path);
    thor_prepared prepared;
    ck_assert_msg(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error) == THOR_OK, "%s", error.text);
    thor_prepared_close(&prepared);
}
END_TEST

START_TEST(what_is_missing_is_named)
{
    thor_prepared prepared;
    ck_assert_int_eq(thor_prepared_open(&prepared, "nowhere", NULL, THOR_CHECK_CONTENT, &error), THOR_E_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "nowhere"));
    make_tiny_corpus("tiny");
    ck_assert_int_eq(unlink("tiny/0.valid.0.ids"), 0);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error), THOR_E_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "tiny/0.valid.0.ids"));
    ck_assert_int_eq(unlink("tiny/corpus.index"), 0);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error), THOR_E_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "thor prepare"));
}
END_TEST

/* A file that says of itself what is wrong: checksums are right, ids or offsets are not. */
static void forge(thor_column_kind kind, const int64_t *values, int64_t count, const char *expected)
{
    thor_prepared prepared;
    make_tiny_corpus("tiny");
    ck_assert_msg(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error) == THOR_OK, "%s", error.text);
    thor_column *column = &prepared.files->pairs[0][THOR_TRAIN][0][kind], found;
    thor_column_writer *writer = malloc(sizeof *writer);
    ck_assert_int_eq(thor_column_open(writer, "tiny", column->name, kind, &error), THOR_OK);
    for (int64_t i = 0; i < count; i++)
        ck_assert_int_eq(thor_column_add(writer, values[i], &error), THOR_OK);
    ck_assert_int_eq(thor_column_commit(writer, column->name, &found, &error), THOR_OK);
    memcpy(column->checksum, found.checksum, sizeof column->checksum);
    column->count = found.count;
    ck_assert_int_eq(thor_index_write(&prepared, "tiny/corpus.index", &error), THOR_OK);
    free(writer);
    thor_prepared_close(&prepared);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error), THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, expected) != NULL, "'%s' lacks '%s'", error.text, expected);
}

START_TEST(a_forged_folder_is_refused)
{
    forge(THOR_IDS, (int64_t[]){ 10, 11, 4 + MADE_PIECES }, 3, "id 54");
    forge(THOR_IDS, (int64_t[]){ 10, 2, 12 }, 3, "id 2");
    forge(THOR_IDS, (int64_t[]){ 10, -1, 12 }, 3, "id -1");
    forge(THOR_OFFSETS, (int64_t[]){ 0, 4 }, 2, "offsets");
    forge(THOR_OFFSETS, (int64_t[]){ 1, 3 }, 2, "offsets");
    forge(THOR_OFFSETS, (int64_t[]){ 0, INT64_MIN }, 2, "offsets");
    forge(THOR_OFFSETS, (int64_t[]){ 0, 1, 3 }, 3, "as many sentences");
}
END_TEST

/* More files than a process may map (vm.max_map_count is 65,530 as a rule). */
START_TEST(many_pairs_open)
{
    enum { PAIRS = 5600 };
    if (!make_linked_corpus("many", PAIRS)) {
        printf("many_pairs_open: left out, no hard links here\n");
        return;
    }
    thor_prepared prepared;
    thor_par par = { .threads = 2 };
    ck_assert_msg(thor_prepared_open(&prepared, "many", &par, THOR_CHECK_CONTENT, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(prepared.pair_count, PAIRS);
    ck_assert_ptr_nonnull(prepared.files->pairs[1][THOR_TRAIN][0][THOR_IDS].map.bytes); /* the largest */
    for (int32_t pair = 0; pair < PAIRS; pair++) {
        int32_t count;
        const int32_t *ids = thor_prepared_ids(&prepared, pair, THOR_TRAIN, 0, 0, &count);
        ck_assert_int_eq(count, pair == 1 ? 5 : 3);
        ck_assert(ids[0] == 10 && ids[1] == 11 && ids[2] == 12 && ids[count - 1] == (pair == 1 ? 14 : 12));
    }
    thor_prepared_close(&prepared);
}
END_TEST

/* Only the form is looked at: other bytes of ids pass, other sizes and offsets do not. */
START_TEST(the_form_alone_can_be_checked)
{
    thor_prepared prepared;
    char *bytes;
    size_t count;
    make_tiny_corpus("tiny");
    ck_assert(thor_read_file("tiny/0.train.0.ids", 4096, &bytes, &count, &error) == THOR_OK);
    bytes[count - 4]++;
    overwrite("tiny/0.train.0.ids", bytes, count);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_CONTENT, &error), THOR_E_FORMAT);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_FORM, &error), THOR_OK);
    thor_prepared_close(&prepared);
    overwrite("tiny/0.train.0.ids", bytes, count - 1);
    ck_assert_int_eq(thor_prepared_open(&prepared, "tiny", NULL, THOR_CHECK_FORM, &error), THOR_E_FORMAT);
    free(bytes);
    make_tiny_corpus("other");
    ck_assert(thor_read_file("other/0.test.1.offsets", 4096, &bytes, &count, &error) == THOR_OK);
    bytes[count - 8]++;
    overwrite("other/0.test.1.offsets", bytes, count);
    ck_assert_int_eq(thor_prepared_open(&prepared, "other", NULL, THOR_CHECK_FORM, &error), THOR_E_FORMAT);
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prepared");
    TCase *tests = tcase_create("prepared");
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, columns_are_as_documented);
    tcase_add_loop_test(tests, damage_is_noticed, 0, 6);
    tcase_add_test(tests, what_is_missing_is_named);
    tcase_add_test(tests, a_forged_folder_is_refused);
    tcase_add_test(tests, the_form_alone_can_be_checked);
    tcase_add_test(tests, many_pairs_open);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
