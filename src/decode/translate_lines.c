#include "decode/translate_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/opened_model.h"

enum { BATCHES_AT_ONCE = 16, NAME = 64, LIST = 512 };

typedef struct pipeline {
    const thor_translator *translator;
    const thor_line_job *job;
    thor_line_input *input;
    thor_line_chunk chunk;
    size_t most;                        /* lines of a chunk */
    thor_request *requests;             /* [most] */
    thor_reply *replies;                /* [most] */
} pipeline;

/* One of the two languages at the start of a line; *text moves behind its tab. */
static thor_status take_language(const pipeline *p, const char **text, size_t *bytes, int64_t line, int32_t *found,
                                 thor_error *error)
{
    char name[NAME], list[LIST];
    const thor_names *languages = &p->translator->model->config.languages;
    const char *tab = memchr(*text, '\t', *bytes);
    if (!tab)
        return thor_fail(error, THOR_E_FORMAT, "%s: line %lld has too few fields; expected FROM, tab, TO, tab, text",
                         p->input->name, (long long)line);
    size_t length = (size_t)(tab - *text);
    snprintf(name, sizeof name, "%.*s", (int)(length < NAME ? length : NAME - 1), *text);
    *found = thor_names_find(languages, name);
    if (*found < 0 || length >= NAME)
        return thor_fail(error, THOR_E_FORMAT, "%s: line %lld: the model does not know the language '%.40s'; it has %s",
                         p->input->name, (long long)line, name, thor_opened_model_names(languages, list, sizeof list));
    *bytes -= length + 1;
    *text = tab + 1;
    return THOR_OK;
}

/* Requests of the chunk's lines; *count is the number of those before the first wrong one. */
static thor_status make_requests(pipeline *p, int64_t *count, thor_error *error)
{
    const thor_line_job *job = p->job;
    for (*count = 0; *count < (int64_t)p->chunk.count; ++*count) {
        const thor_input_line *line = &p->chunk.lines[*count];
        thor_request *r = &p->requests[*count];
        *r = (thor_request){ .text = p->chunk.text.data + line->start, .bytes = line->bytes,
                             .source_language = job->source, .target_language = job->target, .domain = job->domain,
                             .line = line->number };
        if (!job->pairs || line->bytes == 0)
            continue;
        THOR_TRY(take_language(p, &r->text, &r->bytes, line->number, &r->source_language, error));
        THOR_TRY(take_language(p, &r->text, &r->bytes, line->number, &r->target_language, error));
    }
    return THOR_OK;
}

static thor_status answer(pipeline *p, int64_t count, thor_error *error)
{
    thor_status status = thor_translate(p->translator, p->requests, count, p->replies, error);
    if (status == THOR_OK)
        status = p->job->receive(p->job->context, p->requests, p->replies, count, error);
    for (int64_t i = 0; i < count; i++)
        thor_reply_free(&p->replies[i]);
    return status;
}

/* Translates what is good of a chunk before it tells what is not. */
static thor_status run_chunks(pipeline *p, thor_error *error)
{
    for (bool more = true; more;) {
        int64_t good = 0;
        thor_error of_input, of_line;
        thor_status input = thor_line_input_read(p->input, &p->chunk, p->most, &of_input);
        thor_status line = make_requests(p, &good, &of_line);
        more = p->chunk.count > 0;
        if (good > 0)
            THOR_TRY(answer(p, good, error));
        if (line != THOR_OK || input != THOR_OK) {
            *error = line != THOR_OK ? of_line : of_input;
            return error->code;
        }
    }
    return THOR_OK;
}

thor_status thor_translate_lines(const thor_translator *translator, thor_line_input *input, const thor_line_job *job,
                                 thor_error *error)
{
    pipeline p = { .translator = translator, .job = job, .input = input,
                   .most = (size_t)translator->batch_sentences * BATCHES_AT_ONCE };
    p.requests = calloc(p.most, sizeof *p.requests);
    p.replies = calloc(p.most, sizeof *p.replies);
    thor_status status = p.requests && p.replies
                             ? run_chunks(&p, error)
                             : thor_fail(error, THOR_E_MEMORY, "no memory for %zu lines; take smaller batches", p.most);
    thor_line_chunk_free(&p.chunk);
    free(p.requests);
    free(p.replies);
    return status;
}
