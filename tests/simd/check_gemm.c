/* Matrix products against a plain chain of fmaf: every bit, for any shape, layout, mode, blocking, table and number of
 * threads. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/simd/guard.h"
#include "simd/fma32.h"
#include "simd/gemm.h"

enum { LARGEST = 1 << 18, SEEDS = 12, GROUP = 7 };

/* Instruction sets that this machine has: the others' cases are not registered, and counted as skipped. */
static const char *isas[5];
static int isa_count;

static void find_isas(void)
{
    static const char *const all[] = { "scalar", "avx2", "avx512", "neon", "checked" };
    const thor_kernels *kernels;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (thor_kernels_choose(&kernels, all[i], NULL) == THOR_OK)
            isas[isa_count++] = all[i];
        else
            printf("skipped: all cases of %s, which is not available here\n", all[i]);
}

typedef struct memory { guard a, b, c; float *expected; } memory;

static memory make_memory(void)
{
    size_t bytes = LARGEST * sizeof(float);
    memory m = { guard_make(bytes), guard_make(bytes), guard_make(bytes), malloc(bytes) };
    ck_assert_ptr_nonnull(m.expected);
    return m;
}

static void free_memory(memory *m)
{
    guard_free(&m->a);
    guard_free(&m->b);
    guard_free(&m->c);
    free(m->expected);
}

static int64_t draw(thor_rng *rng, uint64_t *use, int64_t low, int64_t high)
{
    return low + (int64_t)thor_rng_below(rng, (*use)++, (uint64_t)(high - low + 1));
}

/* A matrix in either layout, sometimes with room between its lines, that ends at a closed page. */
static float *matrix(const guard *g, int64_t rows, int64_t columns, bool by_columns, int64_t gap, int64_t *row,
                     int64_t *column, const thor_rng *rng)
{
    int64_t lines = by_columns ? columns : rows, length = by_columns ? rows : columns, line = length + gap;
    int64_t count = lines ? (lines - 1) * line + length : 0;
    ck_assert_int_le(count, LARGEST);
    float *p = guard_at_end(g, (size_t)count * sizeof *p);
    for (int64_t i = 0; i < count; i++)
        p[i] = thor_rng_uniform(rng, (uint64_t)i) - 0.5f;
    *row = by_columns ? 1 : line;
    *column = by_columns ? line : 1;
    return p;
}

static thor_gemm any_product(memory *m, thor_rng rng, const float *bias)
{
    uint64_t use = 1000000;
    bool long_k = draw(&rng, &use, 0, 3) == 0, few_rows = draw(&rng, &use, 0, 2) == 0;
    thor_gemm g = { .m = draw(&rng, &use, 0, few_rows ? 9 : 130), .n = draw(&rng, &use, 0, 130),
                    .k = draw(&rng, &use, 0, long_k ? 1200 : 70) };
    int64_t gap = draw(&rng, &use, 0, 2), one;
    g.a = matrix(&m->a, g.m, g.k, draw(&rng, &use, 0, 1) == 1, gap, &g.a_row, &g.a_column, &rng);
    rng.step++;
    g.b = matrix(&m->b, g.k, g.n, draw(&rng, &use, 0, 1) == 1, gap, &g.b_row, &g.b_column, &rng);
    rng.step++;
    g.c = matrix(&m->c, g.m, g.n, false, gap, &g.c_row, &one, &rng);
    g.mode = (thor_gemm_mode)draw(&rng, &use, 0, 2);
    g.relu = draw(&rng, &use, 0, 1) == 1;
    g.bias = draw(&rng, &use, 0, 1) ? bias : NULL;
    return g;
}

static float element(const thor_gemm *g, int64_t i, int64_t j)
{
    float old = g->c[i * g->c_row + j], sum = g->mode == THOR_GEMM_CHAIN ? old : 0.0f;
    for (int64_t p = 0; p < g->k; p++)
        sum = thor_fma32(g->a[i * g->a_row + p * g->a_column], g->b[p * g->b_row + j * g->b_column], sum);
    sum = g->mode == THOR_GEMM_ADD ? old + sum : sum;
    sum = g->bias ? sum + g->bias[j] : sum;
    return !g->relu ? sum : sum > 0.0f ? sum : 0.0f;
}

static void expect(const thor_gemm *g, float *c)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++)
            c[i * g->n + j] = element(g, i, j);
}

static void compare(const thor_compute *compute, const thor_gemm *g, const float *expected, int seed)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            float x = expected[i * g->n + j], y = g->c[i * g->c_row + j];
            if (memcmp(&x, &y, sizeof x) != 0)      /* Check writes to a pipe for every assertion that it sees */
                ck_abort_msg("%s, %d threads, seed %d: m %d n %d k %d, A by %s, B by %s, mode %d, bias %d, relu %d, "
                             "block %d: (%d, %d) is %a instead of %a",
                             compute->kernels->name, compute->par.threads, seed, (int)g->m, (int)g->n, (int)g->k,
                             g->a_column == 1 ? "rows" : "columns", g->b_column == 1 ? "rows" : "columns", (int)g->mode,
                             g->bias != NULL, g->relu, (int)compute->block_k, (int)i, (int)j, (double)y, (double)x);
        }
}

static void open_compute(thor_compute *compute, const char *isa, int threads)
{
    thor_error error;
    ck_assert_msg(thor_compute_open(compute, isa, threads, &error) == THOR_OK, "%s", error.text);
}

/* Blocks so small that every product has several in each direction. */
static void shrink_blocks(thor_compute *compute)
{
    compute->block_k = 24;
    compute->block_n = 2 * compute->kernels->tile_columns;
    compute->block_m = 2 * compute->kernels->tile_rows;
}

static void fill_bias(float bias[130])
{
    for (int j = 0; j < 130; j++)
        bias[j] = (float)j / 16.0f - 4.0f;
}

/* Computes one product and compares its bits. */
static void check_product(const thor_compute *compute, const memory *m, const thor_gemm *g, int seed)
{
    expect(g, m->expected);
    thor_gemm_run(compute, g, 1);
    compare(compute, g, m->expected, seed);
}

START_TEST(products_are_chains)
{
    thor_compute compute;
    open_compute(&compute, isas[_i % isa_count], 1 + _i / isa_count % 3);
    if (_i / isa_count / 3)
        shrink_blocks(&compute);
    memory m = make_memory();
    float bias[130];
    fill_bias(bias);
    int products = strcmp(isas[_i % isa_count], "checked") == 0 ? SEEDS : 3 * SEEDS;
    for (int seed = 0; seed < products; seed++) {
        thor_gemm g = any_product(&m, thor_rng_make((uint64_t)seed, THOR_SITE_TEST, (uint32_t)_i * 8, 1), bias);
        check_product(&compute, &m, &g, seed);
    }
    free_memory(&m);
    thor_compute_close(&compute);
}
END_TEST

/* Lays its matrices out: A by columns where `layout` has 1, B by columns where it has 2. */
static void place(thor_gemm *g, memory *m, int layout, int64_t gap, thor_rng *rng)
{
    int64_t one;
    g->a = matrix(&m->a, g->m, g->k, layout & 1, gap, &g->a_row, &g->a_column, rng);
    rng->step++;
    g->b = matrix(&m->b, g->k, g->n, layout & 2, gap, &g->b_row, &g->b_column, rng);
    rng->step++;
    g->c = matrix(&m->c, g->m, g->n, false, gap, &g->c_row, &one, rng);
}

/* Every small number of rows with every layout, steps and columns about the ends of vectors and tiles. */
static thor_gemm product_of_rows(memory *m, int64_t rows, int layout, thor_rng rng, const float *bias)
{
    static const int64_t edges[] = { 1, 2, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65, 97, 130 };
    enum { EDGES = sizeof edges / sizeof *edges };
    uint64_t use = 1000000;
    thor_gemm g = { .m = rows, .n = edges[draw(&rng, &use, 0, EDGES - 1)], .k = edges[draw(&rng, &use, 0, EDGES - 1)] };
    int64_t gap = draw(&rng, &use, 0, 2);
    place(&g, m, layout, gap, &rng);
    g.mode = (thor_gemm_mode)draw(&rng, &use, 0, 2);
    g.relu = draw(&rng, &use, 0, 1) == 1;
    g.bias = draw(&rng, &use, 0, 1) ? bias : NULL;
    return g;
}

START_TEST(few_rows_are_chains)
{
    enum { MOST_ROWS = 40, LAYOUTS = 4 };
    thor_compute compute;
    open_compute(&compute, isas[_i % isa_count], 1 + _i / isa_count);
    memory m = make_memory();
    float bias[130];
    fill_bias(bias);
    for (int test = 0; test < MOST_ROWS * LAYOUTS; test++) {
        thor_rng rng = thor_rng_make((uint64_t)test, THOR_SITE_TEST, (uint32_t)_i * 8, 4);
        thor_gemm g = product_of_rows(&m, 1 + test / LAYOUTS, test % LAYOUTS, rng, bias);
        check_product(&compute, &m, &g, test);
    }
    free_memory(&m);
    thor_compute_close(&compute);
}
END_TEST

/* The kernel that transposes W: every number of its rows, columns and steps about the ends of vectors and of pairs of
 * them, and in turn every mode with and without bias and relu. */
START_TEST(transposed_rows_meet_every_edge)
{
    static const int64_t edges[] = { 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 80 };
    enum { EDGES = sizeof edges / sizeof *edges, MOST_ROWS = 9 };
    thor_compute compute;
    open_compute(&compute, isas[_i], 1);
    memory m = make_memory();
    float bias[130];
    fill_bias(bias);
    for (int test = 0; test < MOST_ROWS * EDGES * EDGES; test++) {
        thor_rng rng = thor_rng_make((uint64_t)test, THOR_SITE_TEST, (uint32_t)_i * 8, 5);
        thor_gemm g = { .m = 1 + test / EDGES / EDGES, .n = edges[test / EDGES % EDGES], .k = edges[test % EDGES],
                        .mode = (thor_gemm_mode)(test % 3), .relu = test / 3 % 2, .bias = test / 6 % 2 ? bias : NULL };
        place(&g, &m, 2, test % 3, &rng);
        check_product(&compute, &m, &g, test);
    }
    free_memory(&m);
    thor_compute_close(&compute);
}
END_TEST

/* Many products at once, of unequal size and some empty; each as if it were alone. */
START_TEST(groups_are_their_members)
{
    thor_compute compute;
    open_compute(&compute, isas[_i % isa_count], 1 + _i / isa_count);
    memory m[GROUP];
    thor_gemm g[GROUP];
    float bias[130];
    fill_bias(bias);
    for (int i = 0; i < GROUP; i++) {
        m[i] = make_memory();
        g[i] = any_product(&m[i], thor_rng_make((uint64_t)i, THOR_SITE_TEST, (uint32_t)_i * 8, 2), bias);
        expect(&g[i], m[i].expected);
    }
    thor_gemm_run(&compute, g, GROUP);
    for (int i = 0; i < GROUP; i++) {
        compare(&compute, &g[i], m[i].expected, i);
        free_memory(&m[i]);
    }
    thor_compute_close(&compute);
}
END_TEST

/* More products than are planned at a time, of very different sizes, in one call: each thread has its share of the
 * large ones and takes over what others have left. Any number of threads against one. */
START_TEST(regions_are_their_products)
{
    enum { PRODUCTS = 150, DEPTH = 400, SIDE = 130 };
    static float x[DEPTH * SIDE], c[2][PRODUCTS * SIDE * SIDE];
    static const int threads[] = { 1, 2, 7, 17, 64, 300 };
    for (int i = 0; i < DEPTH * SIDE; i++)
        x[i] = (float)(i * 37 % 101 - 50) / 64.0f;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        thor_compute compute;
        open_compute(&compute, isas[_i], threads[t]);
        memset(c[t > 0], 0, sizeof c[0]);
        thor_gemm g[PRODUCTS];
        for (int i = 0; i < PRODUCTS; i++) {
            bool large = i % 60 == 7;
            int64_t m = large ? SIDE : 1 + i * 7 % 40, n = large ? SIDE - 1 : 1 + i * 11 % 60;
            int64_t k = large ? DEPTH - 1 : i % 90;
            float *y = c[t > 0] + i * SIDE * SIDE;
            g[i] = i % 2 ? thor_gemm_forward(y, x, x + i, NULL, m, k, n)
                         : thor_gemm_weight_gradient(y, x, x + i, k, n, m);
        }
        thor_gemm_run(&compute, g, PRODUCTS);
        thor_compute_close(&compute);
        ck_assert_msg(memcmp(c[t > 0], c[0], sizeof c[0]) == 0, "%s: %d threads computed other bits than one", isas[_i],
                      threads[t]);
    }
}
END_TEST

START_TEST(layers_are_what_they_say)
{
    enum { R = 5, I = 7, O = 9 };
    float x[R * I], w[O * I], y[R * O], b[O], dx[R * I], dw[O * I];
    thor_compute compute;
    open_compute(&compute, "auto", 1);
    for (int i = 0; i < R * I; i++)
        x[i] = (float)(i % 11 - 5);
    for (int i = 0; i < O * I; i++)
        w[i] = (float)(i % 7 - 3);
    for (int o = 0; o < O; o++)
        b[o] = (float)o;
    thor_gemm g[3] = { thor_gemm_forward(y, x, w, b, R, I, O), thor_gemm_input_gradient(dx, y, w, R, I, O),
                       thor_gemm_weight_gradient(dw, y, x, R, I, O) };
    for (int i = 0; i < 3; i++)
        thor_gemm_serial(&compute, &g[i], 0);
    for (int r = 0; r < R; r++)
        for (int o = 0; o < O; o++) {
            float sum = b[o];
            for (int i = 0; i < I; i++)
                sum += x[r * I + i] * w[o * I + i];
            ck_assert_float_eq(y[r * O + o], sum);
        }
    for (int i = 0; i < I; i++) {
        for (int r = 0; r < R; r++) {
            float sum = 0;
            for (int o = 0; o < O; o++)
                sum += y[r * O + o] * w[o * I + i];
            ck_assert_float_eq(dx[r * I + i], sum);
        }
        for (int o = 0; o < O; o++) {
            float sum = 0;
            for (int r = 0; r < R; r++)
                sum += y[r * O + o] * x[r * I + i];
            ck_assert_float_eq(dw[o * I + i], sum);
        }
    }
    thor_compute_close(&compute);
}
END_TEST

/* A row's result does not depend on the rows beside it. */
START_TEST(rows_do_not_know_each_other)
{
    enum { R = 300, I = 130, O = 70 };
    float *x = malloc(R * I * sizeof *x), *w = malloc(O * I * sizeof *w), *y = malloc(R * O * sizeof *y), one[O];
    ck_assert(x && w && y);
    thor_compute compute;
    open_compute(&compute, "auto", 2);
    thor_rng rng = thor_rng_make(3, THOR_SITE_TEST, 0, 0);
    for (uint64_t i = 0; i < R * I; i++)
        x[i] = thor_rng_uniform(&rng, i) - 0.5f;
    for (uint64_t i = 0; i < O * I; i++)
        w[i] = thor_rng_uniform(&rng, R * I + i) - 0.5f;
    thor_gemm all = thor_gemm_forward(y, x, w, NULL, R, I, O);
    thor_gemm_run(&compute, &all, 1);
    for (int r = 0; r < R; r++) {
        thor_gemm g = thor_gemm_forward(one, x + r * I, w, NULL, 1, I, O);
        thor_gemm_run(&compute, &g, 1);
        ck_assert_mem_eq(one, y + r * O, sizeof one);
    }
    thor_compute_close(&compute);
    free(x);
    free(w);
    free(y);
}
END_TEST

int main(void)
{
    find_isas();
    Suite *suite = suite_create("matrix products");
    TCase *tcase = tcase_create("reference");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, products_are_chains, 0, isa_count * 3 * 2);
    tcase_add_loop_test(tcase, few_rows_are_chains, 0, isa_count * 2);
    tcase_add_loop_test(tcase, transposed_rows_meet_every_edge, 0, isa_count);
    tcase_add_loop_test(tcase, groups_are_their_members, 0, isa_count * 3);
    tcase_add_loop_test(tcase, regions_are_their_products, 0, isa_count);
    tcase_add_test(tcase, layers_are_what_they_say);
    tcase_add_test(tcase, rows_do_not_know_each_other);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
