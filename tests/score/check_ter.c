#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/bootstrap.h"
#include "score/randomisation.h"
#include "tests/score/texts.h"

static thor_ter_options options_of(unsigned bits)
{
    return (thor_ter_options){ .case_sensitive = bits & 1, .normalized = bits & 2, .no_punctuation = bits & 4 };
}

/* Scores of the texts, by sacreBLEU 2.6.0. */
START_TEST(every_variant)
{
    static const char *const expected[8][2] = {
        { "43.750000000", "34.920634921" },
        { "50.000000000", "38.095238095" },
        { "26.666666667", "18.390804598" },
        { "31.111111111", "20.689655172" },
        { "31.250000000", "22.222222222" },
        { "37.500000000", "25.396825397" },
        { "25.000000000", "16.901408451" },
        { "30.555555556", "19.718309859" },
    };
    text_corpus made;
    thor_metric metric = { .kind = THOR_METRIC_TER, .ter = options_of((unsigned)_i) };
    for (size_t references = 1; references <= 2; references++) {
        double sums[THOR_SCORE_MAX_COLUMNS];
        char text[64];
        const thor_score_corpus *corpus = make_text_corpus(&made, references);
        ck_assert_int_eq(thor_metric_statistics(&metric, corpus, NULL, sums, NULL), THOR_OK);
        snprintf(text, sizeof text, "%.9f", thor_metric_score(&metric, sums, false));
        ck_assert_str_eq(text, expected[_i][references - 1]);
    }
}
END_TEST

/* Numbers from 0 to below n, the same everywhere: x = 1103515245 x + 12345 mod 2^31 */
static uint32_t draw(uint32_t *state, uint32_t n)
{
    *state = (*state * 1103515245u + 12345u) & 0x7fffffffu;
    return (*state >> 8) % n;
}

enum { MADE_LINES = 120, MOST_WORDS = 240 };

/* A line of invented words, and one that has some of its words changed and its runs moved. */
static void make_pair(uint32_t *state, char *hypothesis, char *reference)
{
    static const uint32_t lengths[] = { 1, 2, 3, 9, 25, 40, 70, 200 };
    uint32_t words[MOST_WORDS], count = lengths[draw(state, 8)], kinds = draw(state, 2) ? 7 : 400;
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        words[i] = draw(state, kinds);
        at += (size_t)sprintf(reference + at, "w%" PRIu32 " ", words[i]);
    }
    for (uint32_t edits = draw(state, 6); edits > 0; edits--) {
        uint32_t from = draw(state, count), to = draw(state, count), kept = words[from];
        memmove(words + from, words + from + 1, (count - 1 - from) * sizeof *words);
        memmove(words + to + 1, words + to, (count - 1 - to) * sizeof *words);
        words[to] = draw(state, 3) ? kept : 1000;
    }
    uint32_t shown = draw(state, 5) ? count : draw(state, count + 1);
    at = 0;
    hypothesis[0] = '\0';
    for (uint32_t i = 0; i < shown; i++)
        at += (size_t)sprintf(hypothesis + at, "w%" PRIu32 " ", words[i]);
}

/* Edits of every made line, by sacreBLEU 2.6.0: few and many words, few and many kinds, all of Tercom's limits. */
START_TEST(made_lines)
{
    static const int expected[MADE_LINES] = {
        2, 0, 0, 1, 2, 0, 2, 16, 4, 2, 0, 25, 1, 1, 1, 2, 0, 1, 5, 64, 4, 7, 6, 0,
        2, 5, 0, 3, 6, 22, 5, 6, 1, 0, 7, 6, 0, 9, 2, 0, 0, 0, 2, 2, 4, 2, 0, 7,
        1, 1, 18, 0, 0, 6, 0, 0, 0, 2, 5, 37, 1, 0, 1, 150, 2, 2, 6, 0, 3, 9, 1, 0,
        1, 6, 4, 8, 2, 8, 5, 0, 1, 3, 4, 2, 4, 36, 0, 0, 5, 1, 1, 2, 0, 0, 4, 1,
        37, 1, 0, 4, 3, 9, 1, 1, 0, 0, 1, 1, 2, 1, 30, 1, 6, 5, 4, 194, 0, 2, 0, 7,
    };
    char hypothesis[MOST_WORDS * 8], reference[MOST_WORDS * 8];
    thor_ter_options options = { .case_sensitive = true };
    thor_ter_work work = { .numbers = { .start = NULL } };
    uint32_t state = 1;
    for (int i = 0; i < MADE_LINES; i++) {
        double row[THOR_TER_COLUMNS];
        make_pair(&state, hypothesis, reference);
        thor_score_line line = thor_score_line_of(reference);
        ck_assert_int_eq(thor_ter_statistics(&options, thor_score_line_of(hypothesis), &line, 1, &work, row, NULL),
                         THOR_OK);
        ck_assert_msg((int)row[0] == expected[i], "line %d: %g edits instead of %d:\n%s\n%s", i, row[0], expected[i],
                      hypothesis, reference);
    }
    thor_ter_work_free(&work);
}
END_TEST

START_TEST(empty_lines)
{
    double sums[THOR_TER_COLUMNS] = { 0, 0 };
    ck_assert(thor_ter_from_sums(sums, false) == 0);
    sums[0] = 3;
    ck_assert(thor_ter_from_sums(sums, false) == 100);
    thor_ter_options options = { .case_sensitive = false };
    thor_ter_work work = { .numbers = { .start = NULL } };
    thor_score_line empty = thor_score_line_of(""), words = thor_score_line_of("a b c"), none = { NULL, 0 };
    thor_error error;
    ck_assert_int_eq(thor_ter_statistics(&options, empty, &words, 1, &work, sums, NULL), THOR_OK);
    ck_assert(sums[0] == 3 && sums[1] == 3);
    ck_assert_int_eq(thor_ter_statistics(&options, words, &empty, 1, &work, sums, NULL), THOR_OK);
    ck_assert(sums[0] == 3 && sums[1] == 0);
    ck_assert_int_eq(thor_ter_statistics(&options, words, &none, 1, &work, sums, &error), THOR_E_USAGE);
    thor_ter_work_free(&work);
}
END_TEST

/* p of the texts turned round against the texts, by sacreBLEU 2.6.0 with numpy 1.24. */
START_TEST(randomisation)
{
    static const struct {
        int64_t trials;
        double p[THOR_METRICS];
    } expected[] = {
        { 1, { 0.5, 0.5, 0.5 } },
        { 50, { 0.0196078431372549, 0.45098039215686275, 0.0196078431372549 } },
        { 2000, { 0.0004997501249375312, 0.4387806096951524, 0.0004997501249375312 } },
    };
    text_corpus made, turned;
    make_text_corpus(&made, 1);
    make_text_corpus(&turned, 1);
    for (size_t i = 0; i < TEXT_LINES; i++)
        turned.hypotheses[i] = thor_score_line_of(text_references[1][i]);
    for (int m = 0; m < THOR_METRICS; m++) {
        thor_metric metric = { .kind = (thor_metric_kind)m, .bleu = thor_bleu_defaults(),
                               .chrf = thor_chrf_defaults() };
        thor_draws draws = { .count = expected[_i].trials, .seed = THOR_BOOTSTRAP_SEED, .randomised = true };
        double rows[2][TEXT_LINES * THOR_SCORE_MAX_COLUMNS], sums[2][THOR_SCORE_MAX_COLUMNS];
        ck_assert_int_eq(thor_metric_statistics(&metric, &made.corpus, rows[0], sums[0], NULL), THOR_OK);
        ck_assert_int_eq(thor_metric_statistics(&metric, &turned.corpus, rows[1], sums[1], NULL), THOR_OK);
        double difference = thor_metric_score(&metric, sums[0], false) - thor_metric_score(&metric, sums[1], false);
        difference = difference < 0 ? -difference : difference;
        ck_assert_double_eq_tol(thor_randomisation_p(&metric, rows[0], rows[1], TEXT_LINES, &draws, difference),
                                expected[_i].p[m], 1e-12);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ter");
    TCase *tests = tcase_create("ter");
    tcase_add_loop_test(tests, every_variant, 0, 8);
    tcase_add_test(tests, made_lines);
    tcase_add_test(tests, empty_lines);
    tcase_add_loop_test(tests, randomisation, 0, 3);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
