/* Checkpoint folders: whole or not at all, and what does not fit is named. */
#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/checkpoint.h"
#include "file/config_json.h"
#include "file/safetensors.h"

static char *folder;            /* of this test */

static char *inside(const char *name)
{
    static char text[1024];
    snprintf(text, sizeof text, "%s/%s", folder, name);
    return text;
}

static void set_up(void)
{
    static char name[64];
    snprintf(name, sizeof name, "scratch-check_checkpoint-%ld", (long)getpid());
    folder = name;
    ck_assert_int_eq(thor_make_folder(folder, NULL), THOR_OK);
}

static void tear_down(void)
{
    ck_assert_int_eq(thor_remove_folder(folder, NULL), THOR_OK);
}

static const thor_state state = { .updates = 7, .epoch = 1, .batch = 3, .tokens = 99, .seconds = 1.25, .best_nll = 0.1,
                                  .best_updates = 5, .best_score = 31.5, .best_by = "chrf", .validated = 6, .worse = 1,
                                  .group_best = 0.2, .grown = 6, .metrics_bytes = 12, .data = "abc",
                                  .vocabulary = "def" };

static void open_model(thor_model *model, const char *setting)
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
    thor_params_init(model->values, &model->params, 1, NULL);
    thor_config_free(&config);
}

static thor_status write_model(thor_model *model, thor_error *error)
{
    thor_checkpoint checkpoint = { .model = model, .m = model->values, .v = model->values, .state = &state,
                                   .vocabulary = "vocabulary", .vocabulary_count = 10, .version = "0.0" };
    return thor_checkpoint_write(inside("last"), &checkpoint, error);
}

static void must_write(thor_model *model)
{
    thor_error error;
    ck_assert_msg(write_model(model, &error) == THOR_OK, "%s", error.text);
}

START_TEST(comes_back)
{
    thor_model model, again;
    thor_state read;
    thor_error error;
    open_model(&model, NULL);
    must_write(&model);
    must_write(&model);
    ck_assert_msg(thor_checkpoint_open(&again, NULL, inside("last"), &error) == THOR_OK, "%s", error.text);
    size_t bytes = (size_t)model.params.floats * sizeof(float);
    ck_assert_mem_eq(again.values, model.values, bytes);
    float *m = calloc(1, bytes), *v = calloc(1, bytes);
    ck_assert_msg(thor_checkpoint_moments(&again.params, m, v, inside("last"), &error) == THOR_OK, "%s", error.text);
    ck_assert_mem_eq(m, model.values, bytes);
    ck_assert_mem_eq(v, model.values, bytes);
    ck_assert_msg(thor_checkpoint_state(&read, inside("last"), &error) == THOR_OK, "%s", error.text);
    ck_assert(read.updates == 7 && read.epoch == 1 && read.batch == 3 && read.tokens == 99 && read.seconds == 1.25);
    ck_assert(read.group_best == 0.2 && read.grown == 6);
    ck_assert(read.best_nll == 0.1 && read.best_updates == 5 && read.best_score == 31.5 &&
              strcmp(read.best_by, "chrf") == 0 && read.validated == 6 && read.worse == 1 &&
              read.metrics_bytes == 12);
    ck_assert(strcmp(read.data, "abc") == 0 && strcmp(read.vocabulary, "def") == 0);
    free(m);
    free(v);
    thor_model_close(&again);
    thor_model_close(&model);
}
END_TEST

START_TEST(is_found)
{
    thor_model model;
    thor_error error;
    char *found;
    ck_assert_int_eq(thor_checkpoint_find(&found, folder, &error), THOR_E_IO);
    ck_assert_ptr_nonnull(strstr(error.text, folder));
    open_model(&model, NULL);
    must_write(&model);
    ck_assert_int_eq(thor_checkpoint_find(&found, folder, &error), THOR_OK);
    ck_assert_str_eq(found, inside("last"));
    free(found);
    ck_assert_int_eq(thor_checkpoint_find(&found, inside("last"), &error), THOR_OK);
    free(found);
    thor_model_close(&model);
}
END_TEST

/* A disk that is full in the middle: the file-size limit makes one. */
START_TEST(full_disk_keeps_the_old_one)
{
    thor_model model, again;
    thor_error error;
    open_model(&model, NULL);
    must_write(&model);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t most = 100; most < 2000000; most *= 7) {
        struct rlimit before, limit;
        getrlimit(RLIMIT_FSIZE, &before);
        limit = before;
        limit.rlim_cur = most;
        setrlimit(RLIMIT_FSIZE, &limit);
        thor_status status = write_model(&model, &error);
        setrlimit(RLIMIT_FSIZE, &before);
        ck_assert_msg(status == (most > 1000000 ? THOR_OK : THOR_E_IO), "%lld bytes: %s", (long long)most, error.text);
        ck_assert_msg(thor_checkpoint_open(&again, NULL, inside("last"), &error) == THOR_OK, "%s", error.text);
        thor_model_close(&again);
    }
    thor_model_close(&model);
}
END_TEST

START_TEST(left_overs_are_tidied)
{
    thor_model model;
    struct stat facts;
    open_model(&model, NULL);
    must_write(&model);
    ck_assert_int_eq(rename(inside("last"), "scratch-moved"), 0);
    ck_assert_int_eq(rename("scratch-moved", inside("last.old-77")), 0);
    ck_assert_int_eq(thor_make_folder(inside("last.part-78"), NULL), THOR_OK);
    ck_assert_int_eq(thor_make_folder(inside("last.part-of-me"), NULL), THOR_OK);
    thor_checkpoint_tidy(inside("last"));
    ck_assert_int_eq(stat(inside("last/weights.safetensors"), &facts), 0);
    ck_assert_int_ne(stat(inside("last.old-77"), &facts), 0);
    ck_assert_int_ne(stat(inside("last.part-78"), &facts), 0);
    ck_assert_int_eq(stat(inside("last.part-of-me"), &facts), 0);
    thor_model_close(&model);
}
END_TEST

/* What stands in the files is judged, not their checksums. */
static void must_fail(thor_status code, const char *words)
{
    thor_model model;
    thor_error error = { .text = "" };
    unlink(inside("last/SHA256SUMS"));
    ck_assert_int_eq(thor_checkpoint_open(&model, NULL, inside("last"), &error), code);
    ck_assert_msg(strstr(error.text, words), "'%s' is not in: %s", words, error.text);
    ck_assert_ptr_null(model.values);
}

START_TEST(what_does_not_fit_is_named)
{
    thor_model model, other;
    open_model(&model, NULL);
    model.values[model.params.items[3].offset] = NAN;
    must_write(&model);
    must_fail(THOR_E_NUMBER, model.params.items[3].name);
    model.values[model.params.items[3].offset] = 0;
    must_write(&model);
    open_model(&other, "moe.experts=12");
    thor_block block = { "", other.values };
    ck_assert_int_eq(thor_blocks_write(inside("last/weights.safetensors"), &other.params, &block, 1, NULL), THOR_OK);
    must_fail(THOR_E_FORMAT, "has the shape [12, 64, 32], but the configuration asks for [8, 64, 32]");
    thor_model_close(&other);
    open_model(&other, "context.form=none");
    block.values = other.values;
    ck_assert_int_eq(thor_blocks_write(inside("last/weights.safetensors"), &other.params, &block, 1, NULL), THOR_OK);
    must_fail(THOR_E_FORMAT, "there is no tensor 'encoder.layers.1.moe.context_gate.weight'");
    ck_assert_int_eq(rename(inside("last/weights.safetensors"), "scratch-weights"), 0);
    must_fail(THOR_E_IO, "weights.safetensors");
    must_write(&other);
    block.values = model.values;
    ck_assert_int_eq(thor_blocks_write(inside("last/weights.safetensors"), &model.params, &block, 1, NULL), THOR_OK);
    must_fail(THOR_E_FORMAT, "belongs to no parameter");
    unlink("scratch-weights");
    thor_model_close(&other);
    thor_model_close(&model);
}
END_TEST

static void put_config(const char *text)
{
    ck_assert_int_eq(thor_write_file(inside("last/config.json"), text, strlen(text), NULL), THOR_OK);
}

/* Nobody asked for what stands in a checkpoint's config.json: a key that is not known there is damage, not usage. */
START_TEST(a_damaged_configuration_is_no_usage)
{
    thor_model model;
    thor_config config;
    thor_error error;
    open_model(&model, NULL);
    must_write(&model);
    put_config("{ \"model\": { \"wibth\": 32 } }");
    must_fail(THOR_E_FORMAT, "last/config.json: there is no key 'model.wibth'");
    put_config("{ \"model\": { \"width\": -3 } }");
    must_fail(THOR_E_FORMAT, "last/config.json: model.width is -3");
    put_config("{ \"model\": { \"width\": 33 } }");        /* each key alone is possible, together they are not */
    must_fail(THOR_E_FORMAT, "last/config.json: ");
    ck_assert_int_eq(thor_checkpoint_config(&config, inside("last"), &error), THOR_E_FORMAT);
    put_config("{ \"model\": ");
    must_fail(THOR_E_FORMAT, "last/config.json:1: not JSON");
    thor_model_close(&model);
}
END_TEST

/* Tens of terabytes, which the weights beside it do not have: found before memory is asked for. */
START_TEST(a_damaged_configuration_takes_no_memory)
{
    thor_model model, large;
    thor_config config;
    thor_error error;
    char *text;
    open_model(&model, NULL);
    must_write(&model);
    ck_assert_int_eq(thor_config_copy(&config, &model.config, NULL), THOR_OK);
    static const char *const settings[] = { "model.encoder_layers=1024", "model.decoder_layers=1024",
                                            "model.width=16384", "model.ffn_width=65536" };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        ck_assert_int_eq(thor_config_set(&config, settings[i], NULL), THOR_OK);
    ck_assert_msg(thor_model_plan(&large, &config, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_gt(large.params.floats, INT64_C(1) << 43);
    ck_assert_int_eq(thor_config_text(&text, &config, NULL, NULL), THOR_OK);
    put_config(text);
    must_fail(THOR_E_FORMAT, "but the configuration asks for [");
    free(text);
    thor_model_close(&large);
    thor_config_free(&config);
    thor_model_close(&model);
}
END_TEST

/* One bit of any file: named. Without SHA256SUMS a changed number is a number. */
START_TEST(a_bit_that_flips_is_named)
{
    static const char *const names[] = { "config.json", "optimizer.safetensors", "state.json", "vocab.model",
                                         "weights.safetensors", "SHA256SUMS" };
    thor_model model, again;
    thor_state read;
    thor_error error = { .text = "" };
    open_model(&model, NULL);
    size_t bytes = (size_t)model.params.floats * sizeof(float);
    float *m = calloc(2, bytes), *v = (float *)((char *)m + bytes);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[256], *text, *vocabulary = NULL;
        size_t count;
        must_write(&model);
        snprintf(path, sizeof path, "last/%s", names[i]);
        ck_assert_int_eq(thor_read_file(inside(path), 1 << 24, &text, &count, &error), THOR_OK);
        text[count - 2] ^= 2;
        ck_assert_int_eq(thor_write_file(inside(path), text, count, &error), THOR_OK);
        free(text);
        thor_status found = THOR_OK, results[] = {
            thor_checkpoint_open(&again, &vocabulary, inside("last"), &error),
            thor_checkpoint_moments(&model.params, m, v, inside("last"), &error),
            thor_checkpoint_state(&read, inside("last"), &error),
        };
        for (size_t k = 0; k < sizeof results / sizeof *results; k++)
            found = results[k] == THOR_OK ? found : results[k];
        ck_assert_msg(found == THOR_E_FORMAT && strstr(error.text, names[i]), "%s: %s", names[i], error.text);
        free(vocabulary);
        thor_model_close(&again);
    }
    ck_assert_int_eq(unlink(inside("last/SHA256SUMS")), 0);
    ck_assert_msg(thor_checkpoint_open(&again, NULL, inside("last"), &error) == THOR_OK, "%s", error.text);
    thor_model_close(&again);
    thor_model_close(&model);
    free(m);
}
END_TEST

START_TEST(states_are_checked)
{
    static const char *const texts[] = { "", "[]", "{}", "{\"updates\": -1}", "{\"updates\": \"7\"}" };
    thor_state read;
    thor_error error;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_eq(thor_write_file(inside("state.json"), texts[i], strlen(texts[i]), &error), THOR_OK);
        ck_assert_int_eq(thor_checkpoint_state(&read, folder, &error), THOR_E_FORMAT);
        ck_assert_msg(strstr(error.text, "state.json"), "%s", error.text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *tests = tcase_create("checkpoint");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, comes_back);
    tcase_add_test(tests, is_found);
    tcase_add_test(tests, full_disk_keeps_the_old_one);
    tcase_add_test(tests, left_overs_are_tidied);
    tcase_add_test(tests, what_does_not_fit_is_named);
    tcase_add_test(tests, a_damaged_configuration_is_no_usage);
    tcase_add_test(tests, a_damaged_configuration_takes_no_memory);
    tcase_add_test(tests, a_bit_that_flips_is_named);
    tcase_add_test(tests, states_are_checked);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
