/* How products are cut for many threads: as good, by the time that is foretold, as the best of all cuts. */
#include <check.h>

#include "simd/gemm_job.h"

/* Columns of a task, at least, as thor_gemm_cut has it. */
static int64_t least_columns(const thor_compute *compute, const thor_gemm_job *j)
{
    return j->few_rows ? 64 : 2 * thor_gemm_column_unit(compute, j);
}

/* The least time of all cuts: every number of column parts, row parts by doubling and by threads. */
static int64_t best_time(const thor_compute *compute, const thor_gemm_job *j, int64_t parts)
{
    int64_t best = INT64_MAX, width = least_columns(compute, j), threads = compute->par.threads;
    int64_t most_columns = thor_smaller(parts, j->columns > width ? j->columns / width : 1);
    int64_t most_rows = j->few_rows ? 1 : thor_gemm_parts(j->rows, compute->kernels->tile_rows);
    for (int64_t columns = 1; columns <= most_columns; columns++)
        for (int64_t rows = 1; rows * columns <= parts && rows <= most_rows;
             rows = rows < threads ? thor_smaller(2 * rows, threads) : 2 * rows)
            best = thor_smaller(best, thor_gemm_time(compute, j, rows, columns));
    return best;
}

static void check_cut(const thor_compute *compute, const thor_gemm *product, int64_t parts)
{
    thor_gemm_job j = thor_gemm_plan(compute, product);
    thor_gemm_cut(compute, &j, parts);
    int64_t time = thor_gemm_time(compute, &j, j.row_parts, j.column_parts), best = best_time(compute, &j, parts);
    ck_assert_int_le(j.row_parts * j.column_parts, parts);
    ck_assert_msg(time <= best, "[%d,%d] in %d: %d x %d parts on %d threads take %.0f, the best cut %.0f",
                  (int)product->m, (int)product->n, (int)product->k, (int)j.row_parts, (int)j.column_parts,
                  compute->par.threads, (double)time, (double)best);
}

/* All three products of a layer of this shape, alone and beside others. */
static void check_shape(const thor_compute *compute, int64_t rows, int64_t in, int64_t out)
{
    int64_t tasks = 16 * compute->par.threads;
    int64_t parts[] = { tasks, thor_gemm_parts(tasks, 8), thor_gemm_parts(tasks, 32) };
    thor_gemm products[] = { thor_gemm_forward(NULL, NULL, NULL, NULL, rows, in, out),
                             thor_gemm_input_gradient(NULL, NULL, NULL, rows, in, out),
                             thor_gemm_weight_gradient(NULL, NULL, NULL, rows, in, out) };
    for (int p = 0; p < 3; p++)
        for (int i = 0; i < 3; i++)
            check_cut(compute, &products[p], parts[i]);
}

START_TEST(no_cut_is_better)
{
    static const int threads[] = { 2, 3, 4, 7, 8, 12, 16, 17, 24, 64, 96, 128, 256, 300 };
    static const int64_t sizes[] = { 1, 8, 17, 64, 100, 300, 512, 700, 2048, 8192, 32000 };
    enum { SIZES = sizeof sizes / sizeof *sizes };
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_compute_open(&compute, NULL, threads[_i], &error), THOR_OK);
    for (int rows = 0; rows < SIZES; rows++)
        for (int in = 0; in < SIZES; in++)
            for (int out = 0; out < SIZES; out++)
                check_shape(&compute, sizes[rows], sizes[in], sizes[out]);
    thor_compute_close(&compute);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cuts of products");
    TCase *tests = tcase_create("cuts");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, no_cut_is_better, 0, 14);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
