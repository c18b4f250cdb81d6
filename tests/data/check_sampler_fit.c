/* What a sampler takes from the configuration: lengths, directions, labels; and what does not fit together. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sampler_fixture.h"

START_TEST(longer_sentences_are_left_out)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("dense");
    at.config.batch.max_pieces = 5;
    at.config.batch.temperature = 1;
    open_sampler();
    int64_t found = 0, wanted = 0;
    for (int32_t pair = 0; pair < 3; pair++)
        for (int64_t i = 0; i < three_pairs[pair][THOR_TRAIN]; i++) {
            int32_t first, second;
            thor_prepared_ids(&at.corpus, pair, THOR_TRAIN, 0, i, &first);
            thor_prepared_ids(&at.corpus, pair, THOR_TRAIN, 1, i, &second);
            wanted += 2 * (first <= 5 && second <= 5);
        }
    thor_position position = { .epoch = 0 };
    for (;;) {
        const thor_batch *shards;
        int32_t count;
        must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
        if (position.epoch > 0)
            break;
        for (int32_t i = 0; i < count; i++) {
            ck_assert_int_le(shards[i].source_width, 7);
            ck_assert_int_le(shards[i].target_width, 7);
            found += shards[i].sentences;
        }
    }
    ck_assert_int_eq(found, wanted);
    const thor_batch *batch;
    int64_t tested = 0;
    for (int64_t index = 0; tested < 1000; index++) {
        must(thor_sampler_fixed(at.sampler, THOR_TEST, 0, index, &batch, NULL, &at.error));
        if (batch->sentences == 0)
            break;
        tested += batch->sentences;
    }
    ck_assert_int_eq(tested, three_pairs[0][THOR_TEST]);
}
END_TEST

static void expect_usage(const char *word)
{
    at.error.text[0] = '\0';
    ck_assert_int_eq(thor_sampler_open(&at.sampler, &at.corpus, &at.config, NULL, 0, &at.error), THOR_E_USAGE);
    ck_assert_ptr_null(at.sampler);
    ck_assert_msg(strstr(at.error.text, word) != NULL, "'%s' lacks '%s'", at.error.text, word);
}

START_TEST(what_does_not_fit_is_refused)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    at.config.vocab.ids--;
    expect_usage("vocab.ids");
    at.config.vocab.ids++;
    at.config.batch.max_tokens = 22;
    expect_usage("batch.max_tokens");
    at.config.batch.max_tokens = 200;
    at.config.task.label = THOR_LABEL_DOMAIN;
    expect_usage("task.label");
    at.config.task.label = THOR_LABEL_PAIR;
    expect_usage("task.label");
    at.config.task.label = THOR_LABEL_TARGET_LANGUAGE;
    at.config.languages.items[1][0] = 'z';
    expect_usage("bb");
}
END_TEST

START_TEST(labels_follow_the_configuration)
{
    make_corpus("corpus", 3, three_pairs, 20, true);
    open_corpus("thor-top2");
    for (int i = 2; i >= 0; i--)
        must(thor_names_add(&at.config.domains, (char[]){ 'd', (char)('0' + i), '\0' }, &at.error));
    static const char *const pairs[] = { "aa-bb", "aa-cc", "aa-dd", "bb-aa", "cc-aa", "dd-aa" };
    for (int i = 0; i < 6; i++)
        must(thor_names_add(&at.config.pairs, pairs[i], &at.error));
    static const struct {
        thor_task_label label;
        int32_t wanted[6];
    } cases[] = { { THOR_LABEL_TARGET_LANGUAGE, { 1, 0, 2, 0, 3, 0 } },
                  { THOR_LABEL_SOURCE_LANGUAGE, { 0, 1, 0, 2, 0, 3 } },
                  { THOR_LABEL_PAIR, { 0, 3, 1, 4, 2, 5 } },
                  { THOR_LABEL_DOMAIN, { 2, 2, 1, 1, 0, 0 } } };
    for (int i = 0; i < 4; i++) {
        int32_t count;
        at.config.task.label = cases[i].label;
        open_sampler();
        const thor_direction *directions = thor_sampler_directions(at.sampler, &count);
        ck_assert_int_eq(count, 6);
        for (int k = 0; k < 6; k++) {
            ck_assert_int_eq(directions[k].label, cases[i].wanted[k]);
            ck_assert_int_eq(directions[k].domain, k / 2);
        }
        thor_sampler_close(at.sampler);
        at.sampler = NULL;
    }
}
END_TEST

/* Only the directions asked for are drawn. */
START_TEST(directions_can_be_chosen)
{
    make_corpus("corpus", 3, three_pairs, 20, false);
    open_corpus("thor-top2");
    thor_direction wanted[2] = { { .pair = 2, .source_side = 1 }, { .pair = 0, .source_side = 0 } };
    must(thor_sampler_open(&at.sampler, &at.corpus, &at.config, wanted, 2, &at.error));
    thor_position position = { .epoch = 0 };
    const thor_batch *shards;
    int32_t count;
    must(thor_sampler_next(at.sampler, &position, &shards, &count, &at.error));
    for (int32_t i = 0; i < count; i++)
        for (int64_t b = 0; b < shards[i].sentences; b++)
            ck_assert((shards[i].source_language[b] == 3 && shards[i].target_language[b] == 0) ||
                      (shards[i].source_language[b] == 0 && shards[i].target_language[b] == 1));
    thor_sampler_close(at.sampler);
    wanted[0].pair = 3;
    ck_assert_int_eq(thor_sampler_open(&at.sampler, &at.corpus, &at.config, wanted, 2, &at.error), THOR_E_USAGE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sampler_fit");
    TCase *tests = tcase_create("sampler_fit");
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, longer_sentences_are_left_out);
    tcase_add_test(tests, what_does_not_fit_is_refused);
    tcase_add_test(tests, labels_follow_the_configuration);
    tcase_add_test(tests, directions_can_be_chosen);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
