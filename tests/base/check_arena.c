#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/block.h"
#include "base/numbers.h"

/* The same requests, to measure and to place. */
static void lay_out(thor_arena *arena, void *pieces[3])
{
    pieces[0] = THOR_TAKE(arena, float, 17);
    size_t mark = thor_arena_mark(arena);
    pieces[1] = THOR_TAKE(arena, double, 1000);
    thor_arena_release(arena, mark);
    pieces[2] = THOR_TAKE(arena, char, 1);
}

START_TEST(measures_what_it_places)
{
    thor_arena counted = thor_arena_measure(), arena;
    thor_error error;
    void *pieces[3];
    lay_out(&counted, pieces);
    ck_assert_ptr_null(pieces[0]);
    ck_assert_uint_eq(counted.peak, 128 + 8000);
    ck_assert_int_eq(thor_arena_create(&arena, counted.peak, "test", &error), THOR_OK);
    lay_out(&arena, pieces);
    ck_assert(!arena.overflow);
    ck_assert_uint_eq(arena.peak, counted.peak);
    ck_assert_uint_eq(arena.used, counted.used);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_eq((uintptr_t)pieces[i] % 64, 0);
    ck_assert_ptr_eq(pieces[1], pieces[2]);
    thor_arena_free(&arena);
}
END_TEST

START_TEST(overflow_is_noticed)
{
    thor_arena arena, counted = thor_arena_measure();
    thor_error error;
    ck_assert_int_eq(thor_arena_create(&arena, 64, "test", &error), THOR_OK);
    ck_assert_ptr_nonnull(THOR_TAKE(&arena, char, 64));
    ck_assert_ptr_null(THOR_TAKE(&arena, char, 65));
    ck_assert(arena.overflow);
    thor_arena_free(&arena);
    ck_assert_ptr_null(THOR_TAKE(&counted, double, INT64_MAX));
    ck_assert(counted.overflow);
    counted.overflow = false;
    ck_assert_ptr_null(THOR_TAKE(&counted, double, -1));
    ck_assert(counted.overflow);
}
END_TEST

START_TEST(too_much_memory_is_an_error)
{
    thor_arena arena;
    thor_error error;
    ck_assert_int_eq(thor_arena_create(&arena, SIZE_MAX - 3, "the step", &error), THOR_E_MEMORY);
    ck_assert_int_eq(error.code, THOR_E_MEMORY);
    ck_assert_ptr_eq(arena.memory, NULL);
}
END_TEST

/* 2^30 floats wrapped to 0 bytes where a size_t has 32 bits. */
START_TEST(sizes_do_not_wrap)
{
    ck_assert_uint_eq(thor_bytes_of(0, 4), 0);
    ck_assert_uint_eq(thor_bytes_of(7, 4), 28);
    ck_assert_uint_eq(thor_bytes_of(7, 0), 0);
    ck_assert_uint_eq(thor_bytes_of(-1, 4), SIZE_MAX);
    ck_assert_uint_eq(thor_bytes_of((int64_t)(SIZE_MAX / 8), 8), SIZE_MAX - 7);
    ck_assert_uint_eq(thor_bytes_of((int64_t)(SIZE_MAX / 8 + 1), 8), SIZE_MAX);
    ck_assert_uint_eq(thor_bytes_of(INT64_MAX, 4), SIZE_MAX);
    ck_assert_ptr_null(thor_block_take(SIZE_MAX));
    ck_assert_ptr_null(thor_block_zeros(NULL, INT64_MAX));
}
END_TEST

START_TEST(blocks_are_cleared)
{
    const int64_t floats = 5 * THOR_BLOCK_GRAIN + 3;
    for (int threads = 0; threads <= 7; threads++) {
        thor_par par = thor_par_make(threads);
        float *block = thor_block_zeros(threads ? &par : NULL, floats);
        ck_assert_ptr_nonnull(block);
        for (int64_t i = 0; i < floats; i++)
            if (block[i] != 0)
                ck_abort_msg("%d threads: float %d is not 0", threads, (int)i);
        memset(block, 1, (size_t)floats * sizeof *block);       /* for the next one, if it gets the same memory */
        free(block);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, measures_what_it_places);
    tcase_add_test(tests, overflow_is_noticed);
    tcase_add_test(tests, too_much_memory_is_an_error);
    tcase_add_test(tests, sizes_do_not_wrap);
    tcase_add_test(tests, blocks_are_cleared);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
