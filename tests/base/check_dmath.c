/* Elementary functions in double: close to the C library's, and the same bits everywhere. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "base/hash.h"
#include "base/rng.h"

enum { SWEEP = 200000 };

/* Steps on the grid of doubles between two finite numbers. */
static double steps_apart(double a, double b)
{
    return a == b ? 0 : fabs(a - b) / (nextafter(fabs(b), INFINITY) - fabs(b));
}

static double uniform(uint64_t index, double low, double high)
{
    thor_rng rng = thor_rng_make(7, THOR_SITE_TEST, 0, 0);
    return low + (high - low) * (double)thor_rng_below(&rng, index, UINT64_C(1) << 53) * 0x1p-53;
}

/* Ours is off by less than 1 ulp, the C library's by as much: one step, or two across a power of two. */
static void compare(const char *name, double (*ours)(double), double (*theirs)(double), double low, double high)
{
    for (uint64_t i = 0; i < SWEEP; i++) {
        double x = uniform(i, low, high), got = ours(x), expected = theirs(x);
        ck_assert_msg(steps_apart(got, expected) <= 2, "%s(%a) is %a, expected %a", name, x, got, expected);
    }
}

START_TEST(near_the_library)
{
    compare("exp", thor_exp, exp, -700, 700);
    compare("exp", thor_exp, exp, -1, 1);
    compare("ln", thor_ln, log, 0, 1);
    compare("ln", thor_ln, log, 0.7, 1.5);
    compare("ln", thor_ln, log, 1, 1e12);
    compare("sin", thor_sin, sin, -10, 10);
    compare("sin", thor_sin, sin, -0x1p20, 0x1p20);
    compare("cos", thor_cos, cos, -10, 10);
    compare("cos", thor_cos, cos, -0x1p20, 0x1p20);
    for (int n = 0; n < 10000; n++)
        ck_assert(steps_apart(thor_sin(n * 1.57079632679489662), sin(n * 1.57079632679489662)) <= 2);
}
END_TEST

START_TEST(powers)
{
    for (uint64_t i = 1; i < SWEEP; i++) {
        double x = uniform(i, 0, 3), y = uniform(i + SWEEP, -5, 5), expected = pow(x, y);
        double allowed = (3 + fabs(y * log(x))) * 0x1p-52 * expected;
        ck_assert_msg(fabs(thor_pow(x, y) - expected) <= allowed, "%a^%a is %a", x, y, thor_pow(x, y));
    }
    ck_assert(thor_pow(0, 0.5) == 0 && thor_pow(0, 0) == 1);
    ck_assert(thor_power(3, 0) == 1 && thor_power(3, 5) == 243 && thor_power(2, 1000) == 0x1p1000);
    ck_assert(thor_power(0.5, 100000) == 0);
}
END_TEST

START_TEST(ends_of_the_range)
{
    ck_assert(thor_exp(0) == 1 && thor_exp(710) == INFINITY && thor_exp(-746) == 0 && thor_exp(-INFINITY) == 0);
    ck_assert(thor_exp(-745) == 0x1p-1074 && isnan(thor_exp(NAN)));
    ck_assert(thor_ln(1) == 0 && thor_ln(0) == -INFINITY && isnan(thor_ln(-1)) && thor_ln(INFINITY) == INFINITY);
    ck_assert(steps_apart(thor_ln(0x1p-1074), log(0x1p-1074)) <= 2);
    ck_assert(thor_sin(0) == 0 && thor_cos(0) == 1 && isnan(thor_sin(0x1p21)) && isnan(thor_cos(NAN)));
}
END_TEST

/* The bits themselves: whoever changes one changes every initial value. */
START_TEST(same_bits_everywhere)
{
    static const char expected[] = "c938973e9ec39dd0d0939ab30276c3e23c441666cfcd7eeac0dbc4a586dc96f4";
    enum { COUNT = 4000 };
    static double values[4 * COUNT];
    char found[65];
    thor_sha256 hash;
    for (uint64_t i = 0; i < COUNT; i++) {
        values[4 * i] = thor_exp(uniform(i, -30, 30));
        values[4 * i + 1] = thor_ln(uniform(i, 0, 100));
        values[4 * i + 2] = thor_sin(uniform(i, -1000, 1000));
        values[4 * i + 3] = thor_cos(uniform(i, -1000, 1000));
    }
    thor_sha256_start(&hash);
    thor_sha256_add_f64(&hash, values, 4 * COUNT);
    thor_sha256_hex(&hash, found);
    ck_assert_str_eq(found, expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dmath");
    TCase *tests = tcase_create("dmath");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, near_the_library);
    tcase_add_test(tests, powers);
    tcase_add_test(tests, ends_of_the_range);
    tcase_add_test(tests, same_bits_everywhere);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
