/* The mean of checkpoints: its values, what it is written beside, and what has none. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/average.h"
#include "file/checkpoint.h"
#include "file/checksums.h"
#include "file/config_json.h"

static char folder[64];

static char *inside(const char *name)
{
    static char text[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(text[next], sizeof text[next], "%s/%s", folder, name);
    return text[next];
}

static void open_model(thor_model *model, const char *setting, uint64_t seed)
{
    thor_config config;
    thor_error error;
    ck_assert_int_eq(thor_config_recipe(&config, "thor-top2", &error), THOR_OK);
    ck_assert_int_eq(thor_config_scale(&config, "tiny", &error), THOR_OK);
    ck_assert_int_eq(thor_config_set(&config, "languages=de,en", &error), THOR_OK);
    ck_assert_int_eq(thor_config_set(&config, "vocab.ids=30", &error), THOR_OK);
    if (setting)
        ck_assert_int_eq(thor_config_set(&config, setting, &error), THOR_OK);
    ck_assert_msg(thor_model_open(model, &config, &error) == THOR_OK, "%s", error.text);
    thor_params_init(model->values, &model->params, seed);
    thor_config_free(&config);
}

static void write_model(thor_model *model, const char *name, const char *vocabulary, const char *version)
{
    thor_error error;
    thor_checkpoint checkpoint = { .model = model, .vocabulary = vocabulary, .vocabulary_count = strlen(vocabulary),
                                   .version = version };
    ck_assert_msg(thor_checkpoint_write(inside(name), &checkpoint, &error) == THOR_OK, "%s", error.text);
}

static void write_seeded(const char *name, const char *setting, uint64_t seed, const char *vocabulary)
{
    thor_model model;
    open_model(&model, setting, seed);
    write_model(&model, name, vocabulary, "0.0");
    thor_model_close(&model);
}

static void set_up(void)
{
    snprintf(folder, sizeof folder, "scratch-check_average-%ld", (long)getpid());
    ck_assert_int_eq(thor_make_folder(folder, NULL), THOR_OK);
    write_seeded("step-000009", NULL, 1, "vocabulary");
    write_seeded("step-000010", NULL, 2, "vocabulary");
    write_seeded("step-1000000", NULL, 3, "vocabulary");
    ck_assert_int_eq(thor_make_folder(inside("step-000011.part-7"), NULL), THOR_OK);
    ck_assert_int_eq(thor_make_folder(inside("step-12"), NULL), THOR_OK);
}

static void tear_down(void)
{
    ck_assert_int_eq(thor_remove_folder(folder, NULL), THOR_OK);
}

static thor_status average(const char *first, const char *second, const char *third, thor_error *error)
{
    thor_average_list list = { .folders = NULL };
    const char *names[] = { first, second, third };
    for (int i = 0; i < 3 && names[i]; i++)
        ck_assert_msg(thor_average_list_add(&list, inside(names[i]), error) == THOR_OK, "%s", error->text);
    thor_status status = thor_average_write(inside("mean"), &list, "1.0", error);
    thor_average_list_free(&list);
    return status;
}

/* In double, in the order given: the same three values in another order may differ in the last bit. */
START_TEST(values)
{
    thor_model models[3], mean;
    thor_error error;
    const char *names[] = { "step-000009", "step-000010", "step-1000000" };
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(thor_checkpoint_open(&models[i], NULL, inside(names[i]), &error), THOR_OK);
    int64_t at = models[0].params.items[0].offset;
    static const float hard[3] = { 1e30f, 1.0f, -1e30f };       /* (1e30 + 1) - 1e30 is 0 in double */
    for (int i = 0; i < 3; i++) {
        models[i].values[at] = hard[i];
        write_model(&models[i], names[i], "vocabulary", i == 1 ? "0.5" : "0.0");
    }
    ck_assert_msg(average(names[0], names[1], names[2], &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_checkpoint_open(&mean, NULL, inside("mean"), &error) == THOR_OK, "%s", error.text);
    ck_assert(mean.values[at] == 0);
    for (int32_t p = 0; p < mean.params.count; p++)
        for (int64_t i = mean.params.items[p].offset, end = i + mean.params.items[p].count; i < end; i++) {
            double sum = ((double)models[0].values[i] + (double)models[1].values[i]) + (double)models[2].values[i];
            ck_assert(mean.values[i] == (float)(sum / 3));
        }
    thor_model_close(&mean);
    ck_assert_int_eq(thor_remove_folder(inside("mean"), NULL), THOR_OK);
    ck_assert_int_eq(average(names[0], names[2], names[1], &error), THOR_OK);
    ck_assert_int_eq(thor_checkpoint_open(&mean, NULL, inside("mean"), &error), THOR_OK);
    ck_assert(mean.values[at] == (float)(1.0 / 3));
    thor_model_close(&mean);
    for (int i = 0; i < 3; i++)
        thor_model_close(&models[i]);
}
END_TEST

START_TEST(what_is_written)
{
    thor_error error;
    struct stat facts;
    char *text, one[65], mean[65];
    size_t count;
    ck_assert_msg(average("step-000009", NULL, NULL, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_ne(stat(inside("mean/optimizer.safetensors"), &facts), 0);
    ck_assert_int_eq(thor_checksums_of(one, inside("step-000009"), "weights.safetensors", &error), THOR_OK);
    ck_assert_int_eq(thor_checksums_of(mean, inside("mean"), "weights.safetensors", &error), THOR_OK);
    ck_assert_str_eq(one, mean);
    ck_assert_int_eq(thor_read_file(inside("mean/state.json"), 1 << 16, &text, &count, &error), THOR_OK);
    ck_assert_ptr_nonnull(strstr(text, "step-000009"));
    ck_assert_ptr_nonnull(strstr(text, one));
    free(text);
    ck_assert_int_eq(thor_read_file(inside("mean/SHA256SUMS"), 1 << 16, &text, &count, &error), THOR_OK);
    ck_assert_ptr_nonnull(strstr(text, "state.json"));
    free(text);
    ck_assert_int_eq(average("step-000009", NULL, NULL, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "exists already"));
}
END_TEST

START_TEST(what_has_no_mean)
{
    thor_error error = { .text = "" };
    thor_model model;
    struct stat facts;
    write_seeded("other", "search.beam=3", 1, "vocabulary");
    ck_assert_int_eq(average("step-000009", "step-000010", "other", &error), THOR_E_FAILED);
    ck_assert_msg(strstr(error.text, "search.beam is 5") && strstr(error.text, "but 3 in"), "%s", error.text);
    write_seeded("other", NULL, 1, "vocabulari");
    ck_assert_int_eq(average("step-000009", "other", NULL, &error), THOR_E_FAILED);
    ck_assert_msg(strstr(error.text, "other/vocab.model has"), "%s", error.text);
    open_model(&model, NULL, 1);
    model.values[model.params.items[3].offset] = NAN;
    write_model(&model, "other", "vocabulary", "0.0");
    ck_assert_int_eq(average("step-000009", "other", NULL, &error), THOR_E_NUMBER);
    ck_assert_msg(strstr(error.text, model.params.items[3].name), "%s", error.text);
    thor_model_close(&model);
    ck_assert_int_eq(truncate(inside("other/weights.safetensors"), 5000), 0);
    ck_assert_int_eq(average("step-000009", "other", NULL, &error), THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, "other/weights.safetensors"), "%s", error.text);
    ck_assert_int_ne(stat(inside("mean"), &facts), 0);
}
END_TEST

START_TEST(the_newest_of_a_run)
{
    thor_average_list list = { .folders = NULL };
    thor_error error;
    ck_assert_msg(thor_average_list_newest(&list, folder, 2, &error) == THOR_OK, "%s", error.text);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.folders[0], inside("step-000010"));
    ck_assert_str_eq(list.folders[1], inside("step-1000000"));
    thor_average_list_free(&list);
    ck_assert_int_eq(thor_average_list_newest(&list, folder, 4, &error), THOR_E_FAILED);
    ck_assert_msg(strstr(error.text, "has 3 checkpoints") && strstr(error.text, "--keep"), "%s", error.text);
    ck_assert_int_eq(thor_average_list_newest(&list, inside("nowhere"), 1, &error), THOR_E_IO);
    thor_average_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("average");
    TCase *tests = tcase_create("average");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, values);
    tcase_add_test(tests, what_is_written);
    tcase_add_test(tests, what_has_no_mean);
    tcase_add_test(tests, the_newest_of_a_run);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
