/* Sorting against the definition: everything that was there is there, in order. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/sort.h"

enum { MOST = 300, ROOM = 8, MANY = 70000 };

static int64_t count_key(const uint64_t *keys, int64_t n, uint64_t key)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += keys[i] == key;
    return count;
}

START_TEST(keys_ascend)
{
    thor_rng rng = thor_rng_make(1, THOR_SITE_TEST, 0, 0);
    uint64_t keys[MOST], before[MOST];
    for (int64_t n = 0; n <= MOST; n += 1 + n / 5) {
        for (int64_t i = 0; i < n; i++)
            keys[i] = before[i] = thor_rng_below(&rng, (uint64_t)i, 1 + (uint64_t)n / 2) << (i % 2 ? 0 : 40);
        thor_sort_u64(keys, n);
        for (int64_t i = 0; i < n; i++) {
            ck_assert(i == 0 || keys[i - 1] <= keys[i]);
            ck_assert_int_eq(count_key(keys, n, keys[i]), count_key(before, n, keys[i]));
        }
    }
}
END_TEST

/* On several threads as on one, whatever is left over for the last run and the last piece. */
START_TEST(threads_do_not_show)
{
    static const int threads[] = { 1, 2, 3, 17, 64, 300 };
    static const int64_t counts[] = { 0, 1, 1023, 1024, 1025, 4096, 4097, 9000, 16384, 16385, 65537, MANY };
    static uint64_t keys[MANY], expected[MANY], spare[MANY];
    thor_rng rng = thor_rng_make(1, THOR_SITE_TEST, 0, 0);
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            int64_t n = counts[c];
            thor_par par = thor_par_make(threads[t]);
            for (int64_t i = 0; i < n; i++)     /* many equal keys, and a stretch in order */
                keys[i] = expected[i] = i < n / 3 ? (uint64_t)i : thor_rng_below(&rng, (uint64_t)i, 5000);
            thor_sort_u64(expected, n);
            thor_sort_u64_shared(&par, keys, spare, n);
            ck_assert_msg(n == 0 || memcmp(keys, expected, (size_t)n * sizeof *keys) == 0, "%d keys on %d threads",
                          (int)n, threads[t]);
        }
}
END_TEST

static bool name_before(const void *context, int32_t a, int32_t b)
{
    const char *names = context;
    return strcmp(names + ROOM * a, names + ROOM * b) < 0;
}

START_TEST(items_follow_their_names)
{
    static char names[MOST][ROOM];
    int32_t items[MOST];
    for (int32_t n = 0; n <= MOST; n += 1 + n / 5) {
        bool there[MOST] = { false };
        for (int32_t i = 0; i < n; i++) {
            snprintf(names[i], sizeof names[i], "n%d", (int)(i * 37 % 1009));
            items[i] = i;
        }
        thor_sort_by(items, n, name_before, names);
        for (int32_t i = 0; i < n; i++) {
            ck_assert(i == 0 || strcmp(names[items[i - 1]], names[items[i]]) < 0);
            ck_assert(!there[items[i]]);
            there[items[i]] = true;
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sort");
    TCase *tests = tcase_create("sort");
    tcase_add_test(tests, keys_ascend);
    tcase_add_test(tests, threads_do_not_show);
    tcase_add_test(tests, items_follow_their_names);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
