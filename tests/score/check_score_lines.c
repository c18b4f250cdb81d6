#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/score_lines.h"

static thor_status read_bytes(thor_score_lines *lines, const char *bytes, size_t count, thor_error *error)
{
    FILE *stream = tmpfile();
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, count, stream), count);
    rewind(stream);
    thor_status status = thor_score_lines_read(lines, stream, "the text", error);
    fclose(stream);
    return status;
}

/* expected: the lines with '|' between. */
static void expect_lines(const char *bytes, size_t count, size_t wanted, const char *expected)
{
    thor_score_lines lines;
    thor_error error = { .text = "" };
    char joined[200] = "";
    ck_assert_msg(read_bytes(&lines, bytes, count, &error) == THOR_OK, "%s", error.text);
    ck_assert_uint_eq(lines.count, wanted);
    for (size_t i = 0; i < wanted; i++) {
        strncat(joined, lines.items[i].bytes, lines.items[i].count);
        strcat(joined, i + 1 < wanted ? "|" : "");
    }
    ck_assert_str_eq(joined, expected);
    thor_score_lines_free(&lines);
}

#define EXPECT(bytes, wanted, expected) expect_lines(bytes, sizeof bytes - 1, wanted, expected)

START_TEST(line_ends)
{
    EXPECT("", 0, "");
    EXPECT("\n", 1, "");
    EXPECT("a", 1, "a");
    EXPECT("a\nb\n", 2, "a|b");
    EXPECT("a\nb", 2, "a|b");
    EXPECT("a\r\nb\r\n", 2, "a|b");
    EXPECT("a\n\n\nb\n", 4, "a|||b");
    EXPECT(" a \t\nb\xc2\xa0\n\xe3\x80\x80\n", 3, " a|b|");
    EXPECT("a\rb\n", 1, "a\rb");
    EXPECT("\xef\xbb\xbfz\n", 1, "\xef\xbb\xbfz");
}
END_TEST

static void expect_wrong(const char *bytes, size_t count, const char *where)
{
    thor_score_lines lines;
    thor_error error;
    ck_assert_int_eq(read_bytes(&lines, bytes, count, &error), THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, where) != NULL, "'%s' is not in '%s'", where, error.text);
    ck_assert_ptr_null(lines.items);
    ck_assert_ptr_null(lines.memory);
}

START_TEST(bytes_that_are_not_text)
{
    expect_wrong("good\nna\xefve\n", 11, "the text:2: byte 3 of the line (0xEF)");
    expect_wrong("\xff\xfe" "a\0", 4, "the text:1: byte 1 of the line (0xFF)");
    expect_wrong("fine\na\0b\n", 9, "the text:2: byte 2 of the line is zero");
    expect_wrong("\0", 1, "the text:1: byte 1 of the line is zero");
    expect_wrong("a\0\xff", 3, "the text:1: byte 2 of the line is zero");
    expect_wrong("cut \xe4\xbd", 6, "the text:1: byte 5");
    expect_wrong("cut \xe4\xbd\nnext\n", 12, "the text:1: byte 5");
    expect_wrong("long form \xc0\xaf\n", 13, "byte 11");
    expect_wrong("surrogate \xed\xa0\x80\n", 14, "byte 11");
    expect_wrong("too large \xf4\x90\x80\x80\n", 15, "byte 11");
}
END_TEST

START_TEST(long_line)
{
    enum { COUNT = 1000000 };
    char *bytes = malloc(2 * COUNT);
    thor_score_lines lines;
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < COUNT; i++)
        memcpy(bytes + 2 * i, "\xc3\xa9", 2);
    ck_assert_int_eq(read_bytes(&lines, bytes, 2 * COUNT, NULL), THOR_OK);
    ck_assert_uint_eq(lines.count, 1);
    ck_assert_uint_eq(lines.items[0].count, 2 * COUNT);
    thor_score_lines_free(&lines);
    free(bytes);
}
END_TEST

START_TEST(no_file)
{
    thor_score_lines lines;
    thor_error error;
    ck_assert_int_eq(thor_score_lines_open(&lines, "no/such/file", &error), THOR_E_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "no/such/file"));
    ck_assert_int_eq(thor_score_lines_open(&lines, ".", &error), THOR_E_IO);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("score_lines");
    TCase *tests = tcase_create("score_lines");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, line_ends);
    tcase_add_test(tests, bytes_that_are_not_text);
    tcase_add_test(tests, long_line);
    tcase_add_test(tests, no_file);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
