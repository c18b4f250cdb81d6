/* The checked table (--isa checked) notices every kernel that returns other bits than the scalar one: each entry of a
 * table is replaced by a wrong one in turn, and the program has to stop. */
#include <check.h>
#include <signal.h>
#include <stddef.h>

#include "simd/checked.c"       /* the helpers of checked_body.h are its own */

/* The table under test, and the size of its tiles. */
static thor_kernels thor_kernels_broken;
enum { TILE_ROWS_broken = 4, TILE_COLUMNS_broken = 16 };
extern const thor_kernels thor_checked_broken;
#define CHECKED broken
#include "simd/checked_body.h"

#include "tests/simd/cases.h"

/* ---- wrong kernels: those with partners of the same form take the partner's place -------------------------------- */

#define RIGHT thor_kernels_scalar

static void wrong_maximum(float *y, const float *a, int32_t *from, int32_t row, int64_t n)
{
    RIGHT.maximum(y, a, from, row + 1, n);
}

static void wrong_interpolate(float *u, const float *gate, const float *x, const float *c, int64_t n)
{
    RIGHT.interpolate(u, gate, c, x, n);
}

static void wrong_interpolate_backward(float *dgate, float *dx, float *dc, const float *du, const float *gate,
                                       const float *x, const float *c, int64_t n)
{
    RIGHT.interpolate_backward(dgate, dx, dc, du, gate, x, c, n);
    dc[n - 1] = nextafterf(dc[n - 1], 9.0f);
}

static void wrong_dropout_mask(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n)
{
    RIGHT.dropout_mask(keep, rule, first + 1, n);
}

static void wrong_dropout_apply(float *y, const float *a, const uint8_t *keep, float scale, int64_t n)
{
    RIGHT.dropout_apply(y, a, keep, nextafterf(scale, 9.0f), n);
}

static void wrong_dropout_add(float *y, const float *residual, const float *a, const uint8_t *keep, float scale,
                              int64_t n)
{
    RIGHT.dropout_add(y, a, residual, keep, scale, n);
}

static float wrong_sum_products(const float *a, const float *b, int64_t n)
{
    return nextafterf(RIGHT.sum_products(a, b, n), 9.0f);
}

static int64_t wrong_argmax(const float *a, int64_t n)
{
    return RIGHT.argmax(a, n) + 1;
}

static void wrong_sum_rows(float *y, const float *a, int64_t rows, int64_t stride, int64_t n, bool accumulate)
{
    RIGHT.sum_rows(y, a, rows - 1, stride, n, accumulate);
}

static void wrong_sum_row_products(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                                   bool accumulate)
{
    RIGHT.sum_row_products(y, a, b, rows, stride, n, !accumulate);
}

static void wrong_layer_norm(float *y, float *normal, float *rstd, const float *x, const float *gain,
                             const float *bias, float eps, int64_t n)
{
    RIGHT.layer_norm(y, normal, rstd, x, gain, bias, eps, n);
    *rstd = nextafterf(*rstd, 9.0f);
}

static void wrong_layer_norm_backward(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                      int64_t n)
{
    RIGHT.layer_norm_backward(dx, dy, normal, nextafterf(rstd, 9.0f), gain, n);
}

static void wrong_layer_norm_backward_add(float *dx, const float *dy, const float *normal, float rstd,
                                          const float *gain, int64_t n)
{
    RIGHT.layer_norm_backward_add(dx, dy, normal, nextafterf(rstd, 9.0f), gain, n);
}

static void wrong_relu_backward_sum(float *sum, float *d, const float *y, float s, int64_t rows, int64_t stride,
                                    int64_t n)
{
    RIGHT.relu_backward_sum(sum, d, y, s, rows, stride, n);
    sum[0] = nextafterf(sum[0], 9.0f);
}

static void wrong_softmax(float *p, const float *x, int64_t n, float *largest, float *log_sum)
{
    RIGHT.softmax(p, x, n, log_sum, largest);
}

static float wrong_cross_entropy(float *z, int64_t n, int64_t label, float eps, float weight, float *smooth)
{
    return RIGHT.cross_entropy(z, n, (label + 1) % n, eps, weight, smooth);
}

static void wrong_adam(float *p, float *m, float *v, const float *g, const thor_adam_scalars *s, int64_t n)
{
    RIGHT.adam(p, m, v, g, s, n);
    v[n - 1] = nextafterf(v[n - 1], 9.0f);
}

static void wrong_tile(const thor_tile *tile)
{
    RIGHT.tile(tile);
    tile->c[0] = nextafterf(tile->c[0], 9.0f);
}

static void wrong_few_rows(const thor_tile *tile)
{
    RIGHT.few_rows(tile);
    tile->c[0] = nextafterf(tile->c[0], 9.0f);
}

static void wrong_pack(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step,
                       int64_t column, int64_t k, int64_t columns)
{
    RIGHT.pack(panels, width, panel_size, source, step, column, k, columns);
    panels[k * width - 1] = 1.0f;
}

static thor_kernels all_wrong(void)
{
    thor_kernels w = RIGHT;
    w.add = RIGHT.subtract, w.subtract = w.multiply = w.add_product = w.relu_backward = RIGHT.add;
    w.sigmoid_backward = w.softmax_backward = RIGHT.multiply;
    w.scale = w.add_scaled = RIGHT.divide, w.divide = RIGHT.scale;
    w.relu = w.exp = w.log = w.sigmoid = w.erf = RIGHT.tanh, w.tanh = RIGHT.sigmoid;
    w.sum = w.largest = RIGHT.sum_squares, w.sum_squares = RIGHT.sum;
    w.maximum = wrong_maximum, w.interpolate = wrong_interpolate, w.interpolate_backward = wrong_interpolate_backward;
    w.dropout_mask = wrong_dropout_mask, w.dropout_apply = wrong_dropout_apply, w.dropout_add = wrong_dropout_add;
    w.sum_products = wrong_sum_products, w.argmax = wrong_argmax;
    w.sum_rows = wrong_sum_rows, w.sum_row_products = wrong_sum_row_products;
    w.layer_norm = wrong_layer_norm, w.layer_norm_backward = wrong_layer_norm_backward;
    w.layer_norm_backward_add = wrong_layer_norm_backward_add, w.relu_backward_sum = wrong_relu_backward_sum;
    w.softmax = wrong_softmax, w.cross_entropy = wrong_cross_entropy;
    w.adam = wrong_adam, w.tile = wrong_tile, w.few_rows = wrong_few_rows, w.pack = wrong_pack;
    return w;
}

/* ---- every case on the checked table, one entry of which is wrong ------------------------------------------------ */

enum {
    LENGTH = 37,
    FIRST = offsetof(thor_kernels, add) / sizeof(void (*)(void)),
    ENTRIES = sizeof(thor_kernels) / sizeof(void (*)(void))
};

static void run_cases(const thor_kernels *k)
{
    static float in[INPUTS][LENGTH], block[2][ROWS * LENGTH], out[OUTPUTS][LENGTH];
    static uint8_t keep[LENGTH], mask[LENGTH];
    static int32_t rows[LENGTH];
    operands o = { .n = LENGTH, .block = { block[0], block[1] }, .keep = keep, .rows = rows, .mask = mask };
    for (int c = 0; c < kernel_case_count; c++) {
        for (int i = 0; i < ROWS * LENGTH; i++) {
            for (int j = 0; j < INPUTS; j++)
                in[j][i % LENGTH] = 0.1f + 0.3f * (float)((i % LENGTH * (2 * j + 3) + j) % 11);
            block[0][i] = (float)i, block[1][i] = 0.5f * (float)(i % 7);
            keep[i % LENGTH] = (uint8_t)(i % LENGTH % 2);
        }
        for (int j = 0; j < OUTPUTS; j++)
            memcpy(out[j], in[(j + 1) % INPUTS], sizeof out[j]);
        for (int j = 0; j < INPUTS; j++)
            o.in[j] = in[j];
        for (int j = 0; j < OUTPUTS; j++)
            o.out[j] = out[j];
        kernel_cases[c].run(k, &o);
    }
}

static void run_product(const thor_kernels *k)
{
    static float a[4] = { 1, 2, 3, 4 }, b[32], c[4], panels[32];
    for (int j = 0; j < 32; j++)
        b[j] = (float)j;
    k->pack(panels, 16, 32, b, 16, 1, 2, 4);
    thor_tile tile = { .rows = 1, .columns = 4, .k = 2, .a = a, .a_row = 2, .a_step = 1, .next = a, .b = panels,
                       .b_step = 16, .c = c, .c_row = 4 };
    k->tile(&tile);
    tile.b = b;
    tile.b_step = 2;
    k->few_rows(&tile);
}

static bool is_function(int entry)
{
    size_t place = (size_t)entry * sizeof(void (*)(void));
    return place != offsetof(thor_kernels, tile_rows) && place != offsetof(thor_kernels, tile_columns);
}

START_TEST(a_wrong_entry_stops_the_program)
{
    thor_kernels wrong = all_wrong();
    size_t place = (size_t)_i * sizeof(void (*)(void));
    thor_kernels_broken = RIGHT;
    if (is_function(_i)) {
        memcpy((char *)&thor_kernels_broken + place, (const char *)&wrong + place, sizeof(void (*)(void)));
        ck_assert_msg(memcmp(&thor_kernels_broken, &RIGHT, sizeof RIGHT) != 0, "entry %d of the table has no wrong "
                      "kernel in all_wrong()", _i - FIRST);
        run_cases(&thor_checked_broken);
        run_product(&thor_checked_broken);
        return;             /* not stopped: Check reports the missing signal */
    }
    abort();
}
END_TEST

static const uint64_t edge = UINT64_C(1) << 34;

/* One element more than the generator's counter has room for. */
START_TEST(masks_beyond_the_edge_stop_the_program)
{
    static uint8_t keep[LENGTH];
    thor_dropout_rule rule = { .rng = thor_rng_make(1, 2, 3, 4), .p = 0.5f, .scale = 2 };
    thor_kernels_broken = RIGHT;
    thor_checked_broken.dropout_mask(keep, &rule, edge - LENGTH + 1, LENGTH);
}
END_TEST

START_TEST(masks_up_to_the_edge_do_not)
{
    static uint8_t keep[LENGTH];
    thor_dropout_rule rule = { .rng = thor_rng_make(1, 2, 3, 4), .p = 0.5f, .scale = 2 };
    thor_kernels_broken = RIGHT;
    thor_checked_broken.dropout_mask(keep, &rule, edge - LENGTH, LENGTH);
}
END_TEST

START_TEST(right_ones_do_not)
{
    thor_kernels_broken = RIGHT;
    run_cases(&thor_checked_broken);
    run_product(&thor_checked_broken);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checked");
    TCase *tcase = tcase_create("checked");
    tcase_add_loop_test_raise_signal(tcase, a_wrong_entry_stops_the_program, SIGABRT, FIRST, ENTRIES);
    tcase_add_test_raise_signal(tcase, masks_beyond_the_edge_stop_the_program, SIGABRT);
    tcase_add_test(tcase, masks_up_to_the_edge_do_not);
    tcase_add_test(tcase, right_ones_do_not);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
