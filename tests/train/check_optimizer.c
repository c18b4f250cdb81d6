/* The norm of a gradient against plain loops: pieces of tensors and of experts' slices, for any number of threads. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "train/optimizer.h"

enum { PIECE = 65536 };

/* Sizes at and around the edges of a piece; b comes before a in the table and after it among the names. */
static thor_param tensors[] = {
    { .name = "b", .count = 3 * PIECE + 5 }, { .name = "a", .count = PIECE }, { .name = "c", .count = PIECE + 1 },
    { .name = "d", .count = 3 * (PIECE + 17), .experts = 3 }, { .name = "e", .count = 7 * 40, .experts = 7 },
    { .name = "f", .count = PIECE - 1 }, { .name = "g", .count = 1 },
};

enum { TENSORS = sizeof tensors / sizeof *tensors };

static int32_t by_name[TENSORS] = { 1, 0, 2, 3, 4, 5, 6 };

static thor_params lay_out(void)
{
    thor_params params = { .items = tensors, .count = TENSORS, .sorted = by_name };
    for (int32_t t = 0; t < TENSORS; t++) {
        tensors[t].offset = params.floats;
        params.floats += (tensors[t].count + 15) / 16 * 16;
    }
    return params;
}

static float *invent(int64_t floats)
{
    float *block = malloc((size_t)floats * sizeof *block);
    uint32_t state = 1;
    ck_assert_ptr_nonnull(block);
    for (int64_t i = 0; i < floats; i++) {
        state = state * 1664525u + 1013904223u;
        block[i] = (float)(int32_t)state * 0x1p-31f;
    }
    return block;
}

static double lanes(const float *values, int64_t count)
{
    float lane[16] = { 0 };
    for (int64_t i = 0; i < count; i++)
        lane[i % 16] = lane[i % 16] + values[i] * values[i];
    for (int width = 8; width > 0; width /= 2)
        for (int l = 0; l < width; l++)
            lane[l] = lane[l] + lane[l + width];
    return (double)lane[0];
}

static double plain_norm(const thor_params *params, const float *block)
{
    double sum = 0;
    for (int32_t i = 0; i < TENSORS; i++) {
        const thor_param *p = &params->items[by_name[i]];
        int64_t slices = p->experts ? p->experts : 1, size = p->count / slices;
        for (int64_t s = 0; s < slices; s++)
            for (int64_t j = 0; j < size; j += PIECE)
                sum += lanes(block + p->offset + s * size + j, size - j < PIECE ? size - j : PIECE);
    }
    return sqrt(sum);
}

START_TEST(norm_is_made_of_pieces)
{
    static const int threads[] = { 1, 2, 3, 17 };
    thor_params params = lay_out();
    float *block = invent(params.floats);
    thor_gradient_norm norm;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_gradient_norm_open(&norm, &params, THOR_PIECE_FLOATS, &error), THOR_OK);
    ck_assert_int_eq(norm.count, 4 + 1 + 2 + 3 * 2 + 7 + 1 + 1);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        ck_assert_int_eq(thor_compute_open(&compute, NULL, threads[i], &error), THOR_OK);
        double got = thor_gradient_norm_compute(&norm, &compute, block), expected = plain_norm(&params, block);
        ck_assert_msg(got == expected, "%d threads: %a, expected %a", threads[i], got, expected);
        thor_compute_close(&compute);
    }
    ck_assert_int_eq(thor_gradient_norm_first_bad(&norm), -1);
    thor_gradient_norm_close(&norm);
    free(block);
}
END_TEST

/* The first in the table, not in the order of the names. */
START_TEST(bad_tensor_is_named)
{
    thor_params params = lay_out();
    float *block = invent(params.floats);
    thor_gradient_norm norm;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_gradient_norm_open(&norm, &params, THOR_PIECE_FLOATS, &error), THOR_OK);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 2, &error), THOR_OK);
    block[tensors[0].offset + tensors[0].count - 1] = INFINITY;
    block[tensors[1].offset] = NAN;
    ck_assert(!isfinite(thor_gradient_norm_compute(&norm, &compute, block)));
    ck_assert_int_eq(thor_gradient_norm_first_bad(&norm), 0);
    thor_compute_close(&compute);
    thor_gradient_norm_close(&norm);
    free(block);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optimizer");
    TCase *tests = tcase_create("optimizer");
    tcase_add_test(tests, norm_is_made_of_pieces);
    tcase_add_test(tests, bad_tensor_is_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
