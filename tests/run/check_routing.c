/* What the counts of routers say: sums worked out by hand. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/run_routing.h"

/* Four experts, groups x, y and those without a domain. Mixture 0: 10 rows of x choose 0 ten times and 1 ten times, 20
 * rows of y choose 1 twenty times; mixture 1: 5 rows of x choose all four experts. */
static double chosen_0[] = { 10, 10, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0 }, rows_0[] = { 10, 20, 0 };
static double chosen_1[] = { 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0 }, rows_1[] = { 5, 0, 0 };
static uint64_t sets_0[] = { 3, 6, 7 };                /* { 0 1 }, { 1 2 }, { 0 1 2 } */
static char *domains[] = { "x", "y" }, *languages[] = { "de", "en", "fr" };

static thor_config config = { .domains = { domains, 2 }, .languages = { languages, 3 } };
static thor_routing_layer layers[] = {
    { .name = "encoder.layers.1", .chosen = chosen_0, .rows = rows_0, .sets = sets_0, .set_count = 3 },
    { .name = "decoder.layers.1", .decoder = true, .chosen = chosen_1, .rows = rows_1 }
};

static thor_routing_report report(void)
{
    return (thor_routing_report){ .config = &config, .by_domain = true, .groups = 3, .experts = 4, .layers = layers,
                                  .layer_count = 2 };
}

START_TEST(groups_have_names)
{
    thor_routing_report r = report();
    ck_assert_str_eq(thor_routing_group_name(&r, 1), "y");
    ck_assert_str_eq(thor_routing_group_name(&r, 2), "none");
    r.by_domain = false;
    ck_assert_str_eq(thor_routing_group_name(&r, 2), "fr");
}
END_TEST

START_TEST(experts_per_token)
{
    const thor_routing_report r = report();
    ck_assert_double_eq(thor_routing_experts_per_token(&r, &layers[0], 0), 2);
    ck_assert_double_eq(thor_routing_experts_per_token(&r, &layers[0], 1), 1);
    ck_assert_double_eq(thor_routing_experts_per_token(&r, &layers[0], -1), 40.0 / 30);
    ck_assert_double_eq(thor_routing_experts_per_token(&r, NULL, 0), 40.0 / 15);
    ck_assert_double_eq(thor_routing_experts_per_token(&r, NULL, -1), 60.0 / 35);
    ck_assert_double_nan(thor_routing_experts_per_token(&r, &layers[1], 1));
    ck_assert_double_eq(thor_routing_share(&r, &layers[0], 0, 1), 0.5);
    ck_assert_double_eq(thor_routing_share(&r, &layers[0], -1, 1), 0.75);
    ck_assert_double_nan(thor_routing_share(&r, &layers[1], 2, 0));
}
END_TEST

START_TEST(evenness)
{
    thor_routing_report r = report();
    ck_assert_double_eq_tol(thor_routing_evenness(&r, &layers[1]), 1, 1e-15);
    double expected = -(0.25 * log(0.25) + 0.75 * log(0.75)) / log(4);
    ck_assert_double_eq_tol(thor_routing_evenness(&r, &layers[0]), expected, 1e-14);
    r.groups = 0;                       /* nothing was counted */
    ck_assert_double_nan(thor_routing_evenness(&r, &layers[0]));
    r = report();
    r.groups = r.experts = 1;
    ck_assert_double_nan(thor_routing_evenness(&r, &layers[0]));
}
END_TEST

START_TEST(experts_that_nobody_uses)
{
    const thor_routing_report r = report();
    static const bool unused[] = { false, false, true, true }, excluded[] = { false, false, false, true };
    for (int32_t e = 0; e < 4; e++) {
        ck_assert_int_eq(thor_routing_is_unused(&r, &layers[0], e), unused[e]);
        ck_assert_int_eq(thor_routing_is_excluded(&r, &layers[0], e), excluded[e]);
        ck_assert(!thor_routing_is_excluded(&r, &layers[1], e));        /* without candidates all can be chosen */
    }
    ck_assert_double_eq(thor_routing_used_share(&r), 6.0 / 8);
    ck_assert_double_eq(thor_routing_candidate_sets(&r), 3);
}
END_TEST

/* More experts than a word has bits. */
START_TEST(wide_sets)
{
    uint64_t sets[] = { 1, 0, 0, 2 };
    thor_routing_report r = { .experts = 70 };
    thor_routing_layer layer = { .sets = sets, .set_count = 2 };
    ck_assert_uint_eq(thor_routing_words(&r), 2);
    for (int32_t e = 0; e < 70; e++)
        ck_assert_int_eq(thor_routing_is_excluded(&r, &layer, e), e != 0 && e != 65);
}
END_TEST

START_TEST(without_mixtures)
{
    const thor_routing_report r = { .config = &config, .groups = 3 };
    ck_assert_double_nan(thor_routing_used_share(&r));
    ck_assert_double_nan(thor_routing_candidate_sets(&r));
    ck_assert_double_nan(thor_routing_experts_per_token(&r, NULL, -1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("routing");
    TCase *tests = tcase_create("routing");
    tcase_add_test(tests, groups_have_names);
    tcase_add_test(tests, experts_per_token);
    tcase_add_test(tests, evenness);
    tcase_add_test(tests, experts_that_nobody_uses);
    tcase_add_test(tests, wide_sets);
    tcase_add_test(tests, without_mixtures);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
