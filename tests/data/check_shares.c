/* Temperature sampling against a plain computation with the C library. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "data/shares.h"

enum { MOST = 30 };

static thor_rng rng_of(uint32_t step)
{
    return thor_rng_make(1, THOR_SITE_TEST, step, 0);
}

/* OPUS-16 of the paper, both directions of each pair: r as reproduction asks for it at T = 1.5. */
START_TEST(shares_of_opus_16)
{
    static const int64_t sizes[15] = { 138479, 1000000, 1000000, 1000000, 54342,   289524,  1000000, 27007,
                                       142906, 1000000, 173823,  35907,   1000000, 1000000, 1000000 };
    static const double wanted[15] = { .01389, .05191, .05191, .05191, .00745, .02272, .05191, .00467,
                                       .01419, .05191, .01617, .00565, .05191, .05191, .05191 };
    int64_t n[MOST], c[MOST], sum = 0;
    double r[MOST];
    for (int i = 0; i < MOST; i++)
        n[i] = sizes[i / 2];
    thor_shares(r, n, MOST, 1.5);
    for (int i = 0; i < MOST; i++)
        ck_assert_double_eq_tol(r[i], wanted[i / 2], 5e-6);
    int64_t epoch = thor_virtual_size(r, n, MOST);
    ck_assert_int_eq(epoch / 10000, 1926);
    thor_rng rng = rng_of(0);
    thor_share_counts(c, r, MOST, epoch, &rng);
    for (int i = 0; i < MOST; i++) {
        ck_assert_int_ge(c[i], (int64_t)floor((double)epoch * r[i]));
        ck_assert_int_le(c[i], (int64_t)floor((double)epoch * r[i]) + MOST);
        sum += c[i];
    }
    ck_assert_int_eq(sum, epoch);
}
END_TEST

START_TEST(shares_are_powers)
{
    static const double temperatures[] = { 1, 1.5, 2, 5, 100 };
    double temperature = temperatures[_i], r[5], sum = 0;
    int64_t n[5] = { 1000, 10, 333, 0, 77 };
    thor_shares(r, n, 5, temperature);
    for (int i = 0; i < 5; i++)
        sum += n[i] ? pow((double)n[i] / 1420.0, 1 / temperature) : 0;
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(r[i], n[i] ? pow((double)n[i] / 1420.0, 1 / temperature) / sum : 0, 1e-14);
    double size = 0;
    for (int i = 0; i < 5; i++)
        size += r[i] / r[0] * 1000;
    ck_assert_int_eq(thor_virtual_size(r, n, 5), (int64_t)(size < 2130 ? floor(size + 1e-6) : 2130));
}
END_TEST

/* Equal directions get equal counts, all of their sentences, whatever the rounding of a third or a seventh. */
START_TEST(equal_directions_are_exact)
{
    int64_t n[MOST] = { 0 }, c[MOST];
    double r[MOST];
    int32_t count = _i;
    for (int i = 0; i < count; i++)
        n[i] = 28999;
    thor_shares(r, n, count, 1.5);
    ck_assert_int_eq(thor_virtual_size(r, n, count), 28999 * count);
    thor_rng rng = rng_of(1);
    thor_share_counts(c, r, count, 28999 * count, &rng);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(c[i], 28999);
}
END_TEST

/* What is left over goes to directions by their shares: many epochs of one sentence each. */
START_TEST(the_rest_is_drawn_by_share)
{
    static const double r[3] = { 0.6, 0.3, 0.1 };
    int64_t sums[3] = { 0 };
    for (uint32_t epoch = 0; epoch < 10000; epoch++) {
        int64_t c[3];
        thor_rng rng = rng_of(epoch);
        thor_share_counts(c, r, 3, 1, &rng);
        ck_assert_int_eq(c[0] + c[1] + c[2], 1);
        for (int i = 0; i < 3; i++)
            sums[i] += c[i];
    }
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol((double)sums[i] / 10000, r[i], 0.02);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shares");
    TCase *tests = tcase_create("shares");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, shares_of_opus_16);
    tcase_add_loop_test(tests, shares_are_powers, 0, 5);
    tcase_add_loop_test(tests, equal_directions_are_exact, 1, MOST + 1);
    tcase_add_test(tests, the_rest_is_drawn_by_share);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
