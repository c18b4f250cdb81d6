#include "decode/translate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

/* One source for the model: a request, or a part of one that is too long. */
typedef struct {
    int64_t request;
    int32_t part;
    const int32_t *ids;
    int32_t count;
    thor_translation translation;
} job;

typedef struct {
    const thor_translator *translator;
    const thor_request *requests;
    thor_reply *replies;
    int64_t requests_count;
    thor_ids *ids;                      /* [requests] */
    job *jobs;
    int64_t job_count, job_room;
    int64_t *order;                     /* [jobs] longest first */
} work;

thor_translator thor_translator_make(const thor_model *model, const thor_vocab *vocab, const thor_compute *compute)
{
    const thor_config *config = &model->config;
    return (thor_translator){
        .model = model, .vocab = vocab, .compute = compute, .batch_sentences = 32, .batch_tokens = 4096, .most_source = 512,
        .search = { config->search.beam, config->search.length_penalty, config->search.max_length_a, config->search.max_length_b },
    };
}

static bool add_job(work *w, job next)
{
    if (w->job_count == w->job_room) {
        int64_t room = w->job_room * 2 + 64;
        job *jobs = realloc(w->jobs, (size_t)room * sizeof *jobs);
        if (!jobs)
            return false;
        w->jobs = jobs;
        w->job_room = room;
    }
    w->jobs[w->job_count++] = next;
    return true;
}

/* Where to cut a long source: before the last piece within the limit that begins a word. */
static int32_t cut(const work *w, const int32_t *ids, int32_t count)
{
    int32_t most = w->translator->most_source;
    if (count <= most)
        return count;
    for (int32_t at = most; at > most / 2; at--) {
        const char *piece = thor_vocab_piece(w->translator->vocab, ids[at]);
        if (piece && strncmp(piece, "\xe2\x96\x81", 3) == 0)
            return at;
    }
    return most;
}

static thor_status split(work *w, int64_t request, thor_error *error)
{
    thor_ids *all = &w->ids[request];
    const thor_request *r = &w->requests[request];
    thor_error inner;
    thor_status status = thor_vocab_encode(w->translator->vocab, r->text, r->bytes, all, &inner);
    if (status != THOR_OK)
        return thor_fail(error, status, "line %lld: %s", (long long)r->line, inner.text);
    int32_t left = (int32_t)all->count, part = 0;
    for (const int32_t *at = all->ids; left > 0; part++) {
        int32_t count = cut(w, at, left);
        if (!add_job(w, (job){ .request = request, .part = part, .ids = at, .count = count }))
            return thor_fail(error, THOR_E_MEMORY, "line %lld: no memory for its %zu pieces", (long long)r->line, all->count);
        at += count;
        left -= count;
    }
    w->replies[request].parts = part;
    return THOR_OK;
}

/* Longest first, so that sentences of one length meet and too large a batch shows at once; equal lengths in order. */
static bool sort_jobs(work *w)
{
    uint64_t *keys = malloc(((size_t)w->job_count + 1) * sizeof *keys);
    w->order = malloc(((size_t)w->job_count + 1) * sizeof *w->order);
    if (!keys || !w->order) {
        free(keys);
        return false;
    }
    for (int64_t i = 0; i < w->job_count; i++)
        keys[i] = (uint64_t)(UINT32_MAX - (uint32_t)w->jobs[i].count) << 32 | (uint64_t)i;
    thor_sort_u64(keys, w->job_count);
    for (int64_t i = 0; i < w->job_count; i++)
        w->order[i] = (int64_t)(keys[i] & UINT32_MAX);
    free(keys);
    return true;
}

/* A batch in one block of memory. */
typedef struct {
    thor_batch batch;
    int64_t *offsets;
    int32_t *source, *languages, *tags;
} packed;

static int32_t label_of(const thor_config *config, const thor_request *r)
{
    if (config->task.label == THOR_LABEL_SOURCE_LANGUAGE)
        return r->source_language;
    if (config->task.label == THOR_LABEL_PAIR) {
        char pair[64];
        snprintf(pair, sizeof pair, "%s-%s", config->languages.items[r->source_language], config->languages.items[r->target_language]);
        return thor_names_find(&config->pairs, pair);
    }
    return config->task.label == THOR_LABEL_DOMAIN ? -1 : r->target_language;
}

static void fill(packed *p, const work *w, const int64_t *order, int64_t count)
{
    const thor_config *config = &w->translator->model->config;
    bool cls = thor_config_has_predictor(config);
    int64_t row = 0;
    for (int64_t b = 0; b < count; b++) {
        const job *j = &w->jobs[order[b]];
        const thor_request *r = &w->requests[j->request];
        p->offsets[b] = row;
        if (cls)
            p->source[row++] = thor_config_cls(config);
        p->source[row++] = thor_config_language_token(config, r->source_language);
        memcpy(p->source + row, j->ids, (size_t)j->count * sizeof *p->source);
        row += j->count;
        p->source[row++] = THOR_ID_EOS;
        if (row - p->offsets[b] > p->batch.source_width)
            p->batch.source_width = row - p->offsets[b];
        p->languages[b] = r->source_language;
        p->languages[count + b] = r->target_language;
        p->languages[2 * count + b] = label_of(config, r);
        p->tags[b] = thor_config_language_token(config, r->target_language);
    }
    p->offsets[count] = row;
    p->batch.sentences = count;
    p->batch.source_rows = row;
    p->batch.source_offset = p->offsets;
    p->batch.target_offset = p->offsets + count + 1;
    p->batch.source = p->source;
    p->batch.source_language = p->languages;
    p->batch.target_language = p->languages + count;
    p->batch.task_label = p->languages + 2 * count;
}

static thor_status run_batch(work *w, const packed *p, const int64_t *order, thor_error *error)
{
    const thor_translator *t = w->translator;
    thor_shape shape = { p->batch.sentences, p->batch.source_rows, 0, p->batch.source_width, 0 };
    thor_translation *translations = calloc((size_t)p->batch.sentences, sizeof *translations);
    thor_pass *pass = NULL;
    if (!translations)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld translations", (long long)p->batch.sentences);
    thor_status status = thor_pass_open(&pass, t->model, t->compute, &shape, false, error);
    if (status == THOR_OK)
        status = thor_pass_encode(pass, &p->batch, error);
    if (status == THOR_OK)
        status = thor_beam_search(pass, p->tags, &t->search, translations, error);
    for (int64_t b = 0; b < p->batch.sentences; b++)
        w->jobs[order[b]].translation = translations[b];
    thor_pass_close(pass);
    free(translations);
    return status;
}

/* The next batch of sorted jobs: its first job is its longest. */
static int64_t batch_count(const work *w, int64_t first)
{
    const thor_translator *t = w->translator;
    int64_t longest = w->jobs[w->order[first]].count + 3, most = t->batch_tokens / longest;
    most = most < 1 ? 1 : most > t->batch_sentences ? t->batch_sentences : most;
    return most < w->job_count - first ? most : w->job_count - first;
}

static thor_status translate_batch(work *w, int64_t first, int64_t count, thor_error *error)
{
    int64_t rows = 0;
    for (int64_t b = 0; b < count; b++)
        rows += w->jobs[w->order[first + b]].count + 3;
    packed p = { .offsets = calloc((size_t)count * 2 + 2, sizeof *p.offsets), .source = malloc((size_t)rows * sizeof *p.source),
                 .languages = malloc((size_t)count * 3 * sizeof *p.languages), .tags = malloc((size_t)count * sizeof *p.tags) };
    thor_status status;
    if (p.offsets && p.source && p.languages && p.tags) {
        fill(&p, w, w->order + first, count);
        status = run_batch(w, &p, w->order + first, error);
    } else {
        status = thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld sentences", (long long)count);
    }
    free(p.offsets);
    free(p.source);
    free(p.languages);
    free(p.tags);
    return status;
}

/* Appends a blank and `text` to *line. */
static bool append(char **line, const char *text)
{
    size_t had = *line ? strlen(*line) + 1 : 0, more = strlen(text);
    char *longer = realloc(*line, had + more + 1);
    if (!longer)
        return false;
    if (had)
        longer[had - 1] = ' ';
    memcpy(longer + had, text, more + 1);
    *line = longer;
    return true;
}

/* A line in one part has all its hypotheses; of a line in many parts the best of each are joined and scores are averaged. */
static thor_status reply_with(work *w, const job *j, thor_error *error)
{
    thor_reply *reply = &w->replies[j->request];
    int32_t wanted = reply->parts > 1 ? 1 : j->translation.count;
    if (!reply->texts) {
        reply->texts = calloc((size_t)wanted + 1, sizeof *reply->texts);
        reply->scores = calloc((size_t)wanted + 1, sizeof *reply->scores);
        reply->count = reply->texts && reply->scores ? wanted : 0;
    }
    for (int32_t i = 0; i < wanted; i++) {
        const thor_hypothesis *h = &j->translation.items[i];
        char *text = NULL;
        THOR_TRY(thor_vocab_decode(w->translator->vocab, h->ids, (size_t)h->count, &text, error));
        bool fine = reply->count == wanted && append(&reply->texts[i], text);
        free(text);
        if (!fine)
            return thor_fail(error, THOR_E_MEMORY, "line %lld: no memory for its translation", (long long)w->requests[j->request].line);
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
    if (!sort_jobs(w))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the order of %lld sentences", (long long)w->job_count);
    for (int64_t first = 0, count; first < w->job_count; first += count) {
        count = batch_count(w, first);
        THOR_TRY(translate_batch(w, first, count, error));
    }
    for (int64_t i = 0; i < w->job_count; i++)
        THOR_TRY(reply_with(w, &w->jobs[i], error));
    return THOR_OK;
}

thor_status thor_translate(const thor_translator *translator, const thor_request *requests, int64_t count, thor_reply *replies,
                           thor_error *error)
{
    memset(replies, 0, (size_t)count * sizeof *replies);
    work w = { .translator = translator, .requests = requests, .replies = replies, .requests_count = count };
    w.ids = calloc((size_t)count + 1, sizeof *w.ids);
    thor_status status = w.ids ? run(&w, error) : thor_fail(error, THOR_E_MEMORY, "no memory for %lld lines", (long long)count);
    for (int64_t i = 0; i < w.job_count; i++)
        thor_translation_free(&w.jobs[i].translation);
    for (int64_t i = 0; i < count && w.ids; i++)
        free(w.ids[i].ids);
    free(w.ids);
    free(w.jobs);
    free(w.order);
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
