/* thor_usage: what is said of counts that are known. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "run/run_usage.h"

START_TEST(shares_and_evenness)
{
    int64_t even[] = { 5, 5, 5, 5 }, one[] = { 0, 7, 0, 0 }, half[] = { 3, 0, 3, 0 }, none[] = { 0, 0, 0, 0 };
    thor_usage_layer layers[] = { { .chosen = even }, { .chosen = one }, { .chosen = half } };
    const thor_usage_layer unused = { .chosen = none };
    const thor_usage usage = { .experts = 4, .layer_count = 3, .most_layers = 3, .layers = layers };
    ck_assert_double_eq(thor_usage_share(&usage), 7.0 / 12);
    ck_assert_double_eq_tol(thor_usage_evenness(&layers[0], 4), 1, 1e-15);
    ck_assert_double_eq_tol(thor_usage_evenness(&layers[1], 4), 0, 1e-15);
    ck_assert_double_eq_tol(thor_usage_evenness(&layers[2], 4), 0.5, 1e-15);
    ck_assert(isnan(thor_usage_evenness(&unused, 4)));
}
END_TEST

START_TEST(nothing_without_mixtures)
{
    const thor_usage usage = { .experts = 4 };
    ck_assert(isnan(thor_usage_share(&usage)));
    ck_assert(isnan(thor_usage_sets(&usage)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("use of experts");
    TCase *cases = tcase_create("use of experts");
    tcase_add_test(cases, shares_and_evenness);
    tcase_add_test(cases, nothing_without_mixtures);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
