/* The statistics of thor-reproduce(1), each against a plain program that goes another way. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "score/bootstrap.h"
#include "score/multiple.h"
#include "score/permutation.h"
#include "tests/score/made_scores.h"

enum { RESAMPLES = 500, SETS = 2, SYSTEMS = 2 };

static void fill(double *rows, int set, int system)
{
    for (int i = 0; i < MADE_SENTENCES; i++)
        made_row(set, system, i, rows + i * MADE_COLUMNS);
}

/* BLEU as its definition has it, from whole numbers. */
static double plain_bleu(const double sums[MADE_COLUMNS])
{
    double mean = 0;
    for (int n = 0; n < 4; n++)
        mean += log(100 * sums[2 + n] / sums[6 + n]) / 4;
    double short_by = sums[0] < sums[1] ? 1 - sums[1] / sums[0] : 0;
    return exp(mean + short_by);
}

/* The stream of draws runs through the test sets; systems share it. */
START_TEST(one_stream_for_all)
{
    thor_metric metric = { .kind = THOR_METRIC_BLEU, .bleu = thor_bleu_defaults() };
    static double rows[SYSTEMS][MADE_SENTENCES * MADE_COLUMNS];
    static double scores[SYSTEMS][RESAMPLES];
    thor_pcg64 tested = thor_pcg64_make(THOR_BOOTSTRAP_SEED), plain = thor_pcg64_make(THOR_BOOTSTRAP_SEED);
    for (int set = 0; set < SETS; set++) {
        thor_resampled texts[SYSTEMS];
        for (int s = 0; s < SYSTEMS; s++) {
            fill(rows[s], set, s);
            texts[s] = (thor_resampled){ rows[s], scores[s] };
        }
        ck_assert_int_eq(thor_bootstrap_together(&metric, &tested, MADE_SENTENCES, RESAMPLES, texts, SYSTEMS, NULL),
                         THOR_OK);
        for (int r = 0; r < RESAMPLES; r++) {
            double sums[SYSTEMS][MADE_COLUMNS] = { { 0 } };
            for (int i = 0; i < MADE_SENTENCES; i++) {
                uint32_t drawn = thor_pcg64_below(&plain, MADE_SENTENCES);
                for (int s = 0; s < SYSTEMS; s++)
                    for (int c = 0; c < MADE_COLUMNS; c++)
                        sums[s][c] += rows[s][drawn * MADE_COLUMNS + (uint32_t)c];
            }
            for (int s = 0; s < SYSTEMS; s++)
                ck_assert_double_eq_tol(scores[s][r], plain_bleu(sums[s]), 1e-9);
        }
    }
}
END_TEST

/* Differences 1, 2, 3, 6 have the mean 3: they lie 2, 1, 0 and 3 from it. */
START_TEST(p_of_a_mean)
{
    const double differences[] = { 1, 2, 3, 6 }, negative[] = { -1, -2, -3, -6 };
    static const struct { double difference, p; } cases[] = { { 3, 2.0 / 5 }, { 3.1, 1.0 / 5 }, { 2, 3.0 / 5 },
                                                              { 0.5, 4.0 / 5 }, { 0, 1 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_double_eq(thor_bootstrap_mean_p(differences, 4, cases[i].difference), cases[i].p);
        ck_assert_double_eq(thor_bootstrap_mean_p(negative, 4, -cases[i].difference), cases[i].p);
    }
}
END_TEST

/* Counts the choices of signs by taking one difference after the other, with and without its sign. */
static unsigned plain_count(const double *differences, size_t left, double sum, double least)
{
    if (left == 0)
        return fabs(sum) > least - 1e-9;
    return plain_count(differences + 1, left - 1, sum + differences[0], least) +
           plain_count(differences + 1, left - 1, sum - differences[0], least);
}

START_TEST(permutations)
{
    const double differences[] = { 0.3, 1.25, -0.5, 2, 0.75, 0.1, -0.2, 0.9, 0.3, 0, 1.1, 0.45, -0.6, 0.8, 0.05, 0.65,
                                   0.7, 0.2, -0.1, 0.15 };
    for (size_t count = 1; count <= 20; count += count < 10 ? 1 : 5) {
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += differences[i];
        double expected = plain_count(differences, count, 0, fabs(sum)) / ldexp(1, (int)count);
        ck_assert_double_eq(thor_permutation_p(differences, count, THOR_BOOTSTRAP_SEED), expected);
    }
    ck_assert_double_eq(thor_permutation_p(differences, 0, 1), 1);
    const double thirds[] = { 0.1, 0.2, -0.3 };         /* their sum is 0 but for rounding */
    ck_assert_double_eq(thor_permutation_p(thirds, 3, 1), 1);
}
END_TEST

START_TEST(drawn_permutations)
{
    enum { PAIRS = 30 };
    double differences[PAIRS], sum = 0;
    for (int i = 0; i < PAIRS; i++)
        sum += differences[i] = (i * 7 % 11 - 3.5) / 8;         /* exact in binary */
    unsigned reached = 0;
    for (uint32_t draw = 0; draw < THOR_PERMUTATION_DRAWS; draw++) {
        double flipped = 0;
        for (uint32_t i = 0; i < PAIRS; i++) {
            const uint32_t counter[4] = { i / 4, (uint32_t)7 << 24, draw, 0 }, key[2] = { 99, 0 };
            uint32_t words[4];
            thor_philox(words, counter, key);
            flipped += (words[i % 4] & 0x80000000u) ? -differences[i] : differences[i];
        }
        reached += fabs(flipped) >= fabs(sum);
    }
    ck_assert_double_eq(thor_permutation_p(differences, PAIRS, 99), (reached + 1.0) / (THOR_PERMUTATION_DRAWS + 1.0));
}
END_TEST

/* Holm's definition from the other end: the largest of the multiplied values of all that are not above this one. */
START_TEST(holm)
{
    const double p[] = { 0.01, 0.04, 0.03, NAN, 0.005, 0.03, 0.9 };
    const double expected[] = { 0.05, 0.12, 0.12, NAN, 0.03, 0.12, 0.9 };
    double corrected[7];
    thor_holm(p, 7, corrected);
    for (int i = 0; i < 7; i++) {
        if (isnan(expected[i]))
            ck_assert_double_nan(corrected[i]);
        else
            ck_assert_double_eq_tol(corrected[i], expected[i], 1e-15);
    }
    for (int seed = 0; seed < 50; seed++) {
        thor_rng rng = thor_rng_make((uint64_t)seed, THOR_SITE_TEST, 0, 0);
        double made[9], got[9];
        for (int i = 0; i < 9; i++)
            made[i] = (double)(thor_rng_word(&rng, (uint64_t)i) % 40) / 400;
        thor_holm(made, 9, got);
        for (int i = 0; i < 9; i++) {
            double largest = 0;
            for (int j = 0; j < 9; j++) {
                int before = 0;
                for (int k = 0; k < 9; k++)
                    before += made[k] < made[j];
                if (made[j] <= made[i])
                    largest = fmax(largest, (9 - before) * made[j]);
            }
            ck_assert_double_eq_tol(got[i], fmin(largest, 1), 1e-15);
        }
    }
}
END_TEST

START_TEST(kendall)
{
    const double up[] = { 1, 2, 3, 4, 5 }, down[] = { 9, 7, 5, 3, 1 }, swapped[] = { 1, 3, 2, 4, 5 };
    const double tied[] = { 1, 1, 2, 3, 3 }, same[] = { 2, 2, 2, 2, 2 };
    ck_assert_double_eq(thor_kendall_tau(up, up, 5), 1);
    ck_assert_double_eq(thor_kendall_tau(up, down, 5), -1);
    ck_assert_double_eq_tol(thor_kendall_tau(up, swapped, 5), 0.8, 1e-15);
    ck_assert_double_eq_tol(thor_kendall_tau(up, tied, 5), 8 / sqrt(10.0 * 8), 1e-15);
    ck_assert_double_nan(thor_kendall_tau(up, same, 5));
    ck_assert_double_nan(thor_kendall_tau(up, up, 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("significance");
    TCase *tests = tcase_create("significance");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, one_stream_for_all);
    tcase_add_test(tests, p_of_a_mean);
    tcase_add_test(tests, permutations);
    tcase_add_test(tests, drawn_permutations);
    tcase_add_test(tests, holm);
    tcase_add_test(tests, kendall);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
