#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/compare.h"
#include "report/golden_order.h"

/* What a pair is judged with; rtol for every file. */
typedef struct setting {
    double rtol, tie;
    thor_compare_facts facts;
    thor_compare_kind kind;
    const char *precision;      /* NULL: rtol */
    bool strict;
} setting;

static const setting plain = { .rtol = 1e-4, .tie = 1e-6 };

/* Adds a float tensor with the shape a x b x c (0: no such dimension) filled from `values`, or with 1. */
static float *add(thor_tensor_list *list, const char *name, int64_t a, int64_t b, int64_t c, const float *values)
{
    thor_tensor like = { .dtype = THOR_F32, .dims = c ? 3 : b ? 2 : 1, .shape = { a, b, c } };
    void *data;
    snprintf(like.name, sizeof like.name, "%s", name);
    ck_assert_int_eq(thor_tensor_list_add(list, &like, &data, NULL), THOR_OK);
    for (int64_t i = 0; i < thor_tensor_count(&like); i++)
        ((float *)data)[i] = values ? values[i] : 1;
    return data;
}

typedef struct pair {
    thor_tensor_list ours, theirs, batch, initial;
    thor_comparison result;
    int64_t ties;
    char first_tie[256];
} pair;

static void run(pair *p, const setting *with)
{
    thor_error error;
    thor_judge *judge;
    thor_compare_options options = { .strict = with->strict };
    ck_assert(thor_compare_precision(&options, with->precision ? with->precision : "f32"));
    if (!with->precision)
        thor_compare_use_rtol(&options, with->rtol);
    options.tie = with->precision ? options.tie : with->tie;
    ck_assert(thor_judge_open(&judge, &options, &with->facts, &p->batch, &p->initial, &p->ours, &error) == THOR_OK);
    ck_assert_msg(thor_compare(&p->result, judge, with->kind, &p->ours, &p->theirs, &error) == THOR_OK, "%s", error.text);
    p->ties = thor_judge_ties(judge);
    snprintf(p->first_tie, sizeof p->first_tie, "%s", thor_judge_first_tie(judge));
    thor_judge_free(judge);
}

static void free_pair(pair *p)
{
    thor_comparison_free(&p->result);
    thor_tensor_list_free(&p->ours);
    thor_tensor_list_free(&p->theirs);
    thor_tensor_list_free(&p->batch);
    thor_tensor_list_free(&p->initial);
}

static const thor_difference *find(const pair *p, const char *name)
{
    for (size_t i = 0; i < p->result.count; i++)
        if (strcmp(p->result.items[i].name, name) == 0)
            return &p->result.items[i];
    ck_abort_msg("%s was not compared", name);
    return NULL;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

START_TEST(order_of_a_step)
{
    static const char *const names[] = {
        "src_tokens", "encoder.embed.dropout", "encoder.layers.0.self_attn.probs.dropout",
        "encoder.layers.0.self_attn.dropout", "encoder.layers.0.ffn.dropout", "encoder.layers.0.output", "task.probs",
        "task.mixed", "encoder.layers.1.moe.task_probs", "encoder.layers.1.moe.candidates",
        "encoder.layers.1.moe.context", "encoder.layers.1.moe.routing_input", "encoder.layers.1.moe.router_probs",
        "encoder.layers.1.moe.selected", "encoder.layers.1.moe.gates", "encoder.layers.1.moe.experts.dropout",
        "encoder.layers.1.moe.output", "encoder.layers.1.output", "encoder.layers.2.output",
        "encoder.layers.10.output", "encoder.output", "decoder.embed.dropout",
        "decoder.layers.0.cross_attn.probs.dropout", "decoder.layers.0.output", "decoder.output", "logits",
        "losses.nll", "losses.total",
        /* backward */
        "decoder.layer_norm.weight", "decoder.layers.1.moe.experts.fc2.bias", "decoder.layers.1.moe.router.weight",
        "decoder.layers.1.moe.context_gate.weight", "decoder.layers.1.ffn_norm.weight",
        "decoder.layers.1.cross_attn.o.weight", "decoder.layers.1.self_attn.q.weight",
        "decoder.layers.0.ffn.fc1.weight", "encoder.layer_norm.bias", "encoder.layers.1.moe.router.weight",
        "encoder.layers.1.self_attn_norm.weight", "task.embedding.weight", "task.predictor.weight",
        "encoder.layers.0.ffn.fc2.weight", "encoder.layers.0.self_attn_norm.bias", "embed.weight", "a.stranger",
    };
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(thor_golden_order(names[i - 1], 1) < thor_golden_order(names[i], 1), "%s comes before %s",
                      names[i - 1], names[i]);
    ck_assert(thor_golden_order("m.embed.weight", 1) == thor_golden_order("embed.weight", 1));
    ck_assert(thor_golden_order("encoder.layers.99999.output", 1) < thor_golden_order("encoder.output", 1));
    ck_assert(thor_golden_order("encoder.layers.99999999999.output", 1) == UINT64_MAX);
}
END_TEST

START_TEST(where_the_task_is_predicted)
{
    thor_tensor_list list = { .items = NULL };
    add(&list, "encoder.layers.0.output", 1, 0, 0, NULL);
    add(&list, "encoder.layers.3.moe.output", 1, 0, 0, NULL);
    add(&list, "encoder.layers.1.moe.output", 1, 0, 0, NULL);
    ck_assert_int_eq(thor_golden_first_mixture(&list), 1);
    thor_tensor_list_free(&list);
    add(&list, "encoder.layers.2.output", 1, 0, 0, NULL);
    ck_assert_int_eq(thor_golden_first_mixture(&list), 3);
    thor_tensor_list_free(&list);
}
END_TEST

/* ---- tolerance ------------------------------------------------------------------------------------------------- */

START_TEST(worst_first_and_where_it_begins)
{
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "encoder.layers.0.output", 2, 3, 4, NULL);
    add(&p.theirs, "encoder.layers.0.output", 2, 3, 4, NULL)[13] += 2e-4f;
    add(&p.ours, "decoder.output", 2, 3, 4, NULL);
    add(&p.theirs, "decoder.output", 2, 3, 4, NULL)[2] = 3;
    add(&p.ours, "encoder.output", 2, 3, 4, NULL);
    add(&p.theirs, "encoder.output", 2, 3, 4, NULL)[0] += 5e-5f;
    add(&p.ours, "logits", 2, 3, 4, NULL);
    add(&p.theirs, "strange", 2, 3, 4, NULL);
    run(&p, &plain);
    ck_assert_uint_eq(p.result.count, 3);
    ck_assert_uint_eq(p.result.out, 2);
    ck_assert_str_eq(p.result.items[0].name, "decoder.output");
    ck_assert(p.result.items[0].absolute == 2 && p.result.items[0].relative == 2 && p.result.items[0].theirs == 3);
    ck_assert(p.result.items[0].ulp == 2 * 0x1p23);
    ck_assert_str_eq(p.result.first->name, "encoder.layers.0.output");
    char at[96];
    ck_assert_str_eq(thor_position_text(at, 3, p.result.first->shape, p.result.first->at), "[1,0,1]");
    ck_assert(!find(&p, "encoder.output")->out && find(&p, "encoder.output")->differing == 1);
    ck_assert(p.result.ours_count == 1 && p.result.theirs_count == 1);
    ck_assert_str_eq(p.result.only_ours[0], "logits");
    ck_assert_str_eq(p.result.only_theirs[0], "strange");
    free_pair(&p);
}
END_TEST

START_TEST(what_is_not_finite_is_out)
{
    static const float bad[] = { NAN, INFINITY, -INFINITY };
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "logits", 2, 3, 4, NULL);
    add(&p.theirs, "logits", 2, 3, 4, NULL)[5] = bad[_i];
    run(&p, &plain);
    ck_assert(p.result.out == 1 && isinf(p.result.items[0].absolute) && p.result.items[0].at == 5);
    free_pair(&p);
}
END_TEST

START_TEST(shapes_differ)
{
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "logits", 2, 3, 4, NULL);
    add(&p.theirs, "logits", 2, 4, 3, NULL)[5] = 2;
    run(&p, &plain);
    ck_assert(p.result.out == 1 && p.result.items[0].other_shape);
    ck_assert_str_eq(p.result.items[0].why, "shape [2,3,4], theirs [2,4,3]");
    free_pair(&p);
}
END_TEST

/* Rounding errors of 0 are held to the scale of the weight beside them. */
START_TEST(key_biases)
{
    pair p = { .result = { .count = 0 } };
    const float noise[] = { 1e-9f, -2e-9f }, other[] = { -1e-6f, 3e-9f }, wrong[] = { 1e-2f, 0 };
    add(&p.ours, "encoder.layers.0.self_attn.k.weight", 2, 2, 0, NULL);
    add(&p.theirs, "encoder.layers.0.self_attn.k.weight", 2, 2, 0, NULL);
    add(&p.ours, "encoder.layers.0.self_attn.k.bias", 2, 0, 0, noise);
    add(&p.theirs, "encoder.layers.0.self_attn.k.bias", 2, 0, 0, _i ? wrong : other);
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, (size_t)_i);
    thor_comparison_free(&p.result);
    setting after = plain;
    after.kind = THOR_COMPARE_AFTER;
    after.facts.small_eps = true;
    run(&p, &after);
    ck_assert(p.result.out == 0 && !find(&p, "encoder.layers.0.self_attn.k.bias")->judged);
    free_pair(&p);
}
END_TEST

START_TEST(other_types_are_read)
{
    pair p = { .result = { .count = 0 } };
    const float values[] = { 1, 2, -0.5f, 0 };
    const uint16_t half[] = { 0x3c00, 0x4000, 0xb800, 0 };
    void *data;
    thor_tensor like = { .name = "logits", .dtype = THOR_F16, .dims = 1, .shape = { 4 } };
    add(&p.ours, "logits", 4, 0, 0, values);
    ck_assert_int_eq(thor_tensor_list_add(&p.theirs, &like, &data, NULL), THOR_OK);
    memcpy(data, half, sizeof half);
    run(&p, &plain);
    ck_assert(p.result.out == 0 && p.result.items[0].differing == 0);
    thor_comparison_free(&p.result);
    ((uint16_t *)data)[0]++;
    run(&p, &plain);
    ck_assert(p.result.out == 1 && p.result.items[0].ulp == 1);
    free_pair(&p);
}
END_TEST

/* ---- choices of experts ---------------------------------------------------------------------------------------- */

/* Sentences of these lengths on both sides. */
static void add_batch(pair *p, int64_t sentences, const int *lengths, int64_t width)
{
    static const char *const names[] = { "src_tokens", "tgt_in" };
    for (int side = 0; side < 2; side++) {
        thor_tensor like = { .dtype = THOR_I32, .dims = 2, .shape = { sentences, width } };
        void *data;
        snprintf(like.name, sizeof like.name, "%s", names[side]);
        ck_assert_int_eq(thor_tensor_list_add(&p->batch, &like, &data, NULL), THOR_OK);
        for (int64_t i = 0; i < sentences * width; i++)
            ((int32_t *)data)[i] = i % width < lengths[i / width] ? 7 : 1;
    }
}

/* Two sentences of one row, three experts; the second sentence's choice is what differs. */
static void route(pair *p, const float probs[6], const float ours[6], const float theirs[6], const float shifted[6])
{
    add_batch(p, 2, (const int[]){ 1, 1 }, 1);
    add(&p->ours, "encoder.layers.1.moe.router_probs", 2, 1, 3, probs);
    add(&p->theirs, "encoder.layers.1.moe.router_probs", 2, 1, 3, shifted ? shifted : probs);
    add(&p->ours, "encoder.layers.1.moe.selected", 2, 1, 3, ours);
    add(&p->theirs, "encoder.layers.1.moe.selected", 2, 1, 3, theirs);
    add(&p->ours, "encoder.layers.1.moe.output", 2, 1, 2, NULL);
    float *output = add(&p->theirs, "encoder.layers.1.moe.output", 2, 1, 2, NULL);
    output[2] = output[3] = 9;
}

START_TEST(near_ties_of_top_k)
{
    pair p = { .result = { .count = 0 } };
    const float probs[] = { 0.5f, 0.3f, 0.2f, 0.4f, 0.4000001f, 0.2f }, ours[] = { 1, 0, 0, 0, 1, 0 };
    const float theirs[] = { 1, 0, 0, 1, 0, 0 };
    route(&p, probs, ours, theirs, NULL);
    run(&p, &plain);
    const thor_difference *d = find(&p, "encoder.layers.1.moe.selected");
    ck_assert(d->ties == 1 && d->wrong == 0 && !d->out && d->gap > 0 && d->gap < 1e-6);
    /* The output of that sentence follows the other choice and is left out; the first sentence's is judged. */
    ck_assert(p.result.out == 0 && find(&p, "encoder.layers.1.moe.output")->excused == 2);
    ck_assert(p.result.excused == 2 && p.ties == 1);
    ck_assert_str_eq(p.first_tie, "encoder.layers.1.moe.selected [1,0]");
    thor_comparison_free(&p.result);
    setting strict = plain;
    strict.tie = 1e-9;
    run(&p, &strict);
    ck_assert(find(&p, "encoder.layers.1.moe.selected")->wrong == 1 && p.result.out == 2);
    ck_assert_str_eq(p.result.first->name, "encoder.layers.1.moe.selected");
    free_pair(&p);
}
END_TEST

START_TEST(near_ties_of_top_p)
{
    const float probs[] = { 0.6f, 0.3f, 0.1f, 0.3f, 0.5f, 0.2f }, ours[] = { 1, 0, 0, 0, 1, 0 };
    const float longer[] = { 1, 0, 0, 1, 1, 0 };
    const double p_of[] = { 0.5, 0.5 + 2e-7, 0.45, 0.9 };
    setting options = plain;
    options.facts.p = p_of[_i];
    pair p = { .result = { .count = 0 } };
    route(&p, probs, ours, longer, NULL);
    run(&p, &options);
    const thor_difference *d = find(&p, "encoder.layers.1.moe.selected");
    ck_assert(d->ties == (_i < 2) && d->wrong == (_i >= 2));
    free_pair(&p);
}
END_TEST

/* The same number of experts, but by a prefix that was cut short: no tie explains it. */
START_TEST(cut_prefixes_are_wrong)
{
    const float probs[] = { 0.6f, 0.3f, 0.1f, 0.3f, 0.4f, 0.3f }, ours[] = { 1, 0, 0, 1, 1, 0 };
    const float theirs[] = { 1, 0, 0, 0, 1, 0 };
    setting options = plain;
    options.facts.p = 0.5;
    pair p = { .result = { .count = 0 } };
    route(&p, probs, ours, theirs, NULL);
    run(&p, &options);
    ck_assert(find(&p, "encoder.layers.1.moe.selected")->wrong == 1);
    ck_assert_str_eq(p.result.first->name, "encoder.layers.1.moe.selected");
    free_pair(&p);
}
END_TEST

/* Somebody's file may hold anything under these names. */
START_TEST(choices_of_any_shape)
{
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "encoder.layers.1.moe.selected", 3, 0, 0, NULL);
    add(&p.theirs, "encoder.layers.1.moe.selected", 3, 0, 0, NULL)[1] = 0;
    add(&p.ours, "encoder.layers.1.moe.candidates", 2, 0, 3, NULL);
    add(&p.theirs, "encoder.layers.1.moe.candidates", 2, 0, 3, NULL);
    add(&p.ours, "encoder.layers.2.moe.selected", 2, 3, 0, NULL);
    add(&p.theirs, "encoder.layers.2.moe.selected", 2, 3, 0, NULL)[1] = 0;
    run(&p, &plain);
    ck_assert_uint_eq(p.result.out, 2);
    ck_assert(find(&p, "encoder.layers.2.moe.selected")->wrong == 1);
    free_pair(&p);
}
END_TEST

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
    Suite *suite = suite_create("compare");
    TCase *tests = tcase_create("compare");
    tcase_add_test(tests, order_of_a_step);
    tcase_add_test(tests, where_the_task_is_predicted);
    tcase_add_test(tests, worst_first_and_where_it_begins);
    tcase_add_loop_test(tests, what_is_not_finite_is_out, 0, 3);
    tcase_add_test(tests, shapes_differ);
    tcase_add_loop_test(tests, key_biases, 0, 2);
    tcase_add_test(tests, other_types_are_read);
    tcase_add_test(tests, near_ties_of_top_k);
    tcase_add_loop_test(tests, near_ties_of_top_p, 0, 4);
    tcase_add_test(tests, cut_prefixes_are_wrong);
    tcase_add_test(tests, choices_of_any_shape);
    tcase_add_test(tests, rows_are_followed);
    tcase_add_test(tests, what_a_tie_does_not_excuse);
    tcase_add_test(tests, near_ties_of_places);
    tcase_add_loop_test(tests, units_of_relu_that_flip, 0, 2);
    tcase_add_loop_test(tests, precisions_have_limits, 0, 6);
    tcase_add_test(tests, suspicious);
    tcase_add_loop_test(tests, missing_tensors, 0, 2);
    tcase_add_loop_test(tests, medians_of_gradients, 0, 2);
    tcase_add_loop_test(tests, patterns, 0, PATTERNS);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
