#include <check.h>
#include <stdlib.h>

#include "base/par.h"

enum { MOST = 1000, THREADS = 7 };

typedef struct seen {
    int item[MOST];
    int wrong_thread;
} seen;

static void visit(void *context, int64_t begin, int64_t end, int thread)
{
    seen *all = context;
    for (int64_t i = begin; i < end; i++)
        all->item[i] += 1 + 100 * (thread < 0 || thread >= THREADS);
}

static void each_item_once(void (*loop)(const thor_par *, int64_t, seen *))
{
    for (int threads = 1; threads <= THREADS; threads++) {
        thor_par par = thor_par_make(threads);
        ck_assert_int_ge(par.threads, 1);
        ck_assert_int_le(par.threads, threads);
        for (int64_t n = 0; n <= MOST; n += 1 + n / 7) {
            seen all = { .wrong_thread = 0 };
            loop(&par, n, &all);
            for (int64_t i = 0; i < MOST; i++)
                ck_assert_msg(all.item[i] == (i < n), "threads %d, n %d: item %d was visited %d times", threads, (int)n,
                              (int)i, all.item[i]);
        }
    }
}

static void run_for(const thor_par *par, int64_t n, seen *all)
{
    thor_par_for(par, n, 3, visit, all);
}

static void run_each(const thor_par *par, int64_t n, seen *all)
{
    thor_par_each(par, n, visit, all);
}

START_TEST(runs_visit_each_item_once)
{
    each_item_once(run_for);
}
END_TEST

START_TEST(single_items_are_visited_once)
{
    each_item_once(run_each);
}
END_TEST

START_TEST(asks_the_machine)
{
    ck_assert_int_ge(thor_par_make(0).threads, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("par");
    TCase *tests = tcase_create("par");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, runs_visit_each_item_once);
    tcase_add_test(tests, single_items_are_visited_once);
    tcase_add_test(tests, asks_the_machine);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
