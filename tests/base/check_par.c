#include <check.h>
#include <stdlib.h>

#include "base/par.h"

enum { MOST = 1000, THREADS = 7 };

/* More threads than the machine has, more than there are items, more than there are shares (base/par.c). */
static const int many_threads[] = { 17, 64, 300 };
enum { MANY = sizeof many_threads / sizeof *many_threads };

typedef struct seen {
    int item[MOST];
    int threads;
} seen;

static void visit(void *context, int64_t begin, int64_t end, int thread)
{
    seen *all = context;
    for (int64_t i = begin; i < end; i++)
        all->item[i] += 1 + 100 * (thread < 0 || thread >= all->threads);
}

typedef void loop(const thor_par *par, int64_t n, seen *all);

static void check_items(loop *run, int threads, int64_t n)
{
    thor_par par = thor_par_make(threads);
    seen all = { .threads = par.threads };
    ck_assert(par.threads == threads || par.threads == 1);      /* 1: without OpenMP */
    run(&par, n, &all);
    for (int64_t i = 0; i < MOST; i++)
        if (all.item[i] != (i < n))
            ck_abort_msg("threads %d, n %d: item %d was visited %d times", threads, (int)n, (int)i, all.item[i]);
}

static void each_item_once(loop *run)
{
    for (int threads = 1; threads <= THREADS; threads++)
        for (int64_t n = 0; n <= MOST; n += 1 + n / 7)
            check_items(run, threads, n);
}

static void run_for(const thor_par *par, int64_t n, seen *all)
{
    thor_par_for(par, n, 3, visit, all);
}

static void run_each(const thor_par *par, int64_t n, seen *all)
{
    thor_par_each(par, n, visit, all);
}

static void run_all(const thor_par *par, int64_t n, seen *all)
{
    (void)n;
    thor_par_all(par, visit, all);
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

START_TEST(many_threads_visit_each_item_once)
{
    static const int64_t counts[] = { 0, 1, 2, 16, 17, 255, 256, 257, 299, 301, MOST };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        check_items(run_for, many_threads[_i], counts[i]);
        check_items(run_each, many_threads[_i], counts[i]);
    }
}
END_TEST

START_TEST(all_threads_are_reached)
{
    for (int i = -1; i < MANY; i++)
        check_items(run_all, i < 0 ? 1 : many_threads[i], i < 0 ? 1 : many_threads[i]);
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
    tcase_add_loop_test(tests, many_threads_visit_each_item_once, 0, MANY);
#ifdef _OPENMP
    tcase_add_test(tests, all_threads_are_reached);
#endif
    tcase_add_test(tests, asks_the_machine);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
