#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/signature.h"
#include "tests/score/texts.h"

static const struct {
    int char_order, word_order, beta;
    bool lowercase, whitespace, eps;
    size_t references;
    const char *score, *title, *signature;
} cases[] = {
    { 6, 0, 2, false, false, false, 1, "62.712694323", "chrF2",
      "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0" },
    { 6, 0, 2, false, false, false, 2, "68.888678804", "chrF2",
      "nrefs:2|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0" },
    { 6, 2, 2, false, false, false, 1, "61.620216299", "chrF2++",
      "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0" },
    { 6, 2, 2, false, false, false, 2, "66.635245623", "chrF2++",
      "nrefs:2|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0" },
    { 6, 2, 2, true, false, false, 1, "65.631756732", "chrF2++",
      "nrefs:1|case:lc|eff:yes|nc:6|nw:2|space:no|version:2.6.0" },
    { 6, 0, 2, false, true, false, 1, "66.064971595", "chrF2",
      "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:yes|version:2.6.0" },
    { 6, 0, 2, false, false, true, 1, "62.711399940", "chrF2",
      "nrefs:1|case:mixed|eff:no|nc:6|nw:0|space:no|version:2.6.0" },
    { 6, 2, 2, false, false, true, 2, "71.844227982", "chrF2++",
      "nrefs:2|case:mixed|eff:no|nc:6|nw:2|space:no|version:2.6.0" },
    { 6, 2, 1, true, true, true, 2, "75.851936046", "chrF1++",
      "nrefs:2|case:lc|eff:no|nc:6|nw:2|space:yes|version:2.6.0" },
    { 3, 1, 3, false, false, false, 1, "69.890681460", "chrF3+",
      "nrefs:1|case:mixed|eff:yes|nc:3|nw:1|space:no|version:2.6.0" },
    { 0, 2, 2, false, false, false, 1, "58.291756817", "chrF2++",
      "nrefs:1|case:mixed|eff:yes|nc:0|nw:2|space:no|version:2.6.0" },
    { 6, 0, 0, false, false, false, 1, "63.301733848", "chrF0",
      "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0" },
};

static void expect_number(double found, const char *expected)
{
    char text[64];
    snprintf(text, sizeof text, "%.9f", found);
    ck_assert_str_eq(text, expected);
}

START_TEST(every_variant)
{
    size_t row = (size_t)_i;
    text_corpus made;
    thor_metric metric = { .kind = THOR_METRIC_CHRF };
    metric.chrf = (thor_chrf_options){ .char_order = cases[row].char_order, .word_order = cases[row].word_order,
                                       .beta = cases[row].beta, .lowercase = cases[row].lowercase,
                                       .whitespace = cases[row].whitespace, .eps_smoothing = cases[row].eps };
    double score;
    char text[THOR_SIGNATURE_SIZE];
    const thor_score_corpus *corpus = make_text_corpus(&made, cases[row].references);
    ck_assert_int_eq(thor_chrf_corpus(&metric.chrf, corpus, &score, NULL), THOR_OK);
    expect_number(score, cases[row].score);
    thor_metric_title(&metric, text);
    ck_assert_str_eq(text, cases[row].title);
    thor_signature(&metric, (int64_t)cases[row].references, NULL, text);
    *strstr(text, "|thor:") = '\0';
    ck_assert_str_eq(text, cases[row].signature);
}
END_TEST

START_TEST(single_sentences)
{
    static const char *const scores[] = { "74.350430908", "90.924128733", "21.280108780",
                                          "56.486623908", "0.000000000",  "19.209778155" };
    text_corpus made;
    thor_chrf_options options = thor_chrf_defaults();
    make_text_corpus(&made, 1);
    for (size_t i = 0; i < TEXT_LINES; i++) {
        const thor_score_line *stream = made.references[0] + i;
        thor_score_corpus line = { made.hypotheses + i, &stream, 1, 1 };
        double score;
        ck_assert_int_eq(thor_chrf_corpus(&options, &line, &score, NULL), THOR_OK);
        expect_number(score, scores[i]);
    }
}
END_TEST

START_TEST(orders_out_of_range)
{
    text_corpus made;
    double score;
    thor_error error;
    const thor_score_corpus *corpus = make_text_corpus(&made, 1);
    thor_chrf_options options = thor_chrf_defaults();
    options.char_order = 0;
    ck_assert_int_eq(thor_chrf_corpus(&options, corpus, &score, &error), THOR_E_USAGE);
    options.char_order = THOR_CHRF_MAX_ORDER + 1;
    ck_assert_int_eq(thor_chrf_corpus(&options, corpus, &score, &error), THOR_E_USAGE);
    options.char_order = options.word_order = THOR_CHRF_MAX_ORDER;
    ck_assert_int_eq(thor_chrf_corpus(&options, corpus, &score, &error), THOR_OK);
}
END_TEST

/* A reference added can only help a line, and a line against itself has 100. */
START_TEST(laws)
{
    thor_chrf_options options = thor_chrf_defaults();
    const thor_score_line same = thor_score_line_of("नमस्ते दुनिया"), other = thor_score_line_of("नमस्ते");
    const thor_score_line *streams[] = { &other, &same };
    thor_score_corpus one = { &same, streams, 1, 1 }, both = { &same, streams, 2, 1 };
    double alone, together;
    ck_assert_int_eq(thor_chrf_corpus(&options, &one, &alone, NULL), THOR_OK);
    ck_assert_int_eq(thor_chrf_corpus(&options, &both, &together, NULL), THOR_OK);
    ck_assert_double_lt(alone, 100);
    ck_assert_double_eq_tol(together, 100, 1e-9);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("chrf");
    TCase *tests = tcase_create("chrf");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_variant, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tests, single_sentences);
    tcase_add_test(tests, orders_out_of_range);
    tcase_add_test(tests, laws);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
