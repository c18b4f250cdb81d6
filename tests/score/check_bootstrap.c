#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "score/bootstrap.h"
#include "score/pcg64.h"
#include "tests/score/texts.h"

/* numpy.random.default_rng(seed): bit_generator.random_raw(3), and anew choice(3000000000, size=6) */
static const struct {
    uint64_t seed, raw[3];
    uint32_t chosen[6];
} generators[] = {
    { 12345, { 4193609425186963869u, 5843160025838961886u, 14708796524633321433u },
      { 2097645094u, 682008066u, 2365940964u, 950275018u, 2392096371u, 2028764011u } },
    { 0, { 11749869230777074271u, 4976686463289251617u, 755828109848996024u },
      { 2551872677u, 1910885061u, 1533409439u, 809360140u, 923488268u, 122920571u } },
    { 1, { 9441442522235856127u, 17532960557476522086u, 2659275481604167885u },
      { 1535464873u, 2851391088u, 104557657u, 2845948340u, 935494355u, 2607075741u } },
    { 5000000000u, { 13612822108948717442u, 9602355123249257654u, 8495558616909289051u },
      { 1716470630u, 2817471869u, 2922504607u, 1381635465u, 2498631267u, 379412946u } },
};

START_TEST(generator_of_numpy)
{
    for (size_t s = 0; s < sizeof generators / sizeof *generators; s++) {
        thor_pcg64 generator = thor_pcg64_make(generators[s].seed);
        for (size_t i = 0; i < 3; i++)
            ck_assert_uint_eq(thor_pcg64_next(&generator), generators[s].raw[i]);
        generator = thor_pcg64_make(generators[s].seed);
        for (size_t i = 0; i < 6; i++)
            ck_assert_uint_eq(thor_pcg64_below(&generator, 3000000000u), generators[s].chosen[i]);
    }
}
END_TEST

static const struct {
    thor_metric_kind kind;
    bool variant;               /* add-k with 0.3; chrF++ with eps smoothing */
    size_t resamples;
    double mean, half;
} intervals[] = {
    { THOR_METRIC_BLEU, false, 2, 66.3924474944927, 1.2382963158003264 },
    { THOR_METRIC_BLEU, false, 39, 60.214904553428845, 22.70502797492687 },
    { THOR_METRIC_BLEU, false, 40, 60.19444698221259, 22.083546563889207 },
    { THOR_METRIC_BLEU, false, 1000, 57.290633607671694, 21.659857943530405 },
    { THOR_METRIC_BLEU, true, 100, 56.88042086163722, 21.532619412945394 },
    { THOR_METRIC_BLEU, true, 1000, 57.609919707720124, 21.355578489209087 },
    { THOR_METRIC_CHRF, false, 39, 62.99366577368926, 25.59380113083562 },
    { THOR_METRIC_CHRF, false, 1000, 60.66937216999771, 24.201640228887946 },
    { THOR_METRIC_CHRF, true, 40, 61.7798392643266, 17.134060857831894 },
    { THOR_METRIC_CHRF, true, 1000, 59.52306190991243, 23.47835300233762 },
};

START_TEST(confidence_intervals)
{
    size_t row = (size_t)_i;
    text_corpus made;
    thor_metric metric = { .kind = intervals[row].kind, .bleu = thor_bleu_defaults(), .chrf = thor_chrf_defaults() };
    if (intervals[row].variant) {
        metric.bleu.smooth = THOR_SMOOTH_ADD_K;
        metric.bleu.smooth_value = 0.3;
        metric.chrf.word_order = 2;
        metric.chrf.eps_smoothing = true;
    }
    double rows[TEXT_LINES * THOR_SCORE_MAX_COLUMNS];
    double sums[THOR_SCORE_MAX_COLUMNS], scores[1000];
    thor_interval interval;
    ck_assert_int_eq(thor_metric_statistics(&metric, make_text_corpus(&made, 1), rows, sums, NULL), THOR_OK);
    ck_assert_int_eq(thor_bootstrap_scores(&metric, rows, TEXT_LINES, intervals[row].resamples, THOR_BOOTSTRAP_SEED,
                                           scores, NULL), THOR_OK);
    ck_assert_int_eq(thor_bootstrap_interval(scores, intervals[row].resamples, &interval, NULL), THOR_OK);
    ck_assert_double_eq_tol(interval.mean, intervals[row].mean, 1e-12 * intervals[row].mean);
    ck_assert_double_eq_tol(interval.half, intervals[row].half, 1e-12 * intervals[row].half);
}
END_TEST

/* Sums beyond 2^24 round as numpy's float32 do. */
START_TEST(large_sums_round_to_single_precision)
{
    static const double expected[] = { 45.06119014239652, 45.06123266810952, 45.06102712642353, 45.06118586443674 };
    enum { LINES = 50, COLUMNS = 10, RESAMPLES = 100 };
    static const int64_t base[COLUMNS] = { 3000001, 2999999, 2500000, 1700001, 1100003,
                                           700001,  3000001, 2990001, 2980001, 2970001 };
    static const int64_t slope[COLUMNS] = { 7, 11, 3, 5, 1, 13, 7, 7, 7, 7 };
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    double rows[LINES * COLUMNS];
    double scores[RESAMPLES];
    thor_interval interval;
    for (int64_t i = 0; i < LINES; i++)
        for (size_t c = 0; c < COLUMNS; c++)
            rows[(size_t)i * COLUMNS + c] = (double)(base[c] + slope[c] * i);
    ck_assert_int_eq(thor_bootstrap_scores(&metric, rows, LINES, RESAMPLES, THOR_BOOTSTRAP_SEED, scores, NULL),
                     THOR_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(scores[i], expected[i], 1e-11);
    ck_assert_int_eq(thor_bootstrap_interval(scores, RESAMPLES, &interval, NULL), THOR_OK);
    ck_assert_double_eq_tol(interval.mean, 45.06121533622347, 1e-11);
    ck_assert_double_eq_tol(interval.half, 0.0003874241881831608, 1e-11);
}
END_TEST

/* The definition, on numbers that can be followed by hand: differences 1 2 3 6 have the mean 3. */
START_TEST(p_values)
{
    const double baseline[] = { 10, 10, 10, 10 }, system[] = { 11, 8, 13, 16 };
    double p;
    ck_assert_int_eq(thor_bootstrap_p(baseline, system, 4, 2.5, &p, NULL), THOR_OK);
    ck_assert_double_eq(p, 2.0 / 5);
    ck_assert_int_eq(thor_bootstrap_p(baseline, system, 4, 3, &p, NULL), THOR_OK);
    ck_assert_double_eq(p, 1.0 / 5);
    ck_assert_int_eq(thor_bootstrap_p(baseline, system, 4, -1.5, &p, NULL), THOR_OK);
    ck_assert_double_eq(p, 4.0 / 5);
    ck_assert_int_eq(thor_bootstrap_p(baseline, baseline, 4, 0, &p, NULL), THOR_OK);
    ck_assert_double_eq(p, 1.0 / 5);
}
END_TEST

START_TEST(no_lines)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    double score;
    thor_error error;
    ck_assert_int_eq(thor_bootstrap_scores(&metric, NULL, 0, 1, 1, &score, &error), THOR_E_USAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bootstrap");
    TCase *tests = tcase_create("bootstrap");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, generator_of_numpy);
    tcase_add_loop_test(tests, confidence_intervals, 0, (int)(sizeof intervals / sizeof *intervals));
    tcase_add_test(tests, large_sums_round_to_single_precision);
    tcase_add_test(tests, p_values);
    tcase_add_test(tests, no_lines);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
