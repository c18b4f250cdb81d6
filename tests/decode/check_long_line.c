/* Where a long line is cut, and how its parts are joined. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/long_line.h"
#include "learn/learn.h"

static thor_vocab *vocab;

/* A vocabulary of letters, marks and the blank: pieces are single characters. */
static void open_vocab(void)
{
    thor_error error;
    thor_bytes model = { .data = NULL };
    thor_learn_report report;
    thor_learn_options options = thor_learn_defaults();
    const char *path = "scratch-long-line.txt";
    FILE *text = fopen(path, "w");
    ck_assert_ptr_nonnull(text);
    fputs("a b . ! ?\n", text);
    fclose(text);
    options.pieces = 6;
    thor_status status = thor_learn_files(&options, &path, 1, &model, &report, &error);
    remove(path);
    ck_assert_msg(status == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_vocab_parse(&vocab, model.data, model.count, "letters", &error), THOR_OK);
    free(model.data);
}

static void close_vocab(void)
{
    thor_vocab_close(vocab);
}

static int32_t cut_text(const char *text, int32_t most)
{
    thor_ids ids = { .ids = NULL };
    thor_error error;
    ck_assert_int_eq(thor_vocab_encode(vocab, text, strlen(text), &ids, &error), THOR_OK);
    int32_t at = thor_long_line_cut(vocab, ids.ids, (int32_t)ids.count, most);
    free(ids.ids);
    return at;
}

START_TEST(cuts)
{
    /* Pieces of "aaa. bbb": ▁ a a a . ▁ b b b */
    ck_assert_int_eq(cut_text("aaa. bbb", 9), 9);       /* it fits */
    ck_assert_int_eq(cut_text("aaa. bbb", 8), 5);       /* behind the sentence */
    ck_assert_int_eq(cut_text("aaaa bbb", 8), 5);       /* before the word */
    ck_assert_int_eq(cut_text("a. aaaaa b", 9), 9);     /* a sentence that ends too early does not count; a word does */
    ck_assert_int_eq(cut_text("aaaaaaaaaa", 8), 8);     /* nowhere better */
}
END_TEST

static void expect_join(const char *first, const char *second, const char *expected)
{
    char *line = NULL;
    ck_assert(thor_long_line_join(&line, first));
    ck_assert(thor_long_line_join(&line, second));
    ck_assert_str_eq(line, expected);
    free(line);
}

START_TEST(joins)
{
    expect_join("One.", "Two.", "One. Two.");
    expect_join("", "Two.", "Two.");
    expect_join("One.", "", "One.");
    expect_join("你好。", "再见。", "你好。再见。");
    expect_join("你好。", "Bye.", "你好。 Bye.");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("long line");
    TCase *lines = tcase_create("long line");
    tcase_add_checked_fixture(lines, open_vocab, close_vocab);
    tcase_add_test(lines, cuts);
    tcase_add_test(lines, joins);
    suite_add_tcase(suite, lines);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
