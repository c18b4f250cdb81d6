#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/status.h"
#include "base/tensor.h"

START_TEST(types_have_names_and_sizes)
{
    static const struct { const char *name; size_t size; } types[] = {
        { "F32", 4 }, { "F16", 2 }, { "BF16", 2 }, { "F64", 8 }, { "I32", 4 }, { "I64", 8 }, { "I8", 1 }, { "U8", 1 } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        int type = thor_dtype_from_name(types[i].name);
        ck_assert_int_ge(type, 0);
        ck_assert_str_eq(thor_dtype_name((thor_dtype)type), types[i].name);
        ck_assert_uint_eq(thor_dtype_size((thor_dtype)type), types[i].size);
    }
    ck_assert_int_eq(thor_dtype_from_name("F8_E4M3"), -1);
    ck_assert_int_eq(thor_dtype_from_name(""), -1);
}
END_TEST

START_TEST(counts_do_not_overflow)
{
    thor_tensor tensor = { .dims = 3, .shape = { 2, 3, 4 } };
    ck_assert_int_eq(thor_tensor_count(&tensor), 24);
    tensor.shape[1] = 0;
    ck_assert_int_eq(thor_tensor_count(&tensor), 0);
    tensor.shape[1] = -1;
    ck_assert_int_eq(thor_tensor_count(&tensor), -1);
    tensor.shape[1] = INT64_MAX / 8;
    ck_assert_int_gt(thor_tensor_count(&tensor), 0);
    tensor.shape[1] = INT64_MAX / 8 + 1;
    ck_assert_int_eq(thor_tensor_count(&tensor), -1);
    tensor.dims = 0;
    ck_assert_int_eq(thor_tensor_count(&tensor), 1);
}
END_TEST

START_TEST(errors_keep_code_and_sentence)
{
    thor_error error;
    ck_assert_int_eq(thor_fail(&error, THOR_E_FORMAT, "line %d", 7), THOR_E_FORMAT);
    ck_assert_int_eq(error.code, THOR_E_FORMAT);
    ck_assert_str_eq(error.text, "line 7");
    ck_assert_int_eq(thor_fail(NULL, THOR_E_IO, "nobody listens"), THOR_E_IO);
    char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    thor_fail(&error, THOR_E_IO, "%s", longer);
    ck_assert_uint_eq(strlen(error.text), sizeof error.text - 1);
    ck_assert_int_eq(thor_exit_code(THOR_OK), 0);
    ck_assert_int_eq(thor_exit_code(THOR_E_USAGE), 2);
    ck_assert_int_eq(thor_exit_code(THOR_E_NUMBER), 1);
}
END_TEST

static const char *nearest_to(const char *word)
{
    static const char *const words[] = { "length-penalty", "beam", "threads", "temperature", "o" };
    thor_nearest nearest = thor_nearest_start(word);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        thor_nearest_offer(&nearest, words[i]);
    return nearest.best ? nearest.best : "";
}

START_TEST(near_words_are_found)
{
    ck_assert_str_eq(nearest_to("lenght-penalty"), "length-penalty");
    ck_assert_str_eq(nearest_to("length_penalty"), "length-penalty");
    ck_assert_str_eq(nearest_to("baem"), "beam");
    ck_assert_str_eq(nearest_to("thread"), "threads");
    ck_assert_str_eq(nearest_to("xyzzy"), "");
    ck_assert_str_eq(nearest_to("q"), "");
    ck_assert_str_eq(nearest_to(""), "");
    ck_assert_str_eq(nearest_to("a-word-that-is-much-longer-than-any-name-that-somebody-could-ever-mean-by-it"), "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tensor, status, nearest");
    TCase *tests = tcase_create("values");
    tcase_add_test(tests, types_have_names_and_sizes);
    tcase_add_test(tests, counts_do_not_overflow);
    tcase_add_test(tests, errors_keep_code_and_sentence);
    tcase_add_test(tests, near_words_are_found);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
