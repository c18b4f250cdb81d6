#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "report/golden_order.h"

/* ---- order ----------------------------------------------------------------------------------------------------- */

START_TEST(order_of_a_step)
{
    static const char *const names[] = {
        "src_tokens", "encoder.embed.dropout", "encoder.embed.output", "encoder.layers.0.self_attn_norm.output",
        "encoder.layers.0.self_attn.q.output", "encoder.layers.0.self_attn.probs",
        "encoder.layers.0.self_attn.probs.dropout", "encoder.layers.0.self_attn.dropout",
        "encoder.layers.0.self_attn.output", "encoder.layers.0.ffn.dropout", "encoder.layers.0.ffn.output",
        "encoder.layers.0.output", "task.probs",
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
    setting strange = plain;
    strange.facts.capacity = strange.facts.predicted = strange.facts.pool_max = strange.facts.by_priority = true;
    pair p = { .result = { .count = 0 } };
    add(&p.ours, "encoder.layers.1.moe.selected", 3, 0, 0, NULL);
    add(&p.theirs, "encoder.layers.1.moe.selected", 3, 0, 0, NULL)[1] = 0;
    add(&p.ours, "encoder.layers.1.moe.candidates", 2, 0, 3, NULL);
    add(&p.theirs, "encoder.layers.1.moe.candidates", 2, 0, 3, NULL);
    add(&p.ours, "encoder.layers.2.moe.selected", 2, 3, 0, NULL);
    add(&p.theirs, "encoder.layers.2.moe.selected", 2, 3, 0, NULL)[1] = 0;
    static const char *const names[] = { "strange.moe.gates", "encoder.layers.1.moe.gates", "task.probs",
                                         "encoder.layers.3.moe.candidates",
                                         "encoder.layers.3.moe.task_probs", "logits", "task.mixed" };
    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++)
        add(i % 2 ? &p.ours : &p.theirs, names[i / 2], 3, 40, 5, NULL);
    add_batch(&p, 3, (const int[]){ 1, 2, 2 }, 2);
    run(&p, &strange);
    ck_assert_uint_eq(p.result.out, 2);
    ck_assert(find(&p, "encoder.layers.2.moe.selected")->wrong == 1);
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
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
