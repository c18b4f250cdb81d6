/* Order and batches of a list of sentences, against cases worked out by hand and against rules that always hold. */

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "data/plan.h"

static thor_error error;

static thor_plan make_plan(const uint16_t *sizes, int64_t count)
{
    thor_plan plan = { .entries = NULL };
    ck_assert_int_eq(thor_plan_clear(&plan, count, &error), THOR_OK);
    for (int64_t i = 0; i < count; i++)
        plan.entries[i] = (thor_entry){ .sentence = (uint32_t)i, .source = sizes[i], .target = 1 };
    plan.entry_count = count;
    return plan;
}

/* `wanted`: numbers of sentences of the batches, 0 behind the last. */
static void expect_batches(const uint16_t *sizes, int64_t count, int64_t max_tokens, const int64_t *wanted)
{
    thor_plan plan = make_plan(sizes, count);
    ck_assert_int_eq(thor_plan_cut(&plan, max_tokens, &error), THOR_OK);
    int64_t batch = 0;
    for (; wanted[batch] > 0; batch++) {
        ck_assert_int_lt(batch, plan.batch_count);
        ck_assert_int_eq(plan.starts[batch + 1] - plan.starts[batch], wanted[batch]);
    }
    ck_assert_int_eq(plan.batch_count, batch);
    thor_plan_free(&plan);
}

#define SIZES(...) (uint16_t[]){ __VA_ARGS__ }, (int64_t)(sizeof(uint16_t[]){ __VA_ARGS__ } / sizeof(uint16_t))
#define WANTED(...)                                                                                                    \
    (int64_t[])                                                                                                        \
    {                                                                                                                  \
        __VA_ARGS__, 0                                                                                                 \
    }

START_TEST(batches_by_hand)
{
    expect_batches(NULL, 0, 10, (int64_t[]){ 0 });
    /* All sixteen fit; the four behind are below 8, which is as good as a multiple. */
    expect_batches(SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 16, WANTED(16, 4));
    /* The ninth fits but waits for sixteen; the tenth does not fit; both are the next batch. */
    expect_batches(SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 9, WANTED(8, 2));
    /* Seven wait when one comes that is too long even for them. */
    expect_batches(SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10), 16, WANTED(8, 7, 1));
    /* What waits at the end is a batch of its own. */
    expect_batches(SIZES(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 100, WANTED(8, 3));
    /* Longer than allowed: alone. */
    expect_batches(SIZES(1, 50, 60, 1), 10, WANTED(1, 1, 1, 1));
    expect_batches(SIZES(3, 3, 4, 4, 5), 12, WANTED(3, 2));
}
END_TEST

static void expect_rules(const thor_plan *plan, int64_t max_tokens)
{
    ck_assert_int_eq(plan->starts[0], 0);
    ck_assert_int_eq(plan->starts[plan->batch_count], plan->entry_count);
    for (int64_t batch = 0; batch < plan->batch_count; batch++) {
        int64_t sentences = plan->starts[batch + 1] - plan->starts[batch], longest = 0;
        ck_assert_int_gt(sentences, 0);
        for (int64_t i = plan->starts[batch]; i < plan->starts[batch + 1]; i++)
            if (plan->entries[i].source > longest)
                longest = plan->entries[i].source;
        ck_assert_int_le(sentences * longest, max_tokens);
    }
}

START_TEST(batches_keep_the_rules)
{
    thor_rng rng = thor_rng_make(7, THOR_SITE_TEST, (uint32_t)_i, 0);
    int64_t count = 200, max_tokens = 20 + 10 * _i;
    uint16_t sizes[200];
    for (int64_t i = 0; i < count; i++)
        sizes[i] = (uint16_t)(1 + thor_rng_below(&rng, (uint64_t)i, 20));
    thor_plan plan = make_plan(sizes, count);
    ck_assert_int_eq(thor_plan_cut(&plan, max_tokens, &error), THOR_OK);
    expect_rules(&plan, max_tokens);
    ck_assert_int_eq(thor_plan_sort(&plan, &error), THOR_OK);
    ck_assert_int_eq(thor_plan_cut(&plan, max_tokens, &error), THOR_OK);
    expect_rules(&plan, max_tokens);
    thor_plan_free(&plan);
}
END_TEST

START_TEST(sorting_is_by_source_then_target_and_stable)
{
    static const uint16_t lengths[][2] = {
        { 3, 1 }, { 2, 9 }, { 3, 1 }, { 2, 4 }, { 65535, 1 }, { 2, 9 }, { 1, 65535 }
    };
    static const uint32_t wanted[] = { 6, 3, 1, 5, 0, 2, 4 };
    thor_plan plan = make_plan(lengths[0], 7);
    for (int i = 0; i < 7; i++) {
        plan.entries[i].source = lengths[i][0];
        plan.entries[i].target = lengths[i][1];
    }
    ck_assert_int_eq(thor_plan_sort(&plan, &error), THOR_OK);
    for (int i = 0; i < 7; i++)
        ck_assert_uint_eq(plan.entries[i].sentence, wanted[i]);
    thor_plan_free(&plan);
}
END_TEST

START_TEST(shuffling_permutes)
{
    uint32_t items[1000];
    bool seen[1000] = { false };
    thor_rng rng = thor_rng_make(3, THOR_SITE_TEST, 1, 0);
    int64_t at_home = 0;
    for (uint32_t i = 0; i < 1000; i++)
        items[i] = i;
    thor_shuffle_words(items, 1000, 1000, &rng);
    for (uint32_t i = 0; i < 1000; i++) {
        ck_assert(items[i] < 1000 && !seen[items[i]]);
        seen[items[i]] = true;
        at_home += items[i] == i;
    }
    ck_assert_int_lt(at_home, 10);
    /* The first items do not depend on how many are wanted. */
    uint32_t few[1000];
    for (uint32_t i = 0; i < 1000; i++)
        few[i] = i;
    thor_shuffle_words(few, 1000, 10, &rng);
    for (int i = 0; i < 10; i++)
        ck_assert_uint_eq(few[i], items[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plan");
    TCase *tests = tcase_create("plan");
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, batches_by_hand);
    tcase_add_loop_test(tests, batches_keep_the_rules, 0, 20);
    tcase_add_test(tests, sorting_is_by_source_then_target_and_stable);
    tcase_add_test(tests, shuffling_permutes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
