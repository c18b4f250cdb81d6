#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/signature.h"
#include "tests/score/texts.h"

static void expect_number(double found, const char *expected)
{
    char text[64];
    snprintf(text, sizeof text, "%.9f", found);
    ck_assert_str_eq(text, expected);
}

static void expect_details(const thor_bleu *bleu, const char *expected)
{
    char details[THOR_SIGNATURE_SIZE];
    thor_bleu_details(bleu, details);
    ck_assert_str_eq(details, expected);
}

/* Everything but the last field, which is thor's own version. */
static void expect_signature(const thor_metric *metric, int64_t references, const char *expected)
{
    char signature[THOR_SIGNATURE_SIZE];
    thor_signature(metric, references, NULL, signature);
    char *own = strstr(signature, "|thor:");
    ck_assert_ptr_nonnull(own);
    *own = '\0';
    ck_assert_str_eq(signature, expected);
}

static const struct {
    thor_tokenizer tokenizer;
    bool lowercase;
    size_t references;
    const char *score, *signature, *details;
} tokenizers[] = {
    { THOR_TOKENIZER_13A, false, 1, "60.768379007", "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
      "79.1/68.4/58.8/51.6 (BP = 0.955 ratio = 0.956 hyp_len = 43 ref_len = 45)" },
    { THOR_TOKENIZER_13A, false, 2, "76.242107750", "nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
      "88.4/81.6/76.5/61.3 (BP = 1.000 ratio = 1.024 hyp_len = 43 ref_len = 42)" },
    { THOR_TOKENIZER_13A, true, 1, "62.227327804", "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0",
      "83.7/71.1/58.8/51.6 (BP = 0.955 ratio = 0.956 hyp_len = 43 ref_len = 45)" },
    { THOR_TOKENIZER_ZH, false, 1, "37.572355045", "nrefs:1|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0",
      "67.8/46.3/28.6/22.2 (BP = 1.000 ratio = 1.054 hyp_len = 59 ref_len = 56)" },
    { THOR_TOKENIZER_ZH, false, 2, "55.461655435", "nrefs:2|case:mixed|eff:no|tok:zh|smooth:exp|version:2.6.0",
      "78.0/63.0/51.0/37.8 (BP = 1.000 ratio = 1.113 hyp_len = 59 ref_len = 53)" },
    { THOR_TOKENIZER_ZH, true, 1, "38.408210857", "nrefs:1|case:lc|eff:no|tok:zh|smooth:exp|version:2.6.0",
      "71.2/48.1/28.6/22.2 (BP = 1.000 ratio = 1.054 hyp_len = 59 ref_len = 56)" },
    { THOR_TOKENIZER_NONE, false, 1, "32.014028910", "nrefs:1|case:mixed|eff:no|tok:none|smooth:exp|version:2.6.0",
      "60.0/48.0/28.6/16.7 (BP = 0.936 ratio = 0.938 hyp_len = 30 ref_len = 32)" },
    { THOR_TOKENIZER_NONE, false, 2, "45.244505334", "nrefs:2|case:mixed|eff:no|tok:none|smooth:exp|version:2.6.0",
      "73.3/60.0/42.9/22.2 (BP = 1.000 ratio = 1.034 hyp_len = 30 ref_len = 29)" },
    { THOR_TOKENIZER_NONE, true, 1, "33.532831914", "nrefs:1|case:lc|eff:no|tok:none|smooth:exp|version:2.6.0",
      "66.7/52.0/28.6/16.7 (BP = 0.936 ratio = 0.938 hyp_len = 30 ref_len = 32)" },
    { THOR_TOKENIZER_INTL, false, 1, "33.722907466", "nrefs:1|case:mixed|eff:no|tok:intl|smooth:exp|version:2.6.0",
      "62.3/39.6/25.6/20.5 (BP = 1.000 ratio = 1.082 hyp_len = 53 ref_len = 49)" },
    { THOR_TOKENIZER_INTL, false, 2, "50.331269813", "nrefs:2|case:mixed|eff:no|tok:intl|smooth:exp|version:2.6.0",
      "73.6/56.2/46.5/33.3 (BP = 1.000 ratio = 1.178 hyp_len = 53 ref_len = 45)" },
    { THOR_TOKENIZER_INTL, true, 1, "34.664316046", "nrefs:1|case:lc|eff:no|tok:intl|smooth:exp|version:2.6.0",
      "66.0/41.7/25.6/20.5 (BP = 1.000 ratio = 1.082 hyp_len = 53 ref_len = 49)" },
    { THOR_TOKENIZER_CHAR, false, 1, "66.632605699", "nrefs:1|case:mixed|eff:no|tok:char|smooth:exp|version:2.6.0",
      "81.0/72.3/63.6/58.7 (BP = 0.974 ratio = 0.975 hyp_len = 153 ref_len = 157)" },
    { THOR_TOKENIZER_CHAR, false, 2, "78.116521973", "nrefs:2|case:mixed|eff:no|tok:char|smooth:exp|version:2.6.0",
      "86.3/80.4/74.8/71.7 (BP = 1.000 ratio = 1.062 hyp_len = 153 ref_len = 144)" },
    { THOR_TOKENIZER_CHAR, true, 1, "70.688187011", "nrefs:1|case:lc|eff:no|tok:char|smooth:exp|version:2.6.0",
      "84.4/75.8/67.4/62.6 (BP = 0.981 ratio = 0.981 hyp_len = 154 ref_len = 157)" },
};

START_TEST(every_tokenizer)
{
    size_t row = (size_t)_i;
    text_corpus made;
    thor_bleu bleu;
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    metric.bleu.tokenizer = tokenizers[row].tokenizer;
    metric.bleu.lowercase = tokenizers[row].lowercase;
    size_t references = tokenizers[row].references;
    ck_assert_int_eq(thor_bleu_corpus(&metric.bleu, make_text_corpus(&made, references), &bleu, NULL), THOR_OK);
    expect_number(bleu.score, tokenizers[row].score);
    expect_details(&bleu, tokenizers[row].details);
    expect_signature(&metric, (int64_t)references, tokenizers[row].signature);
}
END_TEST

/* Two lines that share words but no pair of neighbours. */
static const struct {
    thor_smooth smooth;
    double value;
    bool effective;
    const char *score, *field, *details;
} smoothings[] = {
    { THOR_SMOOTH_EXP, -1, false, "11.044795567", "smooth:exp|",
      "57.1/10.0/6.2/4.2 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
    { THOR_SMOOTH_FLOOR, -1, false, "5.555238068", "smooth:floor[0.10]|",
      "57.1/2.0/2.5/3.3 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
    { THOR_SMOOTH_FLOOR, 0.5, false, "18.575057999", "smooth:floor[0.50]|",
      "57.1/10.0/12.5/16.7 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
    { THOR_SMOOTH_ADD_K, -1, false, "26.269098944", "smooth:add-k[1.00]|",
      "57.1/16.7/20.0/25.0 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
    { THOR_SMOOTH_ADD_K, 0.25, false, "10.533861301", "smooth:add-k[0.25]|",
      "57.1/4.8/5.9/7.7 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
    { THOR_SMOOTH_NONE, -1, true, "0.000000000", "smooth:none|",
      "57.1/0.0/0.0/0.0 (BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)" },
};

START_TEST(every_smoothing)
{
    size_t row = (size_t)_i;
    const thor_score_line hypotheses[] = { thor_score_line_of("a b c d e f"), thor_score_line_of("z") };
    const thor_score_line references[] = { thor_score_line_of("a x c y e z"), thor_score_line_of("z") };
    const thor_score_line *stream = references;
    thor_score_corpus corpus = { hypotheses, &stream, 1, 2 };
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    metric.bleu.smooth = smoothings[row].smooth;
    metric.bleu.smooth_value = smoothings[row].value;
    metric.bleu.effective_order = smoothings[row].effective;
    thor_bleu bleu;
    char signature[THOR_SIGNATURE_SIZE];
    ck_assert_int_eq(thor_bleu_corpus(&metric.bleu, &corpus, &bleu, NULL), THOR_OK);
    expect_number(bleu.score, smoothings[row].score);
    expect_details(&bleu, smoothings[row].details);
    thor_signature(&metric, 1, NULL, signature);
    ck_assert_ptr_nonnull(strstr(signature, smoothings[row].field));
}
END_TEST

START_TEST(single_sentences_with_effective_order)
{
    static const char *const scores[] = { "59.994143560", "76.246585862", "0.000000000",
                                          "96.219545820", "0.000000000",  "50.000000000" };
    text_corpus made;
    thor_score_corpus whole = *make_text_corpus(&made, 2);
    thor_bleu_options options = thor_bleu_defaults();
    options.effective_order = true;
    for (size_t i = 0; i < TEXT_LINES; i++) {
        const thor_score_line *streams[] = { made.references[0] + i, made.references[1] + i };
        thor_score_corpus line = { whole.hypotheses + i, streams, 2, 1 };
        thor_bleu bleu;
        ck_assert_int_eq(thor_bleu_corpus(&options, &line, &bleu, NULL), THOR_OK);
        expect_number(bleu.score, scores[i]);
    }
}
END_TEST

START_TEST(other_orders)
{
    text_corpus made;
    thor_bleu bleu;
    thor_error error;
    thor_bleu_options options = thor_bleu_defaults();
    options.order = 2;
    ck_assert_int_eq(thor_bleu_corpus(&options, make_text_corpus(&made, 1), &bleu, NULL), THOR_OK);
    expect_number(bleu.score, "70.210224719");
    expect_details(&bleu, "79.1/68.4 (BP = 0.955 ratio = 0.956 hyp_len = 43 ref_len = 45)");
    options.order = 0;
    ck_assert_int_eq(thor_bleu_corpus(&options, &made.corpus, &bleu, &error), THOR_E_USAGE);
    options.order = THOR_BLEU_MAX_ORDER + 1;
    ck_assert_int_eq(thor_bleu_corpus(&options, &made.corpus, &bleu, &error), THOR_E_USAGE);
}
END_TEST

/* A reference that is not there is something else than an empty one. */
START_TEST(missing_references)
{
    text_corpus made;
    thor_bleu bleu;
    thor_error error;
    thor_bleu_options options = thor_bleu_defaults();
    make_text_corpus(&made, 2);
    for (size_t i = 1; i < TEXT_LINES; i += 2)
        made.references[1][i] = thor_score_line_of(NULL);
    ck_assert_int_eq(thor_bleu_corpus(&options, &made.corpus, &bleu, NULL), THOR_OK);
    expect_number(bleu.score, "67.920559332");
    made.references[0][1] = thor_score_line_of(NULL);
    ck_assert_int_eq(thor_bleu_corpus(&options, &made.corpus, &bleu, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "line 2"));
}
END_TEST

/* Rows of statistics add up: the sum over lines is the corpus. */
START_TEST(rows_add_up)
{
    text_corpus made;
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    double rows[TEXT_LINES * THOR_SCORE_MAX_COLUMNS];
    double sums[THOR_SCORE_MAX_COLUMNS], own[THOR_SCORE_MAX_COLUMNS] = { 0 };
    size_t columns = thor_metric_columns(&metric);
    ck_assert_int_eq(thor_metric_statistics(&metric, make_text_corpus(&made, 1), rows, sums, NULL), THOR_OK);
    for (size_t i = 0; i < TEXT_LINES * columns; i++)
        own[i % columns] += (double)rows[i];
    for (size_t c = 0; c < columns; c++)
        ck_assert_double_eq(own[c], sums[c]);
    expect_number(thor_metric_score(&metric, own, false), "60.768379007");
}
END_TEST

/* Laws: a text against itself has 100; the order of lines does not count; nothing in common is 0. */
START_TEST(laws)
{
    thor_bleu bleu, back;
    const char *const words[] = { "one two three four", "five six seven eight" };
    const char *const turned[] = { "five six seven eight", "one two three four" };
    const char *const other[] = { "a b c d e", "f g h i j" };
    ck_assert_int_eq(thor_bleu_strings(THOR_TOKENIZER_13A, words, words, 2, &bleu, NULL), THOR_OK);
    ck_assert_double_eq_tol(bleu.score, 100, 1e-9);
    ck_assert_int_eq(thor_bleu_strings(THOR_TOKENIZER_13A, other, words, 2, &bleu, NULL), THOR_OK);
    ck_assert_double_eq(bleu.score, 0);
    ck_assert_int_eq(thor_bleu_strings(THOR_TOKENIZER_13A, turned, words, 2, &bleu, NULL), THOR_OK);
    ck_assert_double_eq(bleu.score, 0);
    ck_assert_int_eq(thor_bleu_strings(THOR_TOKENIZER_13A, words, turned, 2, &back, NULL), THOR_OK);
    ck_assert_double_eq(back.score, bleu.score);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bleu");
    TCase *tests = tcase_create("bleu");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_tokenizer, 0, (int)(sizeof tokenizers / sizeof *tokenizers));
    tcase_add_loop_test(tests, every_smoothing, 0, (int)(sizeof smoothings / sizeof *smoothings));
    tcase_add_test(tests, single_sentences_with_effective_order);
    tcase_add_test(tests, other_orders);
    tcase_add_test(tests, missing_references);
    tcase_add_test(tests, rows_add_up);
    tcase_add_test(tests, laws);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
