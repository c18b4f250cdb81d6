/* What jobs write is what is read; scores from text; a folder keeps to what it was begun with. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "reproduce/out_record.h"
#include "reproduce/score_test.h"
#include "score/bleu.h"
#include "score/metric.h"

static char folder[64];

static void open_folder(void)
{
    snprintf(folder, sizeof folder, "scratch-job-files-%ld", (long)getpid());
    ck_assert_int_eq(thor_make_folder(folder, NULL), THOR_OK);
}

static void close_folder(void)
{
    thor_remove_folder(folder, NULL);
}

static char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static thor_score_lines lines_of(const char *text)
{
    thor_score_lines lines;
    ck_assert_int_eq(thor_write_file(in_folder("text"), text, strlen(text), NULL), THOR_OK);
    ck_assert_int_eq(thor_score_lines_open(&lines, in_folder("text"), NULL), THOR_OK);
    return lines;
}

/* The scores are those of the library's own, and the file gives them back. */
START_TEST(scores_from_text)
{
    thor_score_lines ours = lines_of("the cat sat on the mat today .\nit is a small house by the sea\n");
    thor_score_lines theirs = lines_of("the cat sat on a mat today .\nthis is a small house by the sea\n");
    thor_test_scores test;
    thor_job_scores read;
    ck_assert_int_eq(thor_score_test(&test, "de-en", "law", &ours, &theirs, NULL), THOR_OK);
    const char *hypotheses[] = { "the cat sat on the mat today .", "it is a small house by the sea" };
    const char *references[] = { "the cat sat on a mat today .", "this is a small house by the sea" };
    thor_bleu bleu;
    ck_assert_int_eq(thor_bleu_strings(THOR_TOKENIZER_13A, hypotheses, references, 2, &bleu, NULL), THOR_OK);
    ck_assert_double_eq(test.bleu, bleu.score);
    ck_assert_double_nan(test.bleu_13a);
    ck_assert_ptr_nonnull(strstr(test.signature, "tok:13a"));
    thor_job_scores scores = { 7, 6, 12.5, &test, 1 };
    ck_assert_int_eq(thor_job_scores_write(&scores, in_folder("scores.json"), NULL), THOR_OK);
    ck_assert_int_eq(thor_job_scores_read(&read, in_folder("scores.json"), NULL), THOR_OK);
    ck_assert_int_eq(read.updates, 7);
    ck_assert_int_eq(read.best_updates, 6);
    ck_assert_double_eq(read.perplexity, 12.5);
    ck_assert_uint_eq(read.count, 1);
    ck_assert_str_eq(read.tests[0].direction, "de-en");
    ck_assert_str_eq(read.tests[0].domain, "law");
    ck_assert_double_eq(read.tests[0].bleu, test.bleu);
    ck_assert_double_eq(read.tests[0].chrf, test.chrf);
    ck_assert_mem_eq(read.tests[0].rows, test.rows, 2 * THOR_SENTENCE_COLUMNS * sizeof *test.rows);
    thor_job_scores_free(&read);
    free(test.rows);
    thor_score_lines_free(&ours);
    thor_score_lines_free(&theirs);
}
END_TEST

/* Where the target is Chinese, both tokenisers are used. */
START_TEST(chinese)
{
    thor_score_lines ours = lines_of("我们今天去学校上课\n"), theirs = lines_of("我们今天去学校学习\n");
    thor_test_scores test;
    ck_assert_int_eq(thor_score_test(&test, "en-zh", NULL, &ours, &theirs, NULL), THOR_OK);
    ck_assert_double_gt(test.bleu, 10);
    ck_assert_double_eq_tol(test.bleu_13a, 0, 1e-9);
    ck_assert_ptr_nonnull(strstr(test.signature, "tok:zh"));
    free(test.rows);
    thor_score_lines_free(&ours);
    thor_score_lines_free(&theirs);
}
END_TEST

START_TEST(wrong_texts)
{
    thor_score_lines two = lines_of("a\nb\n"), one = lines_of("a\n");
    thor_test_scores test;
    thor_error error;
    ck_assert_int_eq(thor_score_test(&test, "de-en", NULL, &two, &one, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "2 translations and 1 references"));
    ck_assert_int_eq(thor_score_test(&test, "deen", NULL, &one, &one, &error), THOR_E_USAGE);
    ck_assert_int_eq(thor_score_test(&test, "en-ja", NULL, &one, &one, &error), THOR_E_USAGE);
    thor_score_lines_free(&two);
    thor_score_lines_free(&one);
}
END_TEST

/* Damaged files name themselves and what is wrong; none crashes. */
START_TEST(damaged)
{
    static const struct { const char *text, *said; } cases[] = {
        { "", "not a JSON object" },
        { "[1]", "not a JSON object" },
        { "{}", "'updates'" },
        { "{\"updates\": 1, \"best_updates\": 1, \"tests\": []}", "no test set" },
        { "{\"updates\": 1, \"best_updates\": 1, \"tests\": [3]}", "'sentences'" },
        { "{\"updates\": 1, \"best_updates\": 1, \"tests\": [{\"direction\": 5}]}", "'direction'" },
        { "{\"updates\": 1, \"best_updates\": 1, \"tests\": [{\"direction\": \"de-en\", \"sentences\": 2, "
          "\"statistics\": [[1]]}]}", "1 rows of statistics" },
        { "{\"updates\": 1, \"best_updates\": 1, \"tests\": [{\"direction\": \"de-en\", \"sentences\": 1, "
          "\"statistics\": [[1, 2]]}]}", "sentence 1 of de-en" },
    };
    static const struct { const char *text, *said; } routings[] = {
        { "{\"curve\": [{\"update\": 2}, {\"update\": 1}]}", "have to rise" },
        { "{\"task\": {\"names\": []}}", "names 0 tasks" },
        { "{\"task\": {\"names\": [\"a\"], \"confusion\": [[-1]]}}", "'confusion'" },
        { "{\"task\": {\"names\": [\"a\"], \"confusion\": [[1]], \"into_english\": {\"sentences\": 1, \"right\": 2}}}",
          "more sentences are right" },
        { "{\"groups\": 4}", "'groups' has to be a list" },
    };
    thor_error error;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_job_scores scores;
        ck_assert_int_eq(thor_write_file(in_folder("scores.json"), cases[i].text, strlen(cases[i].text), NULL),
                         THOR_OK);
        ck_assert_int_eq(thor_job_scores_read(&scores, in_folder("scores.json"), &error), THOR_E_FORMAT);
        ck_assert_msg(strstr(error.text, cases[i].said) && strstr(error.text, "scores.json"), "%s", error.text);
        thor_job_scores_free(&scores);
    }
    for (size_t i = 0; i < sizeof routings / sizeof *routings; i++) {
        thor_job_routing routing;
        ck_assert_int_eq(thor_write_file(in_folder("routing.json"), routings[i].text, strlen(routings[i].text), NULL),
                         THOR_OK);
        ck_assert_int_eq(thor_job_routing_read(&routing, in_folder("routing.json"), &error), THOR_E_FORMAT);
        ck_assert_msg(strstr(error.text, routings[i].said) != NULL, "%s", error.text);
        thor_job_routing_free(&routing);
    }
}
END_TEST

START_TEST(one_folder_one_plan)
{
    static const char *const settings[] = { "moe.experts=8" };
    const thor_out_record first = { "1.0", "abc", THOR_SETUP_MULTILINGUAL, "small", settings, 1, 5, 100 };
    thor_out_record changed[6] = { first, first, first, first, first, first };
    static const char *const said[] = { "'thor_version': \"1.0\" there, \"1.1\" now", "'data'", "'setup'", "'scale'",
                                        "'settings': [\"moe.experts=8\"] there, [] now", "'beam': 5 there, 4 now" };
    thor_error error;
    bool more;
    changed[0].version = "1.1";
    changed[1].data = "abd";
    changed[2].setup = THOR_SETUP_MULTIDOMAIN;
    changed[3].scale = "";
    changed[4].setting_count = 0;
    changed[5].beam = 4;
    ck_assert_int_eq(thor_out_record_open(&first, folder, &more, &error), THOR_OK);
    ck_assert_int_eq(thor_out_record_open(&first, folder, &more, &error), THOR_OK);
    ck_assert(!more);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(thor_out_record_open(&changed[i], folder, &more, &error), THOR_E_USAGE);
        ck_assert_msg(strstr(error.text, said[i]) != NULL, "%s", error.text);
    }
    thor_out_record longer = first;
    longer.updates = 150;
    ck_assert_int_eq(thor_out_record_open(&longer, folder, &more, &error), THOR_OK);
    ck_assert(more);
    ck_assert_int_eq(thor_out_record_open(&longer, folder, &more, &error), THOR_OK);
    ck_assert(!more);
    ck_assert_int_eq(thor_out_record_open(&first, folder, &more, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "already has 150 updates"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("files of jobs");
    TCase *tests = tcase_create("files of jobs");
    tcase_add_checked_fixture(tests, open_folder, close_folder);
    tcase_add_test(tests, scores_from_text);
    tcase_add_test(tests, chinese);
    tcase_add_test(tests, wrong_texts);
    tcase_add_test(tests, damaged);
    tcase_add_test(tests, one_folder_one_plan);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
