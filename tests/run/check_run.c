/* A run through the library: opened, stopped, gone on with, validated, read back. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../data/made_corpus.h"
#include "base/fileio.h"
#include "base/folder.h"
#include "file/metrics.h"
#include "file/steps.h"
#include "run/run.h"
#include "run/run_routing.h"

static const int64_t counts[2][THOR_SPLITS] = { { 60, 9, 8 }, { 40, 7, 6 } };
static const char *const settings[] = { "batch.max_tokens=120", "batch.max_pieces=10", "model.width=16",
                                        "model.ffn_width=16" };

/* What a run told its listener, and when it is asked to end. */
typedef struct {
    int updates, validations, sentences, warnings;
    int asked, stop_at;         /* the question that is answered with yes; 0: none */
} heard;

static char scratch[32];
static thor_error error;

static void must(thor_status status)
{
    ck_assert_msg(status == THOR_OK, "%s", error.text);
}

static void enter(void)
{
    strcpy(scratch, "./scratch-run-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(scratch));
    ck_assert_int_eq(chdir(scratch), 0);
    make_corpus("data", 2, counts, 8, false);
}

static void leave(void)
{
    ck_assert_int_eq(chdir(".."), 0);
    must(thor_remove_folder(scratch, &error));
}

static void say(void *context, const char *sentence)
{
    ck_assert_uint_gt(strlen(sentence), 0);
    ((heard *)context)->sentences++;
}

static void updated(void *context, const thor_run *run, const thor_step_report *report, double work)
{
    ck_assert_int_gt(report->tokens, 0);
    ck_assert(work > 0 && run->trainer.updates > 0);
    ((heard *)context)->updates++;
}

static void validated(void *context, const thor_run *run, const thor_validation *validation)
{
    ck_assert_int_gt(validation->tokens, 0);
    ck_assert(run->metrics != NULL && validation->nll > 0);
    ((heard *)context)->validations++;
}

static bool should_stop(void *context)
{
    heard *h = context;
    return ++h->asked >= h->stop_at && h->stop_at > 0;
}

static thor_run_options options_of(const char *output, int64_t updates)
{
    return (thor_run_options){ .recipe = "thor-topp", .scale = "tiny", .set = settings, .set_count = 4,
                               .data = "data", .output = output, .threads = 1, .updates = updates,
                               .validate_every = 4, .save_every = 0, .resume = true };
}

static thor_run_listener listener_of(heard *h)
{
    return (thor_run_listener){ .context = h, .say = say, .warn = say, .updated = updated, .validated = validated,
                                .should_stop = should_stop };
}

static thor_run_end train(const char *output, int64_t updates, heard *h)
{
    thor_run_options options = options_of(output, updates);
    thor_run_listener listener = listener_of(h);
    thor_run run = { .target = 0 };
    thor_run_end end;
    must(thor_run_open(&run, &options, &listener, &error));
    must(thor_run_train(&run, &end, &error));
    thor_run_close(&run);
    return end;
}

static bool equal_files(const char *a, const char *b)
{
    char *left, *right;
    size_t left_count, right_count;
    must(thor_read_file(a, 1 << 30, &left, &left_count, &error));
    must(thor_read_file(b, 1 << 30, &right, &right_count, &error));
    bool equal = left_count == right_count && memcmp(left, right, left_count) == 0;
    free(left);
    free(right);
    return equal;
}

static void same_files(const char *a, const char *b)
{
    ck_assert_msg(equal_files(a, b), "%s and %s differ", a, b);
}

START_TEST(stops_and_goes_on_to_the_same_bits)
{
    heard whole = { 0 }, first = { .stop_at = 0 }, rest = { 0 };
    ck_assert_int_eq(train("whole", 11, &whole), THOR_RUN_COMPLETE);
    ck_assert_int_eq(whole.updates, 11);
    first.stop_at = 12;
    ck_assert_int_eq(train("parts", 11, &first), THOR_RUN_STOPPED);
    ck_assert_int_lt(first.updates, 11);
    ck_assert_int_eq(train("parts", 11, &rest), THOR_RUN_COMPLETE);
    ck_assert_int_eq(first.updates + rest.updates, 11);
    ck_assert_int_ge(rest.sentences, 1);
    same_files("whole/last/weights.safetensors", "parts/last/weights.safetensors");
    same_files("whole/last/optimizer.safetensors", "parts/last/optimizer.safetensors");
    ck_assert_int_eq(train("parts", 11, &rest), THOR_RUN_NOTHING);
}
END_TEST

static thor_run_end train_growing(const char *output, heard *h)
{
    static const char *const growing[] = { "batch.max_tokens=120", "batch.max_pieces=10", "model.width=16",
                                           "model.ffn_width=16", "lingual.dynamic=true", "lingual.grow_every=1",
                                           "optimizer.lr=9", "schedule.warmup=1" };
    thor_run_options options = options_of(output, 3);
    thor_run_listener listener = listener_of(h);
    thor_run run = { .target = 0 };
    thor_run_end end;
    options.recipe = "lingual-moe";
    options.set = growing;
    options.set_count = 8;
    options.validate_every = 0;
    options.save_every = 1;
    options.keep = 9;
    must(thor_run_open(&run, &options, &listener, &error));
    must(thor_run_train(&run, &end, &error));
    thor_run_close(&run);
    return end;
}

/* A stop after an update and before its growth keeps a checkpoint without it. */
START_TEST(kept_steps_have_grown_wherever_a_stop_fell)
{
    heard whole = { 0 };
    ck_assert_int_eq(train_growing("whole", &whole), THOR_RUN_COMPLETE);
    ck_assert_msg(!equal_files("whole/step-000001/config.json", "whole/step-000002/config.json"), "nothing grew");
    for (int stop = 1; stop < whole.asked; stop++) {
        heard first = { .stop_at = stop }, rest = { 0 };
        train_growing("parts", &first);
        train_growing("parts", &rest);
        same_files("whole/step-000001/config.json", "parts/step-000001/config.json");
        same_files("whole/step-000002/config.json", "parts/step-000002/config.json");
        same_files("whole/last/weights.safetensors", "parts/last/weights.safetensors");
        must(thor_remove_folder("parts", &error));
    }
}
END_TEST

START_TEST(a_validation_can_be_interrupted)
{
    heard h = { 0 };
    thor_run_options options = options_of("run", 2);
    thor_run_listener listener = listener_of(&h);
    thor_run run = { .target = 0 };
    bool done;
    must(thor_run_open(&run, &options, &listener, &error));
    h.stop_at = 2;
    must(thor_run_validate(&run, &done, &error));
    ck_assert(!done);
    ck_assert_int_eq(h.validations, 0);
    ck_assert_int_ne(access("run/best", F_OK), 0);
    h.stop_at = 0;
    must(thor_run_validate(&run, &done, &error));
    ck_assert(done);
    ck_assert_int_eq(h.validations, 1);
    ck_assert_int_eq(access("run/best/weights.safetensors", F_OK), 0);
    thor_run_close(&run);
}
END_TEST

/* A length that cannot be told must not become 0: the next start would cut metrics.jsonl to nothing. */
START_TEST(a_metrics_file_without_a_length_is_not_saved)
{
    heard h = { 0 };
    int ends[2];
    thor_run_options options = options_of("run", 2);
    thor_run_listener listener = listener_of(&h);
    thor_run run = { .target = 0 };
    must(thor_run_open(&run, &options, &listener, &error));
    ck_assert_int_eq(pipe(ends), 0);
    fclose(run.metrics);
    run.metrics = fdopen(ends[1], "w");
    ck_assert_int_eq(thor_run_save(&run, false, &error), THOR_E_IO);
    ck_assert_msg(strstr(error.text, "metrics.jsonl"), "%s", error.text);
    ck_assert_int_ne(access("run/last", F_OK), 0);
    thor_run_close(&run);
    close(ends[0]);
}
END_TEST

START_TEST(steps_are_listed_and_removed)
{
    static const char *const names[] = { "run/step-000005", "run/step-000040", "run/step-1234567", "run/step-12",
                                         "run/step-000009.part-7", "run/step-000300", "run/last" };
    int64_t *updates;
    size_t count;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        must(thor_make_folder(names[i], &error));
    must(thor_steps_list(&updates, &count, "run", &error));
    ck_assert_uint_eq(count, 4);
    ck_assert(updates[0] == 5 && updates[1] == 40 && updates[2] == 300 && updates[3] == 1234567);
    free(updates);
    must(thor_steps_remove("run", 2, &error));
    ck_assert_int_ne(access("run/step-000040", F_OK), 0);
    ck_assert_int_eq(access("run/step-000300", F_OK), 0);
    ck_assert_int_eq(access("run/step-12", F_OK), 0);
    must(thor_steps_remove("run", 0, &error));
    must(thor_steps_list(&updates, &count, "run", &error));
    ck_assert_uint_eq(count, 0);
    free(updates);
}
END_TEST

START_TEST(metrics_are_read_back)
{
    heard h = { 0 };
    thor_metrics_history history;
    train("run", 8, &h);
    must(thor_metrics_read(&history, "run", &error));
    ck_assert_uint_eq(history.training.count, 8);
    ck_assert_int_eq((int)history.validation.count, h.validations);
    for (size_t i = 0; i < 8; i++) {
        ck_assert(history.training.values[THOR_METRICS_STEP][i] == (double)i + 1);
        ck_assert(history.training.values[THOR_METRICS_EXPERTS][i] >= 1);
    }
    double two = history.training.values[THOR_METRICS_NLL][1], three = history.training.values[THOR_METRICS_NLL][2];
    ck_assert(thor_metrics_mean(&history.training, THOR_METRICS_NLL, 1, 3) == (two + three) / 2);
    thor_metrics_free(&history);
}
END_TEST

START_TEST(config_has_the_candidates_in_use)
{
    heard h = { 0 };
    thor_config config;
    train("run", 1, &h);
    must(thor_checkpoint_config(&config, "run/last", &error));
    ck_assert_int_gt(config.task.candidates, 0);
    ck_assert_int_eq(config.task.candidates, thor_config_candidates(&config));
    thor_config_free(&config);
}
END_TEST

START_TEST(routing_counts_every_row)
{
    heard h = { 0 };
    thor_run_options options = options_of("run", 2);
    thor_run_listener listener = listener_of(&h);
    thor_run run = { .target = 0 };
    thor_routing_report routing;
    must(thor_run_open(&run, &options, &listener, &error));
    must(thor_routing_run(&routing, &run.model, &run.compute, &run.data.corpus, "data", THOR_TEST, &error));
    ck_assert_int_eq(routing.sentences[THOR_ROUTING_OTHER], 2 * (8 + 6));
    ck_assert_int_gt(routing.layer_count, 0);
    for (int32_t i = 0; i < routing.layer_count; i++) {
        double rows = 0, chosen = 0;
        for (int32_t l = 0; l < routing.groups; l++) {
            rows += routing.layers[i].rows[l];
            for (int32_t e = 0; e < routing.experts; e++)
                chosen += routing.layers[i].chosen[l * routing.experts + e];
        }
        ck_assert(rows > 0 && chosen >= rows);
        if (routing.layers[i].decoder)
            ck_assert(rows == (double)routing.tokens);
    }
    thor_routing_free(&routing);
    thor_run_close(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 0);
    tcase_add_checked_fixture(tests, enter, leave);
    tcase_add_test(tests, stops_and_goes_on_to_the_same_bits);
    tcase_add_test(tests, kept_steps_have_grown_wherever_a_stop_fell);
    tcase_add_test(tests, a_validation_can_be_interrupted);
    tcase_add_test(tests, a_metrics_file_without_a_length_is_not_saved);
    tcase_add_test(tests, steps_are_listed_and_removed);
    tcase_add_test(tests, metrics_are_read_back);
    tcase_add_test(tests, config_has_the_candidates_in_use);
    tcase_add_test(tests, routing_counts_every_row);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
