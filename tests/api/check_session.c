/* The public interface: what thor.h promises, through thor.h alone but for making a tiny checkpoint first. */
#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/unpad.h"
#include "base/fileio.h"
#include "base/folder.h"
#include "decode/opened_model.h"
#include "decode/translate_lines.h"
#include "file/checkpoint.h"
#include "file/config_json.h"
#include "learn/learn.h"
#include "model/pass.h"
#include "pieces/vocab.h"
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
    ck_assert_msg(thor_session_translate(session, "en", "de", NULL, "the cat drinks milk", &first, &message) ==
                      THOR_SUCCESS, "%s", message.text);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", NULL, "the cat drinks milk", &second, &message),
                     THOR_SUCCESS);
    ck_assert_str_eq(first, second);
    thor_text_free(first);
    thor_text_free(second);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", NULL, "  ", &first, &message), THOR_SUCCESS);
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

/* The gradients of the batch as the library computes them inside. The caller frees. */
static float *expected_gradients(thor_model *model, thor_compute *compute, uint64_t seed, uint32_t step)
{
    thor_unpadded unpadded;
    thor_pass *pass;
    thor_losses losses;
    thor_error error;
    ck_assert_int_eq(thor_unpad(&unpadded, &batch, model->config.vocab.ids, &error), THOR_OK);
    const thor_batch *b = &unpadded.batch;
    thor_shape shape = { b->sentences, b->source_rows, b->target_rows, b->source_width, b->target_width };
    thor_pass_options options = { .training = true, .seed = seed, .step = step, .shards = 1,
                                  .step_tokens = b->target_rows };
    options.gradients = aligned_alloc(64, (size_t)model->params.floats * sizeof(float));
    ck_assert_ptr_nonnull(options.gradients);
    ck_assert_msg(thor_pass_open(&pass, model, compute, &shape, true, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_pass_forward(pass, b, &options, &losses, &error), THOR_OK);
    thor_pass_backward(pass);
    thor_pass_close(pass);
    thor_unpadded_free(&unpadded);
    return options.gradients;
}

/* Every gradient by its name, bit for bit, and none of them everywhere 0. */
START_TEST(gradients_have_their_values)
{
    thor_session *session = opened(2);
    thor_batch_losses losses;
    thor_message message;
    thor_model model;
    thor_compute compute;
    thor_error error;
    ck_assert_int_eq(thor_session_run(session, &batch, 1, 7, 3, &losses, &message), THOR_SUCCESS);
    ck_assert_int_eq(thor_checkpoint_open(&model, NULL, folder, &error), THOR_OK);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    float *expected = expected_gradients(&model, &compute, 7, 3);
    for (int32_t i = 0; i < model.params.count; i++) {
        const thor_param *param = &model.params.items[i];
        char name[160];
        thor_view view;
        bool moved = false;
        snprintf(name, sizeof name, "gradient:%s", param->name);
        ck_assert_msg(thor_session_tensor(session, name, &view, &message) == THOR_SUCCESS, "%s", message.text);
        ck_assert_int_eq(view.dims, param->dims);
        ck_assert_msg(memcmp(view.data, expected + param->offset, (size_t)param->count * sizeof(float)) == 0, "%s",
                      name);
        for (int64_t k = 0; k < param->count && !moved; k++)
            moved = ((const float *)view.data)[k] != 0;
        /* Equal shifts of all keys change no softmax. */
        ck_assert_msg(moved || strstr(name, "k.bias"), "%s is 0 everywhere", name);
    }
    free(expected);
    thor_compute_close(&compute);
    thor_model_close(&model);
    thor_session_close(session);
}
END_TEST

/* What one thread does with a session of its own. */
typedef struct worker {
    int threads;
    char *texts[3];
    double nll;
    float gradient;             /* some element of embed.weight's */
    bool failed;
} worker;

static void *work(void *context)
{
    static const char *const lines[] = { "the cat drinks milk", "the dog", "the dog drinks water the cat" };
    worker *w = context;
    thor_session *session;
    thor_settings settings = { .threads = w->threads };
    w->failed = thor_session_open(&session, folder, &settings, NULL) != THOR_SUCCESS;
    for (int round = 0; round < 4 && !w->failed; round++) {
        thor_batch_losses losses;
        thor_view view;
        for (int i = 0; i < 3 && !w->failed; i++) {
            thor_text_free(w->texts[i]);
            w->failed = thor_session_translate(session, "en", "de", NULL, lines[i], &w->texts[i], NULL) != THOR_SUCCESS;
        }
        w->failed = w->failed || thor_session_run(session, &batch, 1, 1, 0, &losses, NULL) != THOR_SUCCESS ||
                    thor_session_tensor(session, "gradient:embed.weight", &view, NULL) != THOR_SUCCESS;
        w->nll = w->failed ? 0 : losses.nll;
        w->gradient = w->failed ? 0 : ((const float *)view.data)[view.shape[1] * 5];
    }
    thor_session_close(session);
    return NULL;
}

/* thor.h promises it: two sessions in two threads, and each finds what it finds alone. */
START_TEST(two_sessions_in_two_threads)
{
    worker alone = { .threads = 1 }, pair[] = { { .threads = 1 }, { .threads = 2 } };
    pthread_t threads[2];
    work(&alone);
    ck_assert(!alone.failed);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &pair[i]), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert(!pair[i].failed);
        ck_assert(pair[i].nll == alone.nll && pair[i].gradient == alone.gradient);
        for (int k = 0; k < 3; k++) {
            ck_assert_str_eq(pair[i].texts[k], alone.texts[k]);
            thor_text_free(pair[i].texts[k]);
        }
    }
    for (int k = 0; k < 3; k++)
        thor_text_free(alone.texts[k]);
}
END_TEST

typedef struct collected {
    char *texts[8];
    int64_t lines[8], count, most;      /* an error comes after `most` lines */
} collected;

static thor_status collect(void *context, const thor_request *requests, const thor_reply *replies, int64_t count,
                           thor_error *error)
{
    collected *c = context;
    for (int64_t i = 0; i < count; i++) {
        c->texts[c->count] = strdup(replies[i].texts[0]);
        c->lines[c->count++] = requests[i].line;
    }
    return c->count < c->most ? THOR_OK : thor_fail(error, THOR_E_IO, "the reader has gone");
}

static thor_status translate_file(const char *text, int64_t most, collected *c, thor_error *error)
{
    char path[96];
    thor_opened_model opened;
    thor_line_input input;
    *c = (collected){ .most = most };
    thor_line_job job = { .pairs = true, .domain = -1, .receive = collect, .context = c };
    snprintf(path, sizeof path, "%s.txt", folder);
    ck_assert_int_eq(thor_write_file(path, text, strlen(text), error), THOR_OK);
    ck_assert_int_eq(thor_opened_model_open(&opened, folder, NULL, NULL, 1, error), THOR_OK);
    ck_assert_int_eq(thor_line_input_open(&input, path, false, error), THOR_OK);
    thor_translator translator = thor_translator_make(&opened.model, opened.vocab, &opened.compute);
    thor_status status = thor_translate_lines(&translator, &input, &job, error);
    thor_line_input_close(&input);
    thor_opened_model_close(&opened);
    unlink(path);
    return status;
}

/* The pipeline of thor translate as a part of other programs: the replies are those of thor.h, in order, those before
 * a wrong line too, and a receiver's error comes back. */
START_TEST(a_file_of_lines)
{
    static const char good[] = "en\tde\tthe cat drinks milk\n\nde\ten\tder Hund\n";
    static const char wrong[] = "en\tde\tthe cat drinks milk\nen\txx\tthe dog\nen\tde\tthe dog\n";
    thor_session *session = opened(1);
    collected c;
    thor_error error;
    char *cat, *dog;
    ck_assert_int_eq(thor_session_translate(session, "en", "de", NULL, "the cat drinks milk", &cat, NULL), 0);
    ck_assert_int_eq(thor_session_translate(session, "de", "en", NULL, "der Hund", &dog, NULL), 0);
    ck_assert_msg(translate_file(good, 8, &c, &error) == THOR_OK, "%s", error.text);
    ck_assert(c.count == 3 && c.lines[0] == 1 && c.lines[2] == 3);
    ck_assert_str_eq(c.texts[0], cat);
    ck_assert_str_eq(c.texts[1], "");
    ck_assert_str_eq(c.texts[2], dog);
    for (int i = 0; i < 3; i++)
        free(c.texts[i]);
    ck_assert_int_eq(translate_file(wrong, 8, &c, &error), THOR_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "line 2: the model does not know the language 'xx'"));
    ck_assert_int_eq(c.count, 1);
    ck_assert_str_eq(c.texts[0], cat);
    free(c.texts[0]);
    ck_assert_int_eq(translate_file(good, 1, &c, &error), THOR_E_IO);
    ck_assert_str_eq(error.text, "the reader has gone");
    for (int64_t i = 0; i < c.count; i++)
        free(c.texts[i]);
    thor_text_free(cat);
    thor_text_free(dog);
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
    ck_assert_int_eq(thor_session_translate(session, "en", "xx", NULL, "a", &text, &message), THOR_WRONG_USE);
    ck_assert_int_eq(thor_session_translate(session, "en", "de", NULL, "\xff", &text, &message), THOR_WRONG_FORMAT);
    memcpy(wrong, src, sizeof src);
    wrong[1] = 100000;
    bad.src_tokens = wrong;
    ck_assert_int_eq(thor_session_run(session, &bad, 1, 1, 0, &losses, &message), THOR_WRONG_USE);
    ck_assert_ptr_nonnull(strstr(message.text, "100000"));
    bad = batch;
    bad.tgt_language = wrong;
    ck_assert_int_eq(thor_session_run(session, &bad, 1, 1, 0, &losses, &message), THOR_WRONG_USE);
    ck_assert_ptr_nonnull(strstr(message.text, "tgt_language, sentence 0: 5; 0 to 1 is possible"));
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
    tcase_add_test(group, gradients_have_their_values);
    tcase_add_test(group, two_sessions_in_two_threads);
    tcase_add_test(group, a_file_of_lines);
    tcase_add_test(group, no_gradient_without_a_backward_pass);
    tcase_add_test(group, refuses_wrong_use);
    suite_add_tcase(suite, group);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
