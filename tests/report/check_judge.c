/* What a comparison excuses after a near tie, what it allows, and what it recognises. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"

/* ---- what follows a near tie ------------------------------------------------------------------------------------ */

static void set_row(thor_tensor_list *list, const char *name, int64_t row, int64_t width, float value)
{
    float *data = thor_tensor_list_find(list, name)->data;
    for (int64_t i = row * width; i < (row + 1) * width; i++)
        data[i] = value;
}

/* Two sentences of three and two rows; encoder row [0,1] of layer 1 chose another, equally likely expert. */
static void add_tied_stream(pair *p)
{
    static const char *const streams[] = { "encoder.layers.1.output", "encoder.layers.2.moe.context", "encoder.output",
                                           "decoder.layers.0.self_attn.output", "decoder.layers.0.output", "logits" };
    float probs[18], ours[18], theirs[18];
    for (int i = 0; i < 18; i++) {
        probs[i] = i % 3 == 2 ? 0.2f : 0.4f;
        ours[i] = theirs[i] = i % 3 == 0;
    }
    theirs[3] = 0;
    theirs[4] = 1;
    add_batch(p, 2, (const int[]){ 3, 2 }, 3);
    for (int side = 0; side < 2; side++) {
        thor_tensor_list *list = side ? &p->theirs : &p->ours;
        add(list, "encoder.layers.1.moe.router_probs", 2, 3, 3, probs);
        add(list, "encoder.layers.1.moe.selected", 2, 3, 3, side ? theirs : ours);
        for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
            add(list, streams[i], 2, 3, 2, NULL);
    }
}

START_TEST(rows_are_followed)
{
    static const struct { const char *name; int64_t excused; } expected[] = {
        { "encoder.layers.1.output", 2 }, { "encoder.layers.2.moe.context", 6 }, { "encoder.output", 2 },
        { "decoder.layers.0.self_attn.output", 0 }, { "decoder.layers.0.output", 6 }, { "logits", 6 },
    };
    pair p = { .result = { .count = 0 } };
    add_tied_stream(&p);
    run(&p, &plain);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_msg(find(&p, expected[i].name)->excused == expected[i].excused, "%s: %lld", expected[i].name,
                      (long long)find(&p, expected[i].name)->excused);
    ck_assert(p.result.out == 0 && p.ties == 1);
    free_pair(&p);
}
END_TEST

/* A row that no tie touches, one that a tie touches and that is no number, and padding. */
START_TEST(what_a_tie_does_not_excuse)
{
    pair p = { .result = { .count = 0 } };
    add_tied_stream(&p);
    set_row(&p.theirs, "encoder.layers.1.output", 1, 2, 3);
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 0);
    thor_comparison_free(&p.result);
    set_row(&p.theirs, "encoder.layers.1.output", 0, 2, 3);
    set_row(&p.theirs, "encoder.layers.2.moe.context", 1, 2, NAN);
    set_row(&p.theirs, "logits", 5, 2, 9);      /* padding */
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 2);
    ck_assert_str_eq(p.result.first->name, "encoder.layers.1.output");
    ck_assert(find(&p, "encoder.layers.2.moe.context")->out && !find(&p, "logits")->out);
    ck_assert_int_eq(find(&p, "logits")->dirty, 2);
    free_pair(&p);
}
END_TEST

/* Two rows of equal priority want the one place of expert 0. */
START_TEST(near_ties_of_places)
{
    pair p = { .result = { .count = 0 } };
    setting capacity = plain;
    const float probs[] = { 0.6f, 0.4f, 0.6f, 0.4f }, selected[] = { 1, 0, 1, 0 };
    const float ours[] = { 0.6f, 0, 0, 0 }, theirs[] = { 0, 0, 0.6f, 0 };
    capacity.facts.capacity = capacity.facts.by_priority = true;
    add_batch(&p, 2, (const int[]){ 1, 1 }, 1);
    for (int side = 0; side < 2; side++) {
        thor_tensor_list *list = side ? &p.theirs : &p.ours;
        add(list, "encoder.layers.1.moe.router_probs", 2, 1, 2, probs);
        add(list, "encoder.layers.1.moe.selected", 2, 1, 2, selected);
        add(list, "encoder.layers.1.moe.gates", 2, 1, 2, side ? theirs : ours);
    }
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 1);
    thor_comparison_free(&p.result);
    run(&p, &capacity);
    ck_assert(p.result.out == 0 && p.result.excused == 1 && p.ties == 2);
    thor_comparison_free(&p.result);
    ((float *)thor_tensor_list_find(&p.ours, "encoder.layers.1.moe.router_probs")->data)[0] = 0.7f;
    run(&p, &capacity);
    ck_assert(find(&p, "encoder.layers.1.moe.gates")->out);
    free_pair(&p);
}
END_TEST

/* One unit of relu that went the other way: rows of d x and d, with W1 x + b1 = 0. */
static void add_flip(pair *p, float b1)
{
    const float w[] = { 1, 2, 3, 4, -1, 2 }, b[] = { 0.5f, b1 }, x[] = { 1, 1, 1 };
    add(&p->initial, "decoder.layers.0.ffn.fc1.weight", 2, 3, 0, w);
    add(&p->initial, "decoder.layers.0.ffn.fc1.bias", 2, 0, 0, b);
    for (int side = 0; side < 2; side++) {
        thor_tensor_list *list = side ? &p->theirs : &p->ours;
        float *weight = add(list, "decoder.layers.0.ffn.fc1.weight", 2, 3, 0, NULL);
        float *bias = add(list, "decoder.layers.0.ffn.fc1.bias", 2, 0, 0, NULL);
        float *norm = add(list, "decoder.layers.0.ffn_norm.weight", 3, 0, 0, NULL);
        float *after = add(list, "decoder.layers.0.ffn.fc2.bias", 3, 0, 0, NULL);
        for (int i = 0; i < 3 && side; i++)
            weight[3 + i] += 0.25f * x[i];
        bias[1] += side ? 0.25f : 0;
        norm[0] += side ? 0.01f : 0;
        after[0] += 0;
    }
}

START_TEST(units_of_relu_that_flip)
{
    pair p = { .result = { .count = 0 } };
    setting gradients = { .precision = "f32", .kind = THOR_COMPARE_GRADIENTS };
    add_flip(&p, _i ? 1.0f : -5.0f);            /* 4 - 1 + 2 - 5 = 0 */
    run(&p, &gradients);
    ck_assert_uint_eq(p.result.out, _i ? 3 : 0);
    ck_assert_uint_eq(p.result.excused, _i ? 0 : 3);
    if (!_i)
        ck_assert_str_eq(p.first_tie, "decoder.layers.0.ffn.fc1.bias [1] (relu)");
    free_pair(&p);
}
END_TEST

/* Two tasks of the same probability: r is the other one's, and so are the candidates. */
START_TEST(near_ties_of_the_task)
{
    pair p = { .result = { .count = 0 } };
    setting predicted = plain;
    const float tied[] = { 0.5f, 0.5f, 0.9f, 0.1f }, r[] = { 1, 2, 3, 4 }, other[] = { -2, 1, 3, 4 };
    add_batch(&p, 2, (const int[]){ 3, 2 }, 3);
    for (int side = 0; side < 2; side++) {
        thor_tensor_list *list = side ? &p.theirs : &p.ours;
        add(list, "task.probs", 2, 2, 0, tied);
        add(list, "task.mixed", 2, 2, 0, side ? other : r);
        add(list, "encoder.layers.0.output", 2, 3, 2, NULL);
        add(list, "encoder.layers.1.moe.task_probs", 2, 2, 0, side ? other : r);
        add(list, "encoder.layers.1.output", 2, 3, 2, NULL);
        add(list, "logits", 2, 3, 2, NULL);
    }
    run(&p, &plain);
    ck_assert_str_eq(p.result.first->name, "task.mixed");
    thor_comparison_free(&p.result);
    predicted.facts.predicted = true;
    run(&p, &predicted);
    ck_assert(p.result.out == 0 && p.ties == 1 && find(&p, "task.mixed")->excused == 2);
    ck_assert(find(&p, "encoder.layers.0.output")->excused == 0 && find(&p, "encoder.layers.1.output")->excused == 6);
    free_pair(&p);
}
END_TEST

/* Two rows of a sentence are the largest: the gradient may go to either. */
START_TEST(near_ties_of_the_maximum)
{
    pair p = { .result = { .count = 0 } };
    setting gradients = { .precision = "f32", .kind = THOR_COMPARE_GRADIENTS, .facts.pool_max = true };
    float stream[] = { 1, 2, 1, 0, 0, 1, 5, 1, 0, 0, 9, 9 };
    stream[0] = _i ? 1 : 3;                     /* rows 0 and 1 of unit 0 */
    add_batch(&p, 2, (const int[]){ 3, 2 }, 3);
    add(&p.ours, "encoder.layers.0.output", 2, 3, 2, stream);
    add(&p.ours, "encoder.layers.1.moe.output", 2, 3, 2, stream);
    add(&p.ours, "encoder.layers.0.ffn.fc2.bias", 2, 0, 0, NULL);
    add(&p.theirs, "encoder.layers.0.ffn.fc2.bias", 2, 0, 0, NULL)[0] += 0.01f;
    add(&p.ours, "decoder.layer_norm.bias", 2, 0, 0, NULL);
    add(&p.theirs, "decoder.layer_norm.bias", 2, 0, 0, NULL);
    run(&p, &gradients);
    ck_assert_uint_eq(p.result.out, _i ? 0 : 1);
    ck_assert_int_eq(p.ties, _i ? 1 : 0);
    free_pair(&p);
}
END_TEST

START_TEST(padding_is_named)
{
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "encoder.output", 2, 3, 2, NULL);
    add(&p.theirs, "encoder.output", 2, 3, 2, NULL);
    set_row(&p.ours, "encoder.output", 5, 2, 0);
    run(&p, &plain);
    ck_assert(p.result.out == 1 && strstr(p.result.items[0].why, "row [1,2] is 0 in ours, as padding is"));
    thor_comparison_free(&p.result);
    add_batch(&p, 2, (const int[]){ 3, 2 }, 3);
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 0);
    free_pair(&p);
}
END_TEST

/* ---- limits ----------------------------------------------------------------------------------------------------- */

START_TEST(precisions_have_limits)
{
    static const struct { const char *precision; double off; bool out; } cases[] = {
        { "f32", 2e-5, true }, { "tf32", 2e-5, false }, { "float16", 2e-5, false }, { "f16", 0.01, true },
        { "bf16", 0.01, false }, { "bfloat16", 0.1, true },
    };
    pair p = { .result = { .count = 0 } };
    setting with = { .precision = cases[_i].precision };
    add(&p.ours, "logits", 2, 3, 4, NULL);
    float *theirs = add(&p.theirs, "logits", 2, 3, 4, NULL);
    for (int i = 0; i < 24; i++)
        theirs[i] += (float)(i % 2 ? cases[_i].off : -cases[_i].off);
    run(&p, &with);
    ck_assert_uint_eq(p.result.out, cases[_i].out);
    free_pair(&p);
}
END_TEST

/* Between noise and the bound: said, and not out. */
START_TEST(suspicious)
{
    pair p = { .result = { .count = 0 } };
    setting with = { .precision = "f32" };
    add(&p.ours, "logits", 2, 3, 4, NULL);
    float *theirs = add(&p.theirs, "logits", 2, 3, 4, NULL);
    for (int i = 0; i < 24; i++)
        theirs[i] += i % 2 ? 4e-6f : -4e-6f;
    run(&p, &with);
    ck_assert(p.result.out == 0 && p.result.suspicious == 1 && p.result.first_suspicious == &p.result.items[0]);
    free_pair(&p);
}
END_TEST

START_TEST(missing_tensors)
{
    pair p = { .result = { .count = 0 } };
    setting with = plain;
    with.strict = _i;
    add(&p.ours, "logits", 2, 3, 4, NULL);
    add(&p.theirs, "logits", 2, 3, 4, NULL);
    add(&p.ours, "decoder.output", 2, 3, 4, NULL);
    run(&p, &with);
    ck_assert_uint_eq(p.result.out, (size_t)_i);
    if (_i)
        ck_assert_str_eq(p.result.first->name, "decoder.output");
    free_pair(&p);
}
END_TEST

/* Much of the file is off by more than rounding: no tensor alone is far enough. */
START_TEST(medians_of_gradients)
{
    pair p = { .result = { .count = 0 } };
    setting with = { .precision = "bf16", .kind = THOR_COMPARE_GRADIENTS };
    char name[64];
    for (int n = 0; n < 5; n++) {
        snprintf(name, sizeof name, "decoder.layers.%d.ffn_norm.weight", n);
        add(&p.ours, name, 4, 0, 0, NULL);
        float *theirs = add(&p.theirs, name, 4, 0, 0, NULL);
        for (int i = 0; i < 4 && n < (_i ? 3 : 2); i++)
            theirs[i] += i % 2 ? 0.06f : -0.06f;
    }
    run(&p, &with);
    ck_assert(_i ? p.result.out > 0 : p.result.out == 0);
    free_pair(&p);
}
END_TEST

/* Twelve target tokens: what is far off is out, and nothing else is judged. */
START_TEST(small_batches)
{
    pair p = { .result = { .count = 0 } };
    setting with = { .precision = _i ? "bf16" : "f32", .kind = THOR_COMPARE_GRADIENTS };
    add_batch(&p, 2, (const int[]){ 6, 6 }, 6);
    add(&p.ours, "decoder.layers.0.ffn_norm.weight", 4, 0, 0, NULL);
    add(&p.theirs, "decoder.layers.0.ffn_norm.weight", 4, 0, 0, NULL)[0] = 3;
    add(&p.ours, "decoder.layers.0.ffn_norm.bias", 4, 0, 0, NULL);
    add(&p.theirs, "decoder.layers.0.ffn_norm.bias", 4, 0, 0, NULL);
    run(&p, &with);
    ck_assert(p.result.out == 1 && p.result.shown == (size_t)_i && p.result.too_small == (_i == 1));
    free_pair(&p);
}
END_TEST

/* ---- patterns --------------------------------------------------------------------------------------------------- */

enum { FACTOR, SIGN, TOKENS, SWAP, SHAPE, EXPERTS, SHIFT, SUM_OF_ROWS, PADDED_MEAN, NOTHING, PATTERNS };

static void apply(int pattern, float *theirs, const float *ours)
{
    static const int lengths[] = { 3, 2 };
    static const float factors[] = { [FACTOR] = 2, [SIGN] = -1, [TOKENS] = 5 };
    for (int i = 0; i < 18; i++) {
        int sentence = i / 9, row = i / 3 % 3;
        theirs[i] = ours[i];
        if (pattern <= TOKENS)
            theirs[i] *= factors[pattern];
        if (pattern == SWAP || pattern == SHAPE)
            theirs[i] = ours[sentence * 9 + i % 3 * 3 + row];
        if (pattern == EXPERTS)
            theirs[i] = ours[i / 3 * 3 + (i + 1) % 3];
        if (pattern == SHIFT)
            theirs[i] = row > 0 ? ours[i - 3] : 0;
        if (pattern == SUM_OF_ROWS)
            theirs[i] *= (float)lengths[sentence];
        if (pattern == PADDED_MEAN)
            theirs[i] *= (float)lengths[sentence] / 3;
        if (pattern == NOTHING)
            theirs[i] *= 1 + 0.3f * (float)(i % 4);
    }
}

START_TEST(patterns)
{
    static const char *const said[] = { "times 2", "other sign", "sum in place of a mean", "axes 1 and 2 swapped",
                                        "axes 1 and 2 swapped", "another order: ours are 1 2 0", "our row l - 1",
                                        "sum over the sentence's rows", "padded length", "" };
    pair p = { .result = { .count = 0 } };
    float ours[18], theirs[18];
    for (int i = 0; i < 18; i++)
        ours[i] = (float)(i * i % 19) - 8.5f;
    apply(_i, theirs, ours);
    const char *name = _i == EXPERTS ? "encoder.layers.1.moe.router_probs" : "encoder.output";
    add_batch(&p, 2, (const int[]){ 3, 2 }, 3);
    add(&p.ours, name, 2, 3, 3, ours);
    add(&p.theirs, name, 2, 3, 3, theirs);
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 1);
    ck_assert_msg(strstr(p.result.items[0].why, said[_i]) && !p.result.items[0].why[0] == !said[_i][0], "%d: '%s'", _i,
                  p.result.items[0].why);
    free_pair(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tests = tcase_create("judge");
    tcase_add_test(tests, rows_are_followed);
    tcase_add_test(tests, what_a_tie_does_not_excuse);
    tcase_add_test(tests, near_ties_of_places);
    tcase_add_test(tests, near_ties_of_the_task);
    tcase_add_loop_test(tests, near_ties_of_the_maximum, 0, 2);
    tcase_add_test(tests, padding_is_named);
    tcase_add_loop_test(tests, units_of_relu_that_flip, 0, 2);
    tcase_add_loop_test(tests, precisions_have_limits, 0, 6);
    tcase_add_test(tests, suspicious);
    tcase_add_loop_test(tests, missing_tensors, 0, 2);
    tcase_add_loop_test(tests, medians_of_gradients, 0, 2);
    tcase_add_loop_test(tests, small_batches, 0, 2);
    tcase_add_loop_test(tests, patterns, 0, PATTERNS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
