#include <check.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "base/fpenv.h"

START_TEST(this_machine_is_fine)
{
    thor_error error = { .text = "" };
    ck_assert_msg(thor_fpenv_check(&error) == THOR_OK, "%s", error.text);
    ck_assert(!thor_fp_contracts());
    ck_assert(!thor_fp_reorders());
}
END_TEST

START_TEST(other_roundings_are_refused)
{
    static const int modes[] = { FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
    thor_error error;
    ck_assert_int_eq(fesetround(modes[_i]), 0);
    thor_status status = thor_fpenv_check(&error);
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(status, THOR_E_FAILED);
    ck_assert_ptr_nonnull(strstr(error.text, "round"));
    ck_assert_int_eq(thor_fpenv_check(&error), THOR_OK);
}
END_TEST

#if defined(__SSE2__)
START_TEST(flushing_to_zero_is_refused)
{
    static const unsigned bits[] = { 0x8000, 0x0040 };     /* results, operands */
    thor_error error;
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | bits[_i]);
    thor_status status = thor_fpenv_check(&error);
    _mm_setcsr(before);
    ck_assert_int_eq(status, THOR_E_FAILED);
    ck_assert_ptr_nonnull(strstr(error.text, "subnormal"));
}
END_TEST
#endif

#if defined(THOR_HAVE_AVX2)
/* check_fpenv_fused.c: the same probe in a file whose flags let the compiler fuse. */
bool fused_probe(void);

START_TEST(fusing_is_noticed)
{
    if (__builtin_cpu_supports("fma"))
        ck_assert(fused_probe());
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("fpenv");
    TCase *tests = tcase_create("fpenv");
    tcase_add_test(tests, this_machine_is_fine);
    tcase_add_loop_test(tests, other_roundings_are_refused, 0, 3);
#if defined(__SSE2__)
    tcase_add_loop_test(tests, flushing_to_zero_is_refused, 0, 2);
#endif
#if defined(THOR_HAVE_AVX2)
    tcase_add_test(tests, fusing_is_noticed);
#endif
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
