#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/ref/reference.h"

uint64_t judge_seed(void)
{
    const char *seed = getenv("THOR_TEST_SEED");
    return seed && *seed ? strtoull(seed, NULL, 10) : 1;
}

void judge_draw(float *x, int64_t count, double middle, double spread, uint32_t site)
{
    thor_rng rng = thor_rng_make(judge_seed(), THOR_SITE_TEST, site, 0);
    for (int64_t i = 0; i < count; i++)
        x[i] = (float)(middle + spread * (2 * (double)thor_rng_uniform(&rng, (uint64_t)i) - 1));
}

#define JUDGE_CHECK(layer, holds, ...)                                                          \
    do {                                                                                        \
        if (!(holds)) {                                                                         \
            printf("%s: again with THOR_TEST_SEED=%llu\n", (layer)->name,                       \
                   (unsigned long long)judge_seed());                                           \
            ck_abort_msg(__VA_ARGS__);                                                          \
        }                                                                                       \
    } while (0)

/* ---- memory ---------------------------------------------------------------------------------------------------- */

void *judge_take(judge_layer *layer, int64_t count, size_t size)
{
    ck_assert_int_lt(layer->block_count, JUDGE_BLOCKS);
    return layer->blocks[layer->block_count++] = ref_alloc(count, size);
}

void judge_give_back(judge_layer *layer, int mark)
{
    while (layer->block_count > mark)
        free(layer->blocks[--layer->block_count]);
}

void judge_close(judge_layer *layer)
{
    judge_give_back(layer, 0);
}

int judge_add(judge_layer *layer, const char *name, int64_t count, double middle, double spread)
{
    ck_assert_int_lt(layer->inputs, JUDGE_ARRAYS);
    judge_array *array = &layer->in[layer->inputs];
    *array = (judge_array){ .name = name, .count = count, .middle = middle, .spread = spread };
    array->x = JUDGE_TAKE(layer, float, count);
    array->d = JUDGE_TAKE(layer, float, count);
    array->v = JUDGE_TAKE(layer, ref_var, count);
    judge_draw(array->x, count, middle, spread, (uint32_t)layer->inputs);
    return layer->inputs++;
}

thor_packing judge_packing(judge_layer *layer, const int64_t *lengths, int64_t sentences)
{
    int64_t *offset = JUDGE_TAKE(layer, int64_t, sentences + 1), width = 0;
    for (int64_t b = 0; b < sentences; b++) {
        offset[b + 1] = offset[b] + lengths[b];
        width = lengths[b] > width ? lengths[b] : width;
    }
    int32_t *sentence = JUDGE_TAKE(layer, int32_t, offset[sentences]);
    for (int64_t b = 0; b < sentences; b++)
        for (int64_t r = offset[b]; r < offset[b + 1]; r++)
            sentence[r] = (int32_t)b;
    return (thor_packing){ sentences, offset[sentences], width, offset, sentence };
}

thor_scratch judge_scratch(judge_layer *layer, int64_t R, int64_t d, int64_t wide, int64_t F, int64_t assigned,
                           int64_t E)
{
    thor_scratch scratch = { .square = NULL };
    for (int i = 0; i < 8; i++)
        scratch.rows[i] = JUDGE_TAKE(layer, float, R * d);
    scratch.wide = JUDGE_TAKE(layer, float, wide * F);
    scratch.assigned = JUDGE_TAKE(layer, float, assigned * d);
    for (int i = 0; i < 3; i++)
        scratch.routing[i] = JUDGE_TAKE(layer, float, R * E);
    return scratch;
}

thor_dropout judge_dropout(judge_layer *layer, double rate, int64_t count)
{
    thor_dropout dropout = { .rule = { thor_rng_make(judge_seed(), 0x10203, 5, 1), (float)rate,
                                       (float)(1 / (1 - rate)) } };
    dropout.keep = rate > 0 ? JUDGE_TAKE(layer, uint8_t, count) : NULL;
    return dropout;
}

double judge_kept(const thor_dropout *dropout, int64_t index)
{
    if (!dropout->keep)
        return 1;
    return thor_rng_uniform(&dropout->rule.rng, (uint64_t)index) >= dropout->rule.p ? (double)dropout->rule.scale : 0;
}

thor_matrix judge_matrix(const judge_layer *layer, int which, int64_t rows, int64_t columns)
{
    return (thor_matrix){ layer->in[which].x, THOR_F32, rows, columns };
}

thor_linear judge_linear(const judge_layer *layer, int weight, int bias, int64_t rows, int64_t columns)
{
    return (thor_linear){ judge_matrix(layer, weight, rows, columns), bias < 0 ? NULL : layer->in[bias].x };
}

void judge_linear_oracle(ref_tape *tape, ref_var *y, const ref_var *x, const ref_var *W, const ref_var *b, int64_t R,
                         int64_t in, int64_t out)
{
    for (int64_t r = 0; r < R; r++)
        for (int64_t o = 0; o < out; o++) {
            ref_var sum = ref_dot(tape, x + r * in, 1, W + o * in, 1, in);
            y[r * out + o] = b ? ref_add(tape, sum, b[o]) : sum;
        }
}

/* ---- the oracle ------------------------------------------------------------------------------------------------ */

/* sum of d_y * y where input `moved` stands at x + h * direction. */
static double projected(judge_layer *layer, ref_tape *tape, ref_var *y, int moved, const float *direction, double h)
{
    double sum = 0;
    ref_tape_start(tape);
    for (int i = 0; i < layer->inputs; i++)
        for (int64_t j = 0; j < layer->in[i].count; j++)
            layer->in[i].v[j] = ref_leaf(tape, (double)layer->in[i].x[j] +
                                                   (i == moved ? h * (double)direction[j] : 0));
    layer->oracle(layer, tape, y);
    for (int64_t j = 0; j < layer->outputs; j++)
        sum += (double)layer->d_y[j] * ref_value_of(tape, y[j]);
    return sum;
}

/* The tape's gradient against (L(x + hv) - L(x - hv)) / 2h for one random v an array. */
static void judge_tape(judge_layer *layer, ref_tape *tape, ref_var *y, double *const *gradients)
{
    const double h = 1e-6;
    for (int i = 0; i < layer->inputs; i++) {
        int64_t n = layer->in[i].count;
        double expected = 0, size = 0;
        float *v = ref_alloc(n, sizeof *v);
        judge_draw(v, n, 0, 1, 100 + (uint32_t)i);
        for (int64_t j = 0; j < n; j++) {
            expected += gradients[i][j] * (double)v[j];
            size += fabs(gradients[i][j] * (double)v[j]);
        }
        double found = (projected(layer, tape, y, i, v, h) - projected(layer, tape, y, i, v, -h)) / (2 * h);
        JUDGE_CHECK(layer, fabs(found - expected) <= 1e-6 * size + 1e-7,
                    "%s: along a random direction of %s the difference is %.9g, the tape says %.9g", layer->name,
                    layer->in[i].name, found, expected);
        free(v);
    }
}

/* ---- the layer ------------------------------------------------------------------------------------------------- */

static void compare(const judge_layer *layer, const char *what, const float *ours, const double *expected, int64_t n,
                    double allowed)
{
    double largest = 0, worst = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < n; i++) {
        double error = fabs((double)ours[i] - expected[i]);
        largest = fmax(largest, fabs(expected[i]));
        if (error > worst || isnan(error)) {
            worst = isnan(error) ? INFINITY : error;
            at = i;
        }
    }
    JUDGE_CHECK(layer, worst <= allowed * largest + 1e-9, "%s: %s[%lld] is %.9g, expected %.9g (largest value %.3g)",
                layer->name, what, (long long)at, n ? (double)ours[at] : 0, n ? expected[at] : 0, largest);
}

static void compare_gradient(const judge_layer *layer, int i, const double *expected)
{
    char what[96];
    const judge_array *array = &layer->in[i];
    snprintf(what, sizeof what, "gradient of %s", array->name);
    if (i == 0 || i != layer->gradient_zero) {
        compare(layer, what, array->d, expected, array->count,
                layer->gradient_error > 0 ? layer->gradient_error : 1e-5);
        return;
    }
    for (int64_t j = 0; j < array->count; j++)
        JUDGE_CHECK(layer, fabs((double)array->d[j]) < 1e-5, "%s: %s[%lld] is %.9g, expected 0", layer->name, what,
                    (long long)j, (double)array->d[j]);
}

/* NaN everywhere first: what a layer leaves out shows. */
static void run(judge_layer *layer, const thor_compute *compute)
{
    memset(layer->y, 0xff, (size_t)layer->outputs * sizeof(float));
    for (int i = 0; i < layer->inputs; i++)
        memset(layer->in[i].d, 0xff, (size_t)layer->in[i].count * sizeof(float));
    int mark = layer->block_count;
    layer->run(layer, compute);
    judge_give_back(layer, mark);
}

static void open_compute(thor_compute *compute, const char *isa, int threads)
{
    thor_error error;
    ck_assert_msg(thor_compute_open(compute, isa, threads, &error) == THOR_OK, "%s", error.text);
}

static void judge_bits(judge_layer *layer)
{
    static const int threads[] = { 1, 2, 3, 8 };
    const thor_kernels *list[16];
    int tables = thor_kernels_list(list, 16);
    float *first[JUDGE_ARRAYS + 1];
    for (int i = 0; i <= layer->inputs; i++) {
        int64_t n = i < layer->inputs ? layer->in[i].count : layer->outputs;
        first[i] = ref_alloc(n, sizeof(float));
        memcpy(first[i], i < layer->inputs ? layer->in[i].d : layer->y, (size_t)n * sizeof(float));
    }
    for (int t = 0; t < tables; t++)
        for (size_t j = 0; j < sizeof threads / sizeof *threads; j++) {
            thor_compute compute;
            open_compute(&compute, list[t]->name, threads[j]);
            run(layer, &compute);
            thor_compute_close(&compute);
            JUDGE_CHECK(layer, memcmp(first[layer->inputs], layer->y, (size_t)layer->outputs * sizeof(float)) == 0,
                        "%s: other values with %s and %d threads", layer->name, list[t]->name, threads[j]);
            for (int i = 0; i < layer->inputs; i++)
                JUDGE_CHECK(layer,
                            memcmp(first[i], layer->in[i].d, (size_t)layer->in[i].count * sizeof(float)) == 0,
                            "%s: another gradient of %s with %s and %d threads", layer->name, layer->in[i].name,
                            list[t]->name, threads[j]);
        }
    for (int i = 0; i <= layer->inputs; i++)
        free(first[i]);
}

void judge_try(judge_layer *layer)
{
    ref_tape tape = { 0 };
    thor_compute compute;
    ref_var *y = ref_alloc(layer->outputs, sizeof *y);
    double *values = ref_alloc(layer->outputs, sizeof *values), *gradients[JUDGE_ARRAYS];
    if (!layer->y)
        layer->y = JUDGE_TAKE(layer, float, layer->outputs);
    if (!layer->d_y) {
        layer->d_y = JUDGE_TAKE(layer, float, layer->outputs);
        judge_draw(layer->d_y, layer->outputs, 0, 1, 99);
    }
    projected(layer, &tape, y, -1, NULL, 0);
    ref_tape_back(&tape, y, layer->d_y, layer->outputs);
    for (int64_t j = 0; j < layer->outputs; j++)
        values[j] = ref_value_of(&tape, y[j]);
    for (int i = 0; i < layer->inputs; i++) {
        gradients[i] = ref_alloc(layer->in[i].count, sizeof(double));
        for (int64_t j = 0; j < layer->in[i].count; j++)
            gradients[i][j] = tape.nodes[layer->in[i].v[j]].gradient;
    }
    judge_tape(layer, &tape, y, gradients);
    open_compute(&compute, "scalar", 1);
    run(layer, &compute);
    thor_compute_close(&compute);
    compare(layer, "y", layer->y, values, layer->outputs, layer->value_error > 0 ? layer->value_error : 2e-6);
    for (int i = 0; i < layer->inputs; i++) {
        compare_gradient(layer, i, gradients[i]);
        free(gradients[i]);
    }
    judge_bits(layer);
    free(values);
    free(y);
    ref_tape_free(&tape);
}

int judge_main(TCase *cases)
{
    Suite *suite = suite_create("layer");
    tcase_set_timeout(cases, 120);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
