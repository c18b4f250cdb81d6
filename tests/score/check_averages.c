#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "score/averages.h"

static const char *const languages[] = { "zh", "eu", "bg", "sk", "sl", "hr", "pt", "de",
                                         "rw", "as", "nb", "ga", "se", "mr", "fy", "cs" };

START_TEST(groups)
{
    for (size_t i = 0; i < 16; i++) {
        int expected = i < 8 ? THOR_GROUP_HIGH : i < 12 ? THOR_GROUP_MEDIUM : THOR_GROUP_LOW;
        ck_assert_int_eq(thor_group_of(languages[i]), i < 15 ? expected : (int)THOR_GROUP_NONE);
    }
    ck_assert_int_eq(thor_group_of(""), THOR_GROUP_NONE);
    ck_assert_int_eq(thor_group_of("deu"), THOR_GROUP_NONE);
    ck_assert_str_eq(thor_group_name(THOR_GROUP_MEDIUM), "medium");
    ck_assert_str_eq(thor_group_name(THOR_GROUP_NONE), "-");
}
END_TEST

/* The two averages differ because low has three languages and is weighted as if it had four. */
START_TEST(both_averages)
{
    double scores[16];
    for (size_t i = 0; i < 16; i++)
        scores[i] = i < 8 ? 30 + (double)i : i < 12 ? 20 : i < 15 ? 10 : 100;
    thor_averages means = thor_averages_of(languages, scores, 15);
    ck_assert_uint_eq(means.count[THOR_GROUP_HIGH], 8);
    ck_assert_uint_eq(means.count[THOR_GROUP_MEDIUM], 4);
    ck_assert_uint_eq(means.count[THOR_GROUP_LOW], 3);
    ck_assert_double_eq(means.mean[THOR_GROUP_HIGH], 33.5);
    ck_assert_double_eq(means.mean[THOR_GROUP_MEDIUM], 20);
    ck_assert_double_eq(means.mean[THOR_GROUP_LOW], 10);
    ck_assert_double_eq_tol(means.all, (8 * 33.5 + 4 * 20 + 3 * 10) / 15, 1e-12);
    ck_assert(means.has_weighted);
    ck_assert_double_eq_tol(means.weighted, (8 * 33.5 + 4 * 20 + 4 * 10) / 16, 1e-12);
    means = thor_averages_of(languages, scores, 16);
    ck_assert_double_eq_tol(means.all, (8 * 33.5 + 4 * 20 + 3 * 10 + 100) / 16, 1e-12);
    means = thor_averages_of(languages, scores, 12);
    ck_assert(!means.has_weighted);
    means = thor_averages_of(languages, scores, 0);
    ck_assert_double_eq(means.all, 0);
}
END_TEST

START_TEST(directions)
{
    static const struct { const char *name, *other; bool valid, from_english; } cases[] = {
        { "en-de", "de", true, true }, { "de-en", "de", true, false }, { "en-zho", "zho", true, true },
        { "de-fr", "de", false, false }, { "en-en", "en", false, true }, { "en-", "", false, false },
        { "-en", "", false, false }, { "en", "", false, false }, { "en-de-x", "", false, false },
        { "eng-de", "eng", false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool from_english = false;
        const char *other = "";
        size_t length = 0;
        ck_assert_int_eq(thor_direction_parse(cases[i].name, &from_english, &other, &length), cases[i].valid);
        ck_assert_int_eq(from_english, cases[i].from_english);
        ck_assert_uint_eq(length, strlen(cases[i].other));
        ck_assert_int_eq(strncmp(other, cases[i].other, length), 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("averages");
    TCase *tests = tcase_create("averages");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, groups);
    tcase_add_test(tests, both_averages);
    tcase_add_test(tests, directions);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
