#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/arena.h"

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

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, measures_what_it_places);
    tcase_add_test(tests, overflow_is_noticed);
    tcase_add_test(tests, too_much_memory_is_an_error);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
