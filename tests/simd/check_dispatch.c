#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "simd/compute.h"

START_TEST(names_are_found)
{
    const thor_kernels *tables[8], *k;
    int count = thor_kernels_list(tables, 8);
    ck_assert_int_ge(count, 1);
    ck_assert_str_eq(tables[0]->name, "scalar");
    for (int t = 0; t < count; t++) {
        ck_assert_int_eq(thor_kernels_choose(&k, tables[t]->name, NULL), THOR_OK);
        ck_assert_ptr_eq(k, tables[t]);
        ck_assert(k->exact());
    }
    ck_assert_int_eq(thor_kernels_choose(&k, "auto", NULL), THOR_OK);
    ck_assert_ptr_eq(k, tables[count - 1]);
    ck_assert_int_eq(thor_kernels_choose(&k, "checked", NULL), THOR_OK);
    ck_assert_str_eq(k->name, "checked");
    ck_assert_int_eq(k->tile_columns, tables[count - 1]->tile_columns);
    ck_assert_int_eq(thor_kernels_list(tables, 1), 1);
}
END_TEST

START_TEST(environment_counts_where_nothing_is_asked)
{
    const thor_kernels *k;
    setenv("THOR_ISA", "scalar", 1);
    ck_assert_int_eq(thor_kernels_choose(&k, NULL, NULL), THOR_OK);
    ck_assert_str_eq(k->name, "scalar");
    setenv("THOR_ISA", "nonsense", 1);
    ck_assert_int_eq(thor_kernels_choose(&k, "", NULL), THOR_E_USAGE);
    ck_assert_int_eq(thor_kernels_choose(&k, "scalar", NULL), THOR_OK);
    unsetenv("THOR_ISA");
    ck_assert_int_eq(thor_kernels_choose(&k, NULL, NULL), THOR_OK);
}
END_TEST

START_TEST(errors_name_what_can_run)
{
    const thor_kernels *k;
    thor_error error;
    ck_assert_int_eq(thor_kernels_choose(&k, "sse9", &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "'sse9' is not known"));
    ck_assert_ptr_nonnull(strstr(error.text, "scalar"));
#ifndef __aarch64__
    ck_assert_int_eq(thor_kernels_choose(&k, "neon", &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "not built"));
#else
    ck_assert_int_eq(thor_kernels_choose(&k, "avx2", &error), THOR_E_USAGE);
#endif
}
END_TEST

#if defined(__SSE2__) && defined(_OPENMP)
static void set_flushing(void *context, int64_t begin, int64_t end, int thread)
{
    unsigned flush_results = 0x8000;
    (void)begin;
    (void)end;
    if (thread > 0)
        _mm_setcsr(*(const bool *)context ? _mm_getcsr() | flush_results : _mm_getcsr() & ~flush_results);
}

static void ask_flushing(void *context, int64_t begin, int64_t end, int thread)
{
    (void)begin;
    (void)end;
    if (thread == 1)
        *(bool *)context = _mm_getcsr() & 0x8000;
}

/* The threads of a host program that computes in another way, its first one apart. clang's OpenMP gives every region's
 * threads the state of the first: there is nothing to find then. */
START_TEST(every_thread_is_probed)
{
    thor_compute compute;
    thor_error error = { .text = "" };
    thor_par par = thor_par_make(3);
    bool flush = true, kept = false;
    thor_par_all(&par, set_flushing, &flush);
    thor_par_all(&par, ask_flushing, &kept);
    if (!kept) {
        printf("skipped: this OpenMP sets the state of its threads itself\n");
        return;
    }
    ck_assert_int_eq(thor_compute_open(&compute, "scalar", 3, &error), THOR_E_FAILED);
    ck_assert_msg(strstr(error.text, "subnormal") != NULL, "%s", error.text);
    flush = false;
    thor_par_all(&par, set_flushing, &flush);
    ck_assert_msg(thor_compute_open(&compute, "scalar", 3, &error) == THOR_OK, "%s", error.text);
    thor_compute_close(&compute);
}
END_TEST
#endif

START_TEST(compute_opens_and_closes)
{
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, "scalar", 3, &error), THOR_OK);
    ck_assert_int_ge(compute.par.threads, 1);
    for (int t = 0; t < compute.par.threads; t++)
        ck_assert_uint_eq((uintptr_t)compute.pack[t] % 64, 0);
    ck_assert(!compute.backend);
    thor_compute_close(&compute);
    ck_assert_int_eq(thor_compute_open(&compute, "sse9", 1, &error), THOR_E_USAGE);
    thor_compute_close(&compute);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dispatch");
    TCase *tcase = tcase_create("dispatch");
    tcase_add_test(tcase, names_are_found);
    tcase_add_test(tcase, environment_counts_where_nothing_is_asked);
    tcase_add_test(tcase, errors_name_what_can_run);
#if defined(__SSE2__) && defined(_OPENMP)
    tcase_add_test(tcase, every_thread_is_probed);
#endif
    tcase_add_test(tcase, compute_opens_and_closes);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
