/* Verdicts from signs and p-values, and orders beside the paper's. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/claim_tests.h"

START_TEST(verdicts)
{
    static const struct { double difference, p; thor_verdict verdict; } cases[] = {
        { 1, 0.01, THOR_HOLDS },          { 1, 0.05, THOR_TENDS_TO }, { -1, 0.05, THOR_TENDS_AGAINST },
        { -1, 0.049, THOR_FAILS },        { 0, 1, THOR_UNTOLD },      { NAN, NAN, THOR_UNTOLD },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(thor_verdict_of(cases[i].difference, cases[i].p), cases[i].verdict);
    ck_assert_str_eq(thor_verdict_name(THOR_TENDS_AGAINST), "tends against");
}
END_TEST

START_TEST(orders)
{
    thor_ranking ranking = { .recipes = { "a", "b", "c" }, .paper = { 3, 2, 1 }, .count = 3, .known = 3 };
    static const struct { double ours[3], tau; thor_verdict verdict; } cases[] = {
        { { 30, 20, 10 }, 1, THOR_HOLDS },
        { { 30, 10, 20 }, 1.0 / 3, THOR_TENDS_TO },
        { { 10, 30, 20 }, -1.0 / 3, THOR_TENDS_AGAINST },
        { { 10, 20, 30 }, -1, THOR_FAILS },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_verdict_part part = { .verdict = THOR_UNTOLD };
        memcpy(ranking.ours, cases[i].ours, sizeof cases[i].ours);
        thor_test_order(&ranking, &part);
        ck_assert_int_eq(part.verdict, cases[i].verdict);
        ck_assert_double_eq_tol(part.numbers[0].value, cases[i].tau, 1e-12);
    }
    thor_verdict_part part = { .verdict = THOR_UNTOLD };
    ranking.count = 1;
    thor_test_order(&ranking, &part);
    ck_assert_int_eq(part.verdict, THOR_UNTOLD);
    ck_assert_ptr_nonnull(strstr(part.reason, "fewer than two"));
}
END_TEST

/* Marks, and cells as they are printed. */
START_TEST(cells)
{
    static const struct { thor_cell cell; const char *text; } cases[] = {
        { { THOR_CELL_NUMBER, "", 2, 21.625, NAN, NAN, NAN, NAN }, "21.62" },
        { { THOR_CELL_NUMBER, "", 1, 21.625, 0.25, NAN, 0.04, 0.08 }, "21.6±0.2 †·" },
        { { THOR_CELL_NUMBER, "", 2, 1, NAN, NAN, 0.001, 0.02 }, "1.00 ‡†" },
        { { THOR_CELL_NUMBER, "", 0, 7, NAN, NAN, 0.06, 0.06 }, "7" },
        { { THOR_CELL_TEXT, "name", 0, NAN, NAN, NAN, NAN, NAN }, "name" },
        { { THOR_CELL_EMPTY, "", 0, NAN, NAN, 3, NAN, NAN }, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        thor_cell_text(&cases[i].cell, text);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("claims");
    TCase *tests = tcase_create("claims");
    tcase_add_test(tests, verdicts);
    tcase_add_test(tests, orders);
    tcase_add_test(tests, cells);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
