/* The test sets: translated by the best checkpoint, and scored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dmath.h"
#include "base/fileio.h"
#include "base/folder.h"
#include "data/directions.h"
#include "decode/translate.h"
#include "file/checkpoint.h"
#include "model/labels.h"
#include "reproduce/job_parts.h"
#include "reproduce/score_test.h"

enum { LINES_AT_ONCE = 256, NAME = 200 };

/* One direction of one test set. Text is what the prepared pieces are when they are joined. */
typedef struct test_set {
    thor_job *job;
    const thor_direction *direction;
    int64_t count;
    char name[NAME], language_pair[THOR_DIRECTION_NAME];
    const char *domain;                 /* NULL without */
} test_set;

static thor_status text_of(const test_set *t, int side, int64_t index, char **text, thor_error *error)
{
    int32_t count;
    const int32_t *ids = thor_prepared_ids(&t->job->corpus, t->direction->pair, THOR_TEST, side, index, &count);
    return thor_vocab_decode(t->job->model.vocab, ids, (size_t)count, text, error);
}

static thor_status file_of(const test_set *t, const char *ending, char **path, thor_error *error)
{
    char name[NAME + 16];
    snprintf(name, sizeof name, "test/%s.%s", t->name, ending);
    return thor_job_file(path, t->job, name, error);
}

/* ---- translating ---- */

static thor_status make_requests(const test_set *t, int64_t first, int64_t count, char **texts,
                                 thor_request *requests, thor_error *error)
{
    for (int64_t i = 0; i < count; i++) {
        THOR_TRY(text_of(t, t->direction->source_side, first + i, &texts[i], error));
        requests[i] = (thor_request){ .text = texts[i], .bytes = strlen(texts[i]),
                                      .source_language = t->direction->source_language,
                                      .target_language = t->direction->target_language,
                                      .domain = t->direction->domain, .line = first + i + 1 };
    }
    return THOR_OK;
}

static thor_status translate_some(const test_set *t, const thor_translator *translator, int64_t first, int64_t count,
                                  FILE *stream, thor_error *error)
{
    char *texts[LINES_AT_ONCE] = { NULL };
    thor_request requests[LINES_AT_ONCE] = { { .text = NULL } };
    thor_reply replies[LINES_AT_ONCE];
    thor_status status = make_requests(t, first, count, texts, requests, error);
    if (status == THOR_OK) {
        memset(replies, 0, sizeof replies);
        status = thor_translate(translator, requests, count, replies, error);
        for (int64_t i = 0; i < count; i++) {
            if (status == THOR_OK)
                fprintf(stream, "%s\n", replies[i].texts[0]);
            thor_reply_free(&replies[i]);
        }
    }
    for (int64_t i = 0; i < count; i++)
        free(texts[i]);
    return status;
}

static thor_status write_hypotheses(const test_set *t, FILE *stream, bool *done, thor_error *error)
{
    const thor_opened_model *model = &t->job->model;
    thor_translator translator = thor_translator_make(&model->model, model->vocab, &model->compute);
    translator.search.beam = t->job->reproduction->options->beam;
    for (int64_t first = 0; first < t->count && *done; first += LINES_AT_ONCE) {
        int64_t count = t->count - first < LINES_AT_ONCE ? t->count - first : LINES_AT_ONCE;
        THOR_TRY(translate_some(t, &translator, first, count, stream, error));
        *done = !thor_job_should_stop(t->job);
    }
    return THOR_OK;
}

static thor_status write_references(const test_set *t, FILE *stream, thor_error *error)
{
    for (int64_t i = 0; i < t->count; i++) {
        char *text;
        THOR_TRY(text_of(t, 1 - t->direction->source_side, i, &text, error));
        fprintf(stream, "%s\n", text);
        free(text);
    }
    return THOR_OK;
}

static thor_status write_side(const test_set *t, bool hypotheses, bool *done, thor_error *error)
{
    struct stat facts;
    char *path;
    thor_output output = { .stream = NULL };
    THOR_TRY(file_of(t, hypotheses ? "hyp" : "ref", &path, error));
    thor_status status = THOR_OK;
    if (stat(path, &facts) != 0) {
        status = thor_output_open(&output, path, error);
        if (status == THOR_OK)
            status = hypotheses ? write_hypotheses(t, output.stream, done, error)
                                : write_references(t, output.stream, error);
        if (status == THOR_OK && *done)
            status = thor_output_commit(&output, error);
        thor_output_abandon(&output);
    }
    free(path);
    return status;
}

/* ---- scoring ---- */

static thor_status read_side(const test_set *t, const char *ending, thor_score_lines *lines, thor_error *error)
{
    char *path;
    THOR_TRY(file_of(t, ending, &path, error));
    thor_status status = thor_score_lines_open(lines, path, error);
    if (status == THOR_OK && (int64_t)lines->count != t->count)
        status = thor_fail(error, THOR_E_FORMAT, "%s: %zu lines; expected %lld; remove the file to have it made again",
                           path, lines->count, (long long)t->count);
    free(path);
    return status;
}

static thor_status score(const test_set *t, thor_test_scores *scores, thor_error *error)
{
    thor_score_lines hypotheses = { .items = NULL }, references = { .items = NULL };
    thor_status status = read_side(t, "hyp", &hypotheses, error);
    if (status == THOR_OK)
        status = read_side(t, "ref", &references, error);
    if (status == THOR_OK)
        status = thor_score_test(scores, t->language_pair, t->domain, &hypotheses, &references, error);
    thor_score_lines_free(&hypotheses);
    thor_score_lines_free(&references);
    return status;
}

/* ---- all directions ---- */

static test_set test_of(thor_job *job, const thor_direction *direction)
{
    test_set t = { .job = job, .direction = direction,
                   .count = job->corpus.pairs[direction->pair].count[THOR_TEST] };
    thor_config_direction(t.language_pair, &job->model.model.config, direction->source_language,
                          direction->target_language);
    t.domain = direction->domain >= 0 ? job->model.model.config.domains.items[direction->domain] : NULL;
    snprintf(t.name, sizeof t.name, "%s%s%s", t.language_pair, t.domain ? "." : "", t.domain ? t.domain : "");
    return t;
}

static thor_status run_directions(thor_job *job, const thor_direction *directions, int32_t count,
                                  thor_job_scores *scores, bool *done, thor_error *error)
{
    for (int32_t i = 0; i < count && *done; i++) {
        test_set t = test_of(job, &directions[i]);
        if (t.count == 0)
            continue;
        THOR_TRY(write_side(&t, false, done, error));
        THOR_TRY(write_side(&t, true, done, error));
        if (*done)
            THOR_TRY(score(&t, &scores->tests[scores->count++], error));
    }
    if (*done && scores->count == 0)
        return thor_fail(error, THOR_E_USAGE, "%s: no direction has a test set; prepare data with one",
                         job->reproduction->options->data);
    return THOR_OK;
}

static thor_status take_state(const thor_job *job, thor_job_scores *scores, thor_error *error)
{
    thor_state state;
    char *path;
    THOR_TRY(thor_job_file(&path, job, "run/last", error));
    thor_status status = thor_checkpoint_state(&state, path, error);
    free(path);
    THOR_TRY(status);
    scores->updates = state.updates;
    scores->best_updates = state.best_updates;
    scores->perplexity = thor_exp(state.best_nll);
    return THOR_OK;
}

static thor_status write_scores(const thor_job *job, const thor_job_scores *scores, thor_error *error)
{
    char *path;
    THOR_TRY(thor_job_file(&path, job, "scores.json", error));
    thor_status status = thor_job_scores_write(scores, path, error);
    free(path);
    return status;
}

static thor_status translate_all(thor_job *job, const thor_sampler *sampler, bool *done, thor_error *error)
{
    int32_t count;
    thor_job_scores scores = { .count = 0 };
    const thor_direction *directions = thor_sampler_directions(sampler, &count);
    scores.tests = calloc((size_t)count + 1, sizeof *scores.tests);
    thor_status status = scores.tests ? take_state(job, &scores, error)
                                      : thor_fail(error, THOR_E_MEMORY, "no memory for %d scores", (int)count);
    if (status == THOR_OK)
        status = run_directions(job, directions, count, &scores, done, error);
    if (status == THOR_OK && *done)
        status = write_scores(job, &scores, error);
    thor_job_scores_free(&scores);
    return status;
}

thor_status thor_job_translate(thor_job *job, bool *done, thor_error *error)
{
    char *path;
    thor_sampler *sampler = NULL;
    THOR_TRY(thor_job_file(&path, job, "test", error));
    thor_status status = thor_make_folder(path, error);
    free(path);
    THOR_TRY(status);
    *done = true;
    THOR_TRY(thor_directions_sampler(&sampler, &job->corpus, &job->model.model.config,
                                     job->reproduction->options->data, error));
    status = translate_all(job, sampler, done, error);
    thor_sampler_close(sampler);
    return status;
}
