#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/element.h"
#include "base/tensor_list.h"

START_TEST(half_precision)
{
    ck_assert(thor_from_f16(0x3c00) == 1 && thor_from_f16(0xc000) == -2 && thor_from_f16(0x7bff) == 65504);
    ck_assert(thor_from_f16(0x0001) == 0x1p-24 && thor_from_f16(0x03ff) == 1023 * 0x1p-24);
    ck_assert(thor_from_f16(0x0400) == 0x1p-14 && thor_from_f16(0x3555) == 1365 * 0x1p-12);
    ck_assert(isinf(thor_from_f16(0x7c00)) && thor_from_f16(0xfc00) < 0 && isnan(thor_from_f16(0x7c01)));
    ck_assert(thor_from_f16(0x8000) == 0 && signbit(thor_from_f16(0x8000)));
}
END_TEST

/* A bfloat16 is binary32's upper half: all of them. */
START_TEST(bfloat)
{
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        uint32_t wide = bits << 16;
        float expected;
        memcpy(&expected, &wide, sizeof expected);
        double got = thor_from_bf16((uint16_t)bits);
        ck_assert(isnan(expected) ? isnan(got) : got == (double)expected);
    }
}
END_TEST

START_TEST(elements_of_every_type)
{
    float f32[] = { 0, 1.5f };
    double f64[] = { 0, -2.25 };
    uint16_t f16[] = { 0, 0x3c00 }, bf16[] = { 0, 0x3f80 };
    int32_t i32[] = { 0, -7 };
    int64_t i64[] = { 0, INT64_C(1) << 40 };
    int8_t i8[] = { 0, -1 };
    uint8_t u8[] = { 0, 255 };
    const struct { thor_dtype type; void *data; double expected; } cases[] = {
        { THOR_F32, f32, 1.5 }, { THOR_F64, f64, -2.25 }, { THOR_F16, f16, 1 },      { THOR_BF16, bf16, 1 },
        { THOR_I32, i32, -7 },  { THOR_I64, i64, 0x1p40 }, { THOR_I8, i8, -1 },      { THOR_U8, u8, 255 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_tensor tensor = { .dtype = cases[i].type, .dims = 1, .shape = { 2 }, .data = cases[i].data };
        ck_assert(thor_element(&tensor, 0) == 0 && thor_element(&tensor, 1) == cases[i].expected);
    }
}
END_TEST

START_TEST(spacings)
{
    for (float x = 1e-38f; x < 1e38f; x *= 3.7f)
        ck_assert(thor_spacing(THOR_F32, x) == (double)nextafterf(x, INFINITY) - (double)x);
    ck_assert(thor_spacing(THOR_F32, 0) == 0x1p-149 && thor_spacing(THOR_F32, -1) == 0x1p-23);
    ck_assert(thor_spacing(THOR_F64, 1) == 0x1p-52 && thor_spacing(THOR_BF16, 1) == 0x1p-7);
    ck_assert(thor_spacing(THOR_F16, 1.9) == 0x1p-10 && thor_spacing(THOR_F16, 1e-9) == 0x1p-24);
    ck_assert(thor_spacing(THOR_I32, 5) == 1 && isnan(thor_spacing(THOR_F32, INFINITY)));
}
END_TEST

START_TEST(lists_own_their_data)
{
    thor_tensor_list list = { .items = NULL };
    thor_error error;
    void *data;
    for (int i = 0; i < 100; i++) {
        thor_tensor like = { .dtype = THOR_F32, .dims = 2, .shape = { i, 3 } };
        snprintf(like.name, sizeof like.name, "t%d", i);
        ck_assert_int_eq(thor_tensor_list_add(&list, &like, &data, &error), THOR_OK);
        for (int k = 0; k < 3 * i; k++)
            ck_assert(((float *)data)[k] == 0);
    }
    ck_assert_int_eq(thor_tensor_list_find(&list, "t42")->shape[0], 42);
    ck_assert_ptr_null(thor_tensor_list_find(&list, "t100"));
    thor_tensor huge = { .name = "huge", .dtype = THOR_F64, .dims = 2, .shape = { INT64_MAX / 2, 2 } };
    ck_assert_int_eq(thor_tensor_list_add(&list, &huge, &data, &error), THOR_E_MEMORY);
    ck_assert_uint_eq(list.count, 100);
    thor_tensor_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("element");
    TCase *tests = tcase_create("element");
    tcase_add_test(tests, half_precision);
    tcase_add_test(tests, bfloat);
    tcase_add_test(tests, elements_of_every_type);
    tcase_add_test(tests, spacings);
    tcase_add_test(tests, lists_own_their_data);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
