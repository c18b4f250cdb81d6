#include "decode/translate.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "decode/long_line.h"
#include "decode/source_batch.h"
#include "pieces/encoder.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* Which line a source belongs to; same index as in work.sources. */
typedef struct work {
    const thor_translator *translator;
    const thor_request *requests;
    thor_reply *replies;
    int64_t requests_count;
    thor_encoder encoder;
    thor_ids *ids;                      /* [requests] */
    thor_source_part *sources;
    int64_t *owners;                    /* [sources] index of the request */
    int64_t count, room;                /* of sources */
    int64_t *order;                     /* [sources] longest first */
    int64_t *first;                     /* [batches + 1] into order */
    int64_t batches;
    thor_status *statuses;              /* [batches] */
    thor_error *errors;                 /* [batches] */
} work;

/* A source is cut where its translation would meet the limit on its length, and in any case here. */
enum { MOST_SOURCE = 512, LEAST_SOURCE = 16 };

thor_translator thor_translator_make(const thor_model *model, const thor_vocab *vocab, const thor_compute *compute)
{
    const thor_config *config = &model->config;
    double a = config->search.max_length_a, b = config->search.max_length_b;
    double most = a < 1 ? b / (1 - a) : MOST_SOURCE;
    most = most < LEAST_SOURCE ? LEAST_SOURCE : most > MOST_SOURCE ? MOST_SOURCE : most;
    return (thor_translator){
        .model = model, .vocab = vocab, .compute = compute, .batch_sentences = 32, .batch_tokens = 4096,
        .most_source = (int32_t)most, .search = { config->search.beam, config->search.length_penalty, a, b },
    };
}

static bool add_source(work *w, int64_t request, const int32_t *ids, int32_t count)
{
    if (w->count == w->room) {
        int64_t room = w->room * 2 + 64;
        thor_source_part *sources = realloc(w->sources, (size_t)room * sizeof *sources);
        if (sources)
            w->sources = sources;
        int64_t *owners = sources ? realloc(w->owners, (size_t)room * sizeof *owners) : NULL;
        if (!owners)
            return false;
        w->owners = owners;
        w->room = room;
    }
    const thor_request *r = &w->requests[request];
    w->owners[w->count] = request;
    w->sources[w->count++] = (thor_source_part){ .ids = ids,
                                            .count = count,
                                            .source_language = r->source_language,
                                            .target_language = r->target_language,
                                            .domain = r->domain,
                                            .line = r->line };
    return true;
}

/* Nothing but white space, as thor_prepare's filter sees it and beyond: the model never saw such a sentence. */
static bool is_blank(const char *text, size_t bytes)
{
    uint32_t code;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = thor_utf8_next(text + at, bytes - at, &code);
        if (length == 0 || !thor_unicode_is_space((int32_t)code))
            return false;
    }
    return true;
}

static thor_status split(work *w, int64_t request, thor_error *error)
{
    const thor_translator *t = w->translator;
    const thor_request *r = &w->requests[request];
    thor_ids *all = &w->ids[request];
    if (is_blank(r->text, r->bytes))
        return THOR_OK;
    thor_error inner;
    thor_status status = thor_encoder_line(&w->encoder, t->vocab, r->text, r->bytes, all, &inner);
    if (status != THOR_OK)
        return thor_fail(error, status, "line %lld: %s", (long long)r->line, inner.text);
    const int32_t *at = all->ids;
    for (int32_t left = (int32_t)all->count, count; left > 0; left -= count, at += count) {
        count = thor_long_line_cut(t->vocab, at, left, t->most_source);
        if (!add_source(w, request, at, count))
            return thor_fail(error, THOR_E_MEMORY, "line %lld: no memory for its %zu pieces", (long long)r->line,
                             all->count);
        w->replies[request].parts++;
    }
    return THOR_OK;
}

/* Longest first, so that sentences of one length meet and too large a batch shows at once; equal lengths in order. */
static bool sort_sources(work *w)
{
    uint64_t *keys = malloc(((size_t)w->count + 1) * sizeof *keys);
    w->order = malloc(((size_t)w->count + 1) * sizeof *w->order);
    w->first = malloc(((size_t)w->count + 1) * sizeof *w->first);
    if (!keys || !w->order || !w->first) {
        free(keys);
        return false;
    }
    for (int64_t i = 0; i < w->count; i++)
        keys[i] = (uint64_t)(UINT32_MAX - (uint32_t)w->sources[i].count) << 32 | (uint64_t)i;
    thor_sort_u64(keys, w->count);
    for (int64_t i = 0; i < w->count; i++)
        w->order[i] = (int64_t)(keys[i] & UINT32_MAX);
    free(keys);
    return true;
}

/* The first source of a batch is its longest. */
static void cut_batches(work *w)
{
    const thor_translator *t = w->translator;
    int64_t at = 0;
    while (at < w->count) {
        int64_t longest = w->sources[w->order[at]].count + 3, most = t->batch_tokens / longest;
        most = most < 1 ? 1 : most > t->batch_sentences ? t->batch_sentences : most;
        w->first[w->batches++] = at;
        at += most < w->count - at ? most : w->count - at;
    }
    w->first[w->batches] = at;
}

static thor_status run_batch(const work *w, int64_t batch, const thor_compute *compute, thor_error *error)
{
    const thor_translator *t = w->translator;
    int64_t first = w->first[batch];
    return thor_source_batch_run(t->model, compute, &t->search, w->sources, w->order + first,
                                 w->first[batch + 1] - first, error);
}

/* A batch on one thread, with that thread's packing memory. */
static void batch_body(void *context, int64_t begin, int64_t end, int thread)
{
    const work *w = context;
    thor_compute own = *w->translator->compute;
    own.par = (thor_par){ .threads = 1 };
    own.pack += thread;
    for (int64_t i = begin; i < end; i++)
        w->statuses[i] = run_batch(w, i, &own, &w->errors[i]);
}

/* Several batches: one for each thread, which saves waiting for one another at each position; a last or only one: on
 * all threads. A back end with threads of its own gets one batch at a time. */
static thor_status run_batches(work *w, thor_error *error)
{
    const thor_compute *compute = w->translator->compute;
    int64_t together = compute->backend ? 0 : w->batches / compute->par.threads * compute->par.threads;
    if (together < 2)
        together = 0;
    w->statuses = calloc((size_t)w->batches + 1, sizeof *w->statuses);
    w->errors = calloc((size_t)w->batches + 1, sizeof *w->errors);
    if (!w->statuses || !w->errors)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the results of %lld batches", (long long)w->batches);
    thor_par_each(&compute->par, together, batch_body, w);
    for (int64_t i = 0; i < together; i++)
        if (w->statuses[i] != THOR_OK)
            return thor_fail(error, w->statuses[i], "%s", w->errors[i].text);
    for (int64_t i = together; i < w->batches; i++)
        THOR_TRY(run_batch(w, i, compute, error));
    return THOR_OK;
}

/* A line in one part has all its hypotheses; of a line in many parts the best of each are joined and scores are
 * averaged. */
static thor_status reply_with(work *w, int64_t index, thor_error *error)
{
    const thor_source_part *source = &w->sources[index];
    thor_reply *reply = &w->replies[w->owners[index]];
    int32_t wanted = reply->parts > 1 ? 1 : source->translation.count;
    if (source->translation.count == 0)
        return thor_fail(error, THOR_E_NUMBER,
                         "line %lld: no translation has a finite probability; are the model's weights sound?",
                         (long long)source->line);
    if (!reply->texts) {
        reply->texts = calloc((size_t)wanted + 1, sizeof *reply->texts);
        reply->scores = calloc((size_t)wanted + 1, sizeof *reply->scores);
        reply->count = reply->texts && reply->scores ? wanted : 0;
    }
    for (int32_t i = 0; i < wanted; i++) {
        const thor_hypothesis *h = &source->translation.items[i];
        char *text = NULL;
        THOR_TRY(thor_vocab_decode(w->translator->vocab, h->ids, (size_t)h->count, &text, error));
        bool fine = reply->count == wanted && thor_long_line_join(&reply->texts[i], text);
        free(text);
        if (!fine)
            return thor_fail(error, THOR_E_MEMORY, "line %lld: no memory for its translation", (long long)source->line);
        reply->scores[i] += h->score / (double)reply->parts;
    }
    return THOR_OK;
}

static thor_status blank_reply(thor_reply *reply, thor_error *error)
{
    reply->texts = calloc(1, sizeof *reply->texts);
    reply->scores = calloc(1, sizeof *reply->scores);
    if (!reply->texts || !reply->scores || !(reply->texts[0] = calloc(1, 1)))
        return thor_fail(error, THOR_E_MEMORY, "no memory for an empty line");
    reply->count = 1;
    return THOR_OK;
}

static thor_status run(work *w, thor_error *error)
{
    for (int64_t i = 0; i < w->requests_count; i++) {
        THOR_TRY(split(w, i, error));
        if (w->replies[i].parts == 0)
            THOR_TRY(blank_reply(&w->replies[i], error));
    }
    if (!sort_sources(w))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the order of %lld sentences", (long long)w->count);
    cut_batches(w);
    THOR_TRY(run_batches(w, error));
    for (int64_t i = 0; i < w->count; i++)
        THOR_TRY(reply_with(w, i, error));
    return THOR_OK;
}

thor_status thor_translate(const thor_translator *translator, const thor_request *requests, int64_t count,
                           thor_reply *replies, thor_error *error)
{
    memset(replies, 0, (size_t)count * sizeof *replies);
    work w = { .translator = translator, .requests = requests, .replies = replies, .requests_count = count };
    w.ids = calloc((size_t)count + 1, sizeof *w.ids);
    thor_status status = w.ids ? run(&w, error)
                               : thor_fail(error, THOR_E_MEMORY, "no memory for %lld lines", (long long)count);
    for (int64_t i = 0; i < w.count; i++)
        thor_translation_free(&w.sources[i].translation);
    for (int64_t i = 0; i < count && w.ids; i++)
        free(w.ids[i].ids);
    free(w.ids);
    thor_encoder_free(&w.encoder);
    free(w.sources);
    free(w.owners);
    free(w.order);
    free(w.first);
    free(w.statuses);
    free(w.errors);
    return status;
}

void thor_reply_free(thor_reply *reply)
{
    for (int32_t i = 0; i < reply->count; i++)
        free(reply->texts[i]);
    free(reply->texts);
    free(reply->scores);
    *reply = (thor_reply){ .texts = NULL };
}
