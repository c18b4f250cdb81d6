/* What stands around the words of a sentence, names of directions, and labels. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/labels.h"
#include "model/sequence.h"

static thor_config config;
static const char *const first = "abcdefghijklmnopqrstuvwxyz_abcde", *const second = "abcdefghijklmnopqrstuvwxyz-abcde";

/* 10 pieces, three languages, two of them with codes of 32 letters that differ late. */
static void take(void)
{
    ck_assert_int_eq(thor_config_recipe(&config, "thor-top2", NULL), THOR_OK);
    ck_assert_int_eq(thor_names_add(&config.languages, "en", NULL), THOR_OK);
    ck_assert_int_eq(thor_names_add(&config.languages, first, NULL), THOR_OK);
    ck_assert_int_eq(thor_names_add(&config.languages, second, NULL), THOR_OK);
    config.vocab.ids = (int32_t)thor_sequence_ids(10, 3);
}

static void give(void)
{
    thor_config_free(&config);
}

static void add(int32_t source, int32_t target)
{
    char name[THOR_DIRECTION_NAME];
    thor_error error;
    ck_assert_msg(thor_directions_add(&config.pairs, thor_config_direction(name, &config, source, target), &error) ==
                  THOR_OK, "%s", error.text);
}

START_TEST(frames_stand_around_words)
{
    int32_t ids[8], in[5], out[5];
    ck_assert_int_eq(config.vocab.ids, 18);
    ck_assert_int_eq(thor_source_extra(&config), 3);
    ck_assert_ptr_eq(thor_source_frame(ids, &config, 1, 3), ids + 2);
    ck_assert_int_eq(ids[0], 14);
    ck_assert_int_eq(ids[1], 16);
    ck_assert_int_eq(ids[5], THOR_ID_EOS);
    config.moe.system = THOR_SYSTEM_DENSE;
    ck_assert_int_eq(thor_source_extra(&config), 2);
    ck_assert_ptr_eq(thor_source_frame(ids, &config, 2, 0), ids + 1);
    ck_assert_int_eq(ids[0], 17);
    ck_assert_int_eq(ids[1], THOR_ID_EOS);
    thor_target_frame(in, out, &config, 0, 3);
    ck_assert_int_eq(in[0], THOR_ID_EOS);
    ck_assert_int_eq(in[1], 15);
    ck_assert_int_eq(out[0], 15);
    ck_assert_int_eq(out[4], THOR_ID_EOS);
}
END_TEST

START_TEST(long_codes_have_directions)
{
    config.task.label = THOR_LABEL_PAIR;
    add(2, 1);
    add(0, 1);
    add(1, 2);
    add(2, 1);
    ck_assert_int_eq(config.pairs.count, 3);
    thor_error error;
    ck_assert_msg(thor_config_check(&config, &error) == THOR_OK, "%s", error.text);
    for (int32_t i = 1; i < config.pairs.count; i++)
        ck_assert_int_lt(strcmp(config.pairs.items[i - 1], config.pairs.items[i]), 0);
    ck_assert_int_eq(thor_direction_label(&config, 2, 1, -1), 0);
    ck_assert_int_eq(thor_direction_label(&config, 1, 2, -1), 1);
    ck_assert_int_eq(thor_direction_label(&config, 0, 1, -1), 2);
    ck_assert_int_eq(thor_direction_label(&config, 0, 2, -1), -1);
}
END_TEST

START_TEST(labels_follow_their_kind)
{
    config.task.label = THOR_LABEL_TARGET_LANGUAGE;
    ck_assert_int_eq(thor_direction_label(&config, 0, 2, -1), 2);
    config.task.label = THOR_LABEL_SOURCE_LANGUAGE;
    ck_assert_int_eq(thor_direction_label(&config, 0, 2, -1), 0);
    config.task.label = THOR_LABEL_DOMAIN;
    ck_assert_int_eq(thor_direction_label(&config, 0, 2, 1), 1);
    ck_assert_int_eq(thor_direction_label(&config, 0, 2, -1), -1);
    ck_assert_ptr_eq(thor_task_names(&config), &config.domains);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sequence");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, take, give);
    tcase_add_test(tests, frames_stand_around_words);
    tcase_add_test(tests, long_codes_have_directions);
    tcase_add_test(tests, labels_follow_their_kind);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
