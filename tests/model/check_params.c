/* The table of parameters: names, shapes and initial values of thor-model(7). */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/block.h"
#include "model/param_parts.h"
#include "tests/ref/fixture.h"

static void open_table(thor_config *config, thor_params *params, const char *settings)
{
    thor_error error;
    ref_case_config(config, settings);
    ck_assert_msg(thor_params_make(params, config, &error) == THOR_OK, "%s", error.text);
}

START_TEST(names_and_shapes)
{
    thor_config config;
    thor_params params;
    ref_table expected = { 0 };
    int64_t elements = 0, end = 0;
    open_table(&config, &params, ref_cases[_i].settings);
    ref_parameters_list(&expected, &config);
    for (int32_t i = 0; i < params.count; i++) {
        const thor_param *ours = &params.items[i];
        const ref_array *array = ref_find(&expected, ours->name);
        ck_assert_msg(array != NULL, "%s: %s should not be there", ref_cases[_i].name, ours->name);
        ck_assert_msg(ours->dims == array->dims &&
                      memcmp(ours->shape, array->shape, (size_t)array->dims * sizeof(int64_t)) == 0,
                      "%s: %s has another shape", ref_cases[_i].name, ours->name);
        ck_assert_int_eq(ours->count, array->count);
        ck_assert_int_eq(ours->offset % 16, 0);
        ck_assert_msg(ours->offset >= end, "%s overlaps", ours->name);
        ck_assert_int_eq(ours->experts, strstr(ours->name, ".experts.") ? config.moe.experts : 0);
        ck_assert_int_eq(thor_params_find(&params, ours->name), i);
        end = ours->offset + ours->count;
        elements += ours->count;
    }
    ck_assert_msg(params.count == expected.count, "%s: %d parameters, expected %d", ref_cases[_i].name,
                  (int)params.count, expected.count);
    ck_assert_int_eq(params.elements, elements);
    ck_assert_int_le(end, params.floats);
    for (int32_t i = 1; i < params.count; i++)
        ck_assert_int_lt(strcmp(params.items[params.sorted[i - 1]].name, params.items[params.sorted[i]].name), 0);
    ref_table_free(&expected);
    thor_params_free(&params);
}
END_TEST

/* Uniform ±bound: nothing outside, and the second moment of that distribution. */
static void check_uniform(const float *values, const thor_param *param, double bound)
{
    double square = 0;
    for (int64_t i = 0; i < param->count; i++) {
        ck_assert_msg(fabs((double)values[i]) <= bound * (1 + 1e-6), "%s[%lld] is %g, beyond %g", param->name,
                      (long long)i, (double)values[i], bound);
        square += (double)values[i] * (double)values[i] / (double)param->count;
    }
    double expected = bound * bound / 3, allowed = 5 * expected / sqrt((double)param->count);
    ck_assert_msg(fabs(square - expected) <= allowed, "%s: mean square %g, expected %g", param->name, square, expected);
}

/* N(0, variance), without the rows of the embedding's padding. */
static void check_normal(const float *values, const thor_param *param, double variance)
{
    double mean = 0, square = 0, count = 0;
    int64_t d = param->shape[1];
    for (int64_t i = 0; i < param->count; i++) {
        if (strcmp(param->name, "embed.weight") == 0 && i / d == 1) {
            ck_assert_msg(values[i] == 0, "the padding row is not 0");
            continue;
        }
        count++;
        mean += (double)values[i];
        square += (double)values[i] * (double)values[i];
    }
    ck_assert_msg(fabs(mean / count) <= 5 * sqrt(variance / count), "%s: mean %g", param->name, mean / count);
    ck_assert_msg(fabs(square / count - variance) <= 5 * variance * sqrt(2 / count), "%s: variance %g, expected %g",
                  param->name, square / count, variance);
}

static void check_constant(const float *values, const thor_param *param, float expected)
{
    for (int64_t i = 0; i < param->count; i++)
        ck_assert_msg(values[i] == expected, "%s[%lld] is %g", param->name, (long long)i, (double)values[i]);
}

static bool ends(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

/* The inputs of the product that a bias belongs to. */
static double fan_in(const thor_param *param, const thor_config *config)
{
    double d = config->model.width;
    if (param->dims > 1 && !ends(param->name, ".bias"))
        return (double)param->shape[param->dims - 1];
    if (strstr(param->name, "fc2.bias"))
        return config->model.ffn_width;
    return strstr(param->name, "context_gate.bias") ? 2 * d : d;
}

static void check_values(const float *values, const thor_param *param, const thor_config *config)
{
    const char *name = param->name;
    double d = config->model.width;
    if (strstr(name, "norm."))
        check_constant(values, param, ends(name, ".weight") ? 1 : 0);
    else if (strcmp(name, "embed.weight") == 0 || strcmp(name, "task.embedding.weight") == 0)
        check_normal(values, param, 1 / d);
    else if (ends(name, "attn.o.bias"))
        check_constant(values, param, 0);
    else if (ends(name, "attn.o.weight"))
        check_uniform(values, param, sqrt(6 / (d + d)));
    else if (strstr(name, "attn.") && ends(name, ".weight"))
        check_uniform(values, param, sqrt(6 / (d + d)) / sqrt(2));
    else
        check_uniform(values, param, 1 / sqrt(fan_in(param, config)));
}

START_TEST(initial_values)
{
    thor_config config;
    thor_params params;
    open_table(&config, &params, _i ? "thor topp odd" : "dense");
    config.model.width = 32;
    config.model.heads = 4;
    thor_params_free(&params);
    thor_error error;
    ck_assert(thor_params_make(&params, &config, &error) == THOR_OK);
    float *values = ref_alloc(params.floats, sizeof *values), *again = ref_alloc(params.floats, sizeof *values);
    thor_params_init(values, &params, 1, NULL);
    for (int32_t i = 0; i < params.count; i++)
        check_values(values + params.items[i].offset, &params.items[i], &config);
    thor_params_init(again, &params, 1, NULL);
    ck_assert(memcmp(values, again, (size_t)params.floats * sizeof *values) == 0);
    thor_params_init(again, &params, 2, NULL);
    ck_assert(memcmp(values, again, (size_t)params.floats * sizeof *values) != 0);
    free(values);
    free(again);
    thor_params_free(&params);
}
END_TEST

/* Each thread fills a part of the block, which begins and ends anywhere in a tensor. */
/* By the shapes: every tensor belongs to one part; a token leaves out the experts that it does not choose. */
START_TEST(parts_make_the_whole)
{
    thor_config config;
    thor_params params;
    int64_t parts[THOR_PARAM_PARTS], sum = 0, experts = 0, norms = 0;
    open_table(&config, &params, ref_cases[_i].settings);
    thor_param_parts_count(parts, &params);
    for (int i = 0; i < THOR_PARAM_PARTS; i++)
        sum += parts[i];
    for (int32_t i = 0; i < params.count; i++) {
        experts += params.items[i].experts > 0 ? params.items[i].count : 0;
        norms += strstr(params.items[i].name, "norm.") ? params.items[i].count : 0;
    }
    ck_assert_int_eq(sum, params.elements);
    ck_assert_int_eq(parts[THOR_PARAM_EXPERTS], experts);
    ck_assert_int_eq(parts[THOR_PARAM_NORMS], norms);
    ck_assert_int_eq(parts[THOR_PARAM_EMBEDDINGS], (int64_t)config.vocab.ids * config.model.width);
    ck_assert_int_eq(thor_param_parts_used(parts, config.moe.experts, config.moe.experts), sum);
    ck_assert_int_eq(thor_param_parts_used(parts, 1, config.moe.experts), sum - experts + experts / config.moe.experts);
    thor_params_free(&params);
}
END_TEST

START_TEST(threads_fill_the_same)
{
    thor_config config;
    thor_params params;
    thor_error error;
    open_table(&config, &params, "thor topp odd");
    config.model.width = 64;
    config.model.heads = 4;
    config.vocab.ids = 3000;
    thor_params_free(&params);
    ck_assert(thor_params_make(&params, &config, &error) == THOR_OK);
    ck_assert_int_gt(params.floats, 8 * THOR_BLOCK_GRAIN);
    float *values = ref_alloc(params.floats, sizeof *values), *again = ref_alloc(params.floats, sizeof *values);
    thor_params_init(values, &params, 1, NULL);
    for (int threads = 2; threads <= 17; threads += 5) {
        thor_par par = thor_par_make(threads);
        memset(again, 1, (size_t)params.floats * sizeof *again);
        thor_params_init(again, &params, 1, &par);
        ck_assert(memcmp(values, again, (size_t)params.floats * sizeof *values) == 0);
    }
    free(values);
    free(again);
    thor_params_free(&params);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("params");
    TCase *table = tcase_create("table");
    tcase_add_loop_test(table, names_and_shapes, 0, ref_case_count);
    tcase_add_loop_test(table, parts_make_the_whole, 0, ref_case_count);
    tcase_add_loop_test(table, initial_values, 0, 2);
    tcase_add_test(table, threads_fill_the_same);
    suite_add_tcase(suite, table);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
