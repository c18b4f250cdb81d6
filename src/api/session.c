/* The public interface over the library's parts. */
#include "thor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/unpad.h"
#include "base/block.h"
#include "base/numbers.h"
#include "decode/opened_model.h"
#include "decode/translate.h"
#include "model/pass.h"

struct thor_session {
    thor_opened_model opened;
    thor_unpadded batch;                /* of the last run */
    thor_pass *pass;                    /* of the last run, or NULL */
    float *gradients;                   /* [params.floats] of the last backward run, or NULL */
};

/* thor_message is thor_error, and the codes of thor.h are those of base/status.h, in the words of a stranger. */
_Static_assert(sizeof((thor_message *)0)->text == sizeof((thor_error *)0)->text, "messages are as long as errors");
_Static_assert((int)THOR_SUCCESS == (int)THOR_OK && (int)THOR_FAILURE == (int)THOR_E_FAILED &&
               (int)THOR_WRONG_USE == (int)THOR_E_USAGE && (int)THOR_SYSTEM_REFUSED == (int)THOR_E_IO &&
               (int)THOR_WRONG_FORMAT == (int)THOR_E_FORMAT && (int)THOR_NO_MEMORY == (int)THOR_E_MEMORY &&
               (int)THOR_NOT_FINITE == (int)THOR_E_NUMBER, "thor.h and base/status.h number their codes alike");

static int say(thor_message *message, const thor_error *error, thor_status status)
{
    if (message && status != THOR_OK)
        snprintf(message->text, sizeof message->text, "%s", error->text);
    return (int)status;
}

int thor_session_open(thor_session **session, const char *path, const thor_settings *settings, thor_message *message)
{
    static const thor_settings defaults = { NULL, NULL, 0 };
    thor_error error = { .text = "no memory for a session" };
    *session = calloc(1, sizeof **session);
    thor_status status = THOR_E_MEMORY;
    if (!settings)
        settings = &defaults;
    if (*session)
        status = thor_opened_model_open(&(*session)->opened, path, settings->isa, settings->backend, settings->threads,
                                        &error);
    if (status != THOR_OK) {
        thor_session_close(*session);
        *session = NULL;
    }
    return say(message, &error, status);
}

static void forget_run(thor_session *session)
{
    thor_pass_close(session->pass);
    session->pass = NULL;
    free(session->gradients);
    session->gradients = NULL;
    thor_unpadded_free(&session->batch);
}

void thor_session_close(thor_session *session)
{
    if (!session)
        return;
    forget_run(session);
    thor_opened_model_close(&session->opened);
    free(session);
}

static const char *name_of(const thor_names *names, int number)
{
    return number >= 0 && number < names->count ? names->items[number] : NULL;
}

const char *thor_session_language(const thor_session *session, int number)
{
    return name_of(&session->opened.model.config.languages, number);
}

const char *thor_session_domain(const thor_session *session, int number)
{
    return name_of(&session->opened.model.config.domains, number);
}

static thor_status translate(thor_session *session, const char *from, const char *to, const char *domain,
                             const char *line, char **translation, thor_error *error)
{
    const thor_opened_model *opened = &session->opened;
    thor_translator translator = thor_translator_make(&opened->model, opened->vocab, &opened->compute);
    thor_request request = { .text = line, .bytes = strlen(line), .line = 1 };
    thor_reply reply;
    THOR_TRY(thor_opened_model_language(opened, "from", from, &request.source_language, error));
    THOR_TRY(thor_opened_model_language(opened, "to", to, &request.target_language, error));
    THOR_TRY(thor_opened_model_domain(opened, "domain", domain, &request.domain, error));
    thor_status status = thor_translate(&translator, &request, 1, &reply, error);
    if (status == THOR_OK) {
        *translation = reply.texts[0];
        reply.texts[0] = NULL;
    }
    thor_reply_free(&reply);
    return status;
}

int thor_session_translate(thor_session *session, const char *from, const char *to, const char *domain,
                           const char *line, char **translation, thor_message *message)
{
    thor_error error;
    *translation = NULL;
    return say(message, &error, translate(session, from, to, domain, line, translation, &error));
}

void thor_text_free(char *text)
{
    free(text);
}

static thor_status check_numbers(const char *name, const int32_t *numbers, int64_t sentences, int32_t count,
                                 thor_error *error)
{
    for (int64_t b = 0; b < sentences; b++)
        if (numbers[b] < 0 || numbers[b] >= count)
            return thor_fail(error, THOR_E_USAGE, "%s, sentence %lld: %d; 0 to %d is possible", name, (long long)b,
                             (int)numbers[b], (int)count - 1);
    return THOR_OK;
}

static thor_status check_labels(const thor_session *session, const thor_batch *batch, thor_error *error)
{
    const thor_config *config = &session->opened.model.config;
    int64_t sentences = batch->sentences;
    THOR_TRY(check_numbers("src_language", batch->source_language, sentences, config->languages.count, error));
    THOR_TRY(check_numbers("tgt_language", batch->target_language, sentences, config->languages.count, error));
    return thor_config_has_predictor(config)
               ? check_numbers("task_label", batch->task_label, sentences, thor_config_tasks(config), error)
               : THOR_OK;
}

static thor_status run(thor_session *session, const thor_padded_batch *padded, bool backward, thor_pass_options options,
                       thor_losses *losses, thor_error *error)
{
    forget_run(session);
    THOR_TRY(thor_unpad(&session->batch, padded, session->opened.model.config.vocab.ids, error));
    const thor_batch *batch = &session->batch.batch;
    THOR_TRY(check_labels(session, batch, error));
    thor_shape shape = { batch->sentences, batch->source_rows, batch->target_rows, batch->source_width,
                         batch->target_width };
    THOR_TRY(thor_pass_open(&session->pass, &session->opened.model, &session->opened.compute, &shape, backward, error));
    options.step_tokens = batch->target_rows;
    if (backward) {
        session->gradients = thor_block_take(thor_bytes_of(session->opened.model.params.floats, sizeof(float)));
        if (!session->gradients)
            return thor_fail(error, THOR_E_MEMORY, "no memory for %lld gradients",
                             (long long)session->opened.model.params.floats);
        options.gradients = session->gradients;
    }
    THOR_TRY(thor_pass_forward(session->pass, batch, &options, losses, error));
    if (backward)
        thor_pass_backward(session->pass);
    return THOR_OK;
}

int thor_session_run(thor_session *session, const thor_padded_batch *batch, int backward, uint64_t seed, uint32_t step,
                     thor_batch_losses *losses, thor_message *message)
{
    thor_error error;
    thor_losses sums;
    thor_pass_options options = { .training = backward != 0, .seed = seed, .step = step, .shards = 1 };
    thor_status status = run(session, batch, backward != 0, options, &sums, &error);
    if (status != THOR_OK)
        forget_run(session);
    else
        *losses = (thor_batch_losses){ sums.nll_sum / (double)sums.tokens,
                                       sums.part[THOR_LOSS_TASK],
                                       sums.part[THOR_LOSS_TASK_BALANCE],
                                       sums.part[THOR_LOSS_TOKEN_BALANCE],
                                       sums.part[THOR_LOSS_DYNAMIC],
                                       sums.part[THOR_LOSS_BUDGET],
                                       sums.part[THOR_LOSS_FAMILY],
                                       sums.tokens };
    return say(message, &error, status);
}

typedef struct {
    const char *name;
    thor_view *view;
    bool found;
} search;

static void compare(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    search *s = context;
    (void)rows;
    if (s->found || strcmp(tensor->name, s->name) != 0)
        return;
    s->found = true;
    *s->view = (thor_view){ .data = tensor->data, .is_integer = tensor->dtype == THOR_I32, .dims = tensor->dims };
    memcpy(s->view->shape, tensor->shape, sizeof s->view->shape);
}

static bool find_parameter(const thor_session *session, const char *name, const float *block, thor_view *view)
{
    int32_t index = thor_params_find(&session->opened.model.params, name);
    if (index < 0 || !block)
        return false;
    const thor_param *param = &session->opened.model.params.items[index];
    *view = (thor_view){ .data = block + param->offset, .dims = param->dims };
    memcpy(view->shape, param->shape, (size_t)param->dims * sizeof *param->shape);
    return true;
}

int thor_session_tensor(const thor_session *session, const char *name, thor_view *view, thor_message *message)
{
    static const char gradient[] = "gradient:";
    search s = { name, view, false };
    thor_error error;
    if (strncmp(name, gradient, sizeof gradient - 1) == 0)
        s.found = find_parameter(session, name + sizeof gradient - 1, session->gradients, view);
    else
        s.found = find_parameter(session, name, session->opened.model.values, view);
    if (!s.found && session->pass)
        thor_pass_visit(session->pass, compare, &s);
    if (s.found)
        return THOR_SUCCESS;
    return say(message, &error,
               thor_fail(&error, THOR_E_USAGE,
                         "there is no tensor '%s' here; gradients and activations exist after "
                         "thor_session_run, see thor-golden(5) for the names",
                         name));
}
