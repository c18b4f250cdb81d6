/* The public interface: what thor.h promises, through thor.h alone but for making a tiny checkpoint first. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "file/checkpoint.h"
#include "file/config_json.h"
#include "text/learn.h"
#include "text/vocab.h"
#include "thor.h"

static char folder[64];

static void make_vocabulary(thor_bytes *bytes)
{
    static const char text[] =
        "the cat drinks milk\nthe dog drinks water\ndie Katze trinkt Milch\nder Hund trinkt Wasser\n";
    char path[96];
    const char *paths[] = { path };
    thor_learn_options options = thor_learn_defaults();
    thor_error error;
    options.pieces = 60;
    snprintf(path, sizeof path, "%s.txt", folder);
    ck_assert_int_eq(thor_write_file(path, text, sizeof text - 1, &error), THOR_OK);
    ck_assert_msg(thor_learn_files(&options, paths, 1, bytes, NULL, &error) == THOR_OK, "%s", error.text);
    unlink(path);
}

static void set_up(void)
{
    thor_config config;
    thor_error error;
    thor_bytes bytes = { 0 };
    thor_vocab *vocab;
    thor_model model;
    char ids[32];
    snprintf(folder, sizeof folder, "scratch-check_session-%ld", (long)getpid());
    make_vocabulary(&bytes);
    ck_assert_int_eq(thor_vocab_parse(&vocab, bytes.data, bytes.count, "vocabulary", &error), THOR_OK);
    snprintf(ids, sizeof ids, "vocab.ids=%d", (int)(4 + thor_vocab_pieces(vocab) + 1 + 2));
    ck_assert_int_eq(thor_config_recipe(&config, "thor-topp", &error), THOR_OK);
    ck_assert_int_eq(thor_config_scale(&config, "tiny", &error), THOR_OK);
    ck_assert_int_eq(thor_config_set(&config, "languages=de,en", &error), THOR_OK);
    ck_assert_int_eq(thor_config_set(&config, ids, &error), THOR_OK);
    ck_assert_msg(thor_model_open(&model, &config, &error) == THOR_OK, "%s", error.text);
    thor_params_init(model.values, &model.params, 1, NULL);
    thor_checkpoint checkpoint = {
        .model = &model, .vocabulary = bytes.data, .vocabulary_count = bytes.count, .version = "0"
    };
    ck_assert_msg(thor_checkpoint_write(folder, &checkpoint, &error) == THOR_OK, "%s", error.text);
    thor_model_close(&model);
    thor_config_free(&config);
    thor_vocab_close(vocab);
    free(bytes.data);
}

static void tear_down(void)
{
    thor_remove_folder(folder, NULL);
}

static thor_session *opened(int threads)
{
    thor_session *session;
    thor_message message;
    thor_settings settings = { .threads = threads };
    ck_assert_msg(thor_session_open(&session, folder, &settings, &message) == THOR_SUCCESS, "%s", message.text);
    return session;
}

START_TEST(translates_a_line)
{
    thor_session *session = opened(1);
    thor_message message;
    char *first, *second;
    ck_assert_str_eq(thor_session_language(session, 0), "de");
    ck_assert_ptr_null(thor_session_language(session, 2));
    ck_assert_msg(thor_session_translate(session, "en", "de", "the cat drinks milk", &first, &message) == THOR_SUCCESS,
                  "%s", message.text);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", "the cat drinks milk", &second, &message),
                     THOR_SUCCESS);
    ck_assert_str_eq(first, second);
    thor_text_free(first);
    thor_text_free(second);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", "  ", &first, &message), THOR_SUCCESS);
    ck_assert_str_eq(first, "");
    thor_text_free(first);
    thor_session_close(session);
}
END_TEST

static const int32_t src[] = { 5, 7, 9, 2, 6, 8, 2, 1 }, in[] = { 2, 5, 6, 2, 7, 1 }, out[] = { 5, 6, 2, 7, 2, 1 },
                     zero[] = { 0, 1 };
static const thor_padded_batch batch = { 2, 4, 3, src, in, out, zero, zero, zero };

START_TEST(runs_a_batch_and_reads_tensors)
{
    thor_session *session = opened(1);
    thor_batch_losses losses;
    thor_message message;
    thor_view view, gradient;
    ck_assert_msg(thor_session_run(session, &batch, 1, 1, 0, &losses, &message) == THOR_SUCCESS, "%s", message.text);
    ck_assert_int_eq(losses.tokens, 5);
    ck_assert(isfinite(losses.nll) && losses.nll > 0);
    ck_assert_int_eq(thor_session_tensor(session, "encoder.layers.1.moe.gates", &view, &message), THOR_SUCCESS);
    ck_assert_int_eq(view.shape[0], 7);
    ck_assert_int_eq(thor_session_tensor(session, "embed.weight", &view, &message), THOR_SUCCESS);
    ck_assert_int_eq(thor_session_tensor(session, "gradient:embed.weight", &gradient, &message), THOR_SUCCESS);
    ck_assert_int_eq(view.shape[0], gradient.shape[0]);
    ck_assert_int_eq(thor_session_tensor(session, "no.such.tensor", &view, &message), THOR_WRONG_USE);
    ck_assert_ptr_nonnull(strstr(message.text, "no.such.tensor"));
    thor_session_close(session);
}
END_TEST

START_TEST(no_gradient_without_a_backward_pass)
{
    thor_session *session = opened(1);
    thor_batch_losses losses;
    thor_view view;
    ck_assert_int_eq(thor_session_run(session, &batch, 0, 1, 0, &losses, NULL), THOR_SUCCESS);
    ck_assert_int_eq(thor_session_tensor(session, "gradient:embed.weight", &view, NULL), THOR_WRONG_USE);
    thor_session_close(session);
}
END_TEST

START_TEST(refuses_wrong_use)
{
    thor_session *session = opened(1);
    thor_message message;
    thor_batch_losses losses;
    char *text;
    int32_t wrong[8];
    thor_padded_batch bad = batch;
    ck_assert_int_eq(thor_session_translate(session, "en", "xx", "a", &text, &message), THOR_WRONG_USE);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", "\xff", &text, &message), THOR_WRONG_FORMAT);
    memcpy(wrong, src, sizeof src);
    wrong[1] = 100000;
    bad.src_tokens = wrong;
    ck_assert_int_eq(thor_session_run(session, &bad, 1, 1, 0, &losses, &message), THOR_WRONG_USE);
    ck_assert_ptr_nonnull(strstr(message.text, "100000"));
    bad = batch;
    bad.task_label = wrong;
    ck_assert_int_eq(thor_session_run(session, &bad, 1, 1, 0, &losses, &message), THOR_WRONG_USE);
    thor_session_close(session);
    ck_assert_int_ne(thor_session_open(&session, "no such folder", NULL, &message), THOR_SUCCESS);
    ck_assert_ptr_null(session);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("session");
    TCase *group = tcase_create("session");
    tcase_set_timeout(group, 120);
    tcase_add_checked_fixture(group, set_up, tear_down);
    tcase_add_test(group, translates_a_line);
    tcase_add_test(group, runs_a_batch_and_reads_tensors);
    tcase_add_test(group, no_gradient_without_a_backward_pass);
    tcase_add_test(group, refuses_wrong_use);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
