#include "decode/source_batch.h"

#include <stdlib.h>
#include <string.h>

#include "model/labels.h"
#include "model/sequence.h"
#include "pieces/vocab.h"

/* A batch in four blocks of memory. */
typedef struct packed {
    thor_batch batch;
    int64_t *offsets;
    int32_t *source, *languages, *tags;
} packed;

bool thor_model_needs_task(const thor_model *model)
{
    return model->config.task.representation == THOR_REPRESENTATION_GOLDEN;
}

/* Returns the row behind the source. */
static int64_t put_source(packed *p, const thor_config *config, const thor_source_part *s, int64_t row)
{
    int32_t *words = thor_source_frame(p->source + row, config, s->source_language, s->count);
    memcpy(words, s->ids, (size_t)s->count * sizeof *words);
    return row + s->count + thor_source_extra(config);
}

static thor_status fill(packed *p, const thor_model *model, const thor_source_part *sources, const int64_t *order,
                        int64_t count, thor_error *error)
{
    const thor_config *config = &model->config;
    int64_t row = 0;
    for (int64_t b = 0; b < count; b++) {
        const thor_source_part *s = &sources[order[b]];
        p->offsets[b] = row;
        row = put_source(p, config, s, row);
        if (row - p->offsets[b] > p->batch.source_width)
            p->batch.source_width = row - p->offsets[b];
        p->languages[b] = s->source_language;
        p->languages[count + b] = s->target_language;
        p->languages[2 * count + b] = thor_direction_label(config, s->source_language, s->target_language, s->domain);
        p->tags[b] = thor_config_language_token(config, s->target_language);
        if (thor_model_needs_task(model) && p->languages[2 * count + b] < 0)
            return thor_fail(error, THOR_E_USAGE,
                             "line %lld: this model translates by a task that has to be given, and none is known "
                             "for the line",
                             (long long)s->line);
    }
    p->offsets[count] = row;
    p->batch.sentences = count;
    p->batch.source_rows = row;
    p->batch.source_offset = p->offsets;
    p->batch.target_offset = p->offsets + count + 1;
    p->batch.source = p->source;
    p->batch.source_language = p->languages;
    p->batch.target_language = p->languages + count;
    p->batch.task_label = thor_model_needs_task(model) ? p->languages + 2 * count : NULL;
    return THOR_OK;
}

static thor_status search_batch(const packed *p, const thor_model *model, const thor_compute *compute,
                                const thor_search *search, thor_source_part *sources, const int64_t *order,
                                thor_error *error)
{
    thor_shape shape = { p->batch.sentences, p->batch.source_rows, 0, p->batch.source_width, 0 };
    thor_translation *translations = calloc((size_t)p->batch.sentences, sizeof *translations);
    thor_pass *pass = NULL;
    if (!translations)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld translations", (long long)p->batch.sentences);
    thor_status status = thor_pass_open(&pass, model, compute, &shape, false, error);
    if (status == THOR_OK)
        status = thor_pass_encode(pass, &p->batch, error);
    if (status == THOR_OK)
        status = thor_beam_search(pass, p->tags, search, translations, error);
    for (int64_t b = 0; b < p->batch.sentences; b++)
        sources[order[b]].translation = translations[b];
    thor_pass_close(pass);
    free(translations);
    return status;
}

thor_status thor_source_batch_run(const thor_model *model, const thor_compute *compute, const thor_search *search,
                                  thor_source_part *sources, const int64_t *order, int64_t count, thor_error *error)
{
    int64_t rows = 0;
    for (int64_t b = 0; b < count; b++)
        rows += sources[order[b]].count + THOR_MOST_EXTRA;
    packed p = { .offsets = calloc((size_t)count * 2 + 2, sizeof *p.offsets),
                 .source = malloc((size_t)rows * sizeof *p.source),
                 .languages = malloc((size_t)count * 3 * sizeof *p.languages),
                 .tags = malloc((size_t)count * sizeof *p.tags) };
    thor_status status = THOR_E_MEMORY;
    if (p.offsets && p.source && p.languages && p.tags)
        status = fill(&p, model, sources, order, count, error);
    else
        thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld sentences", (long long)count);
    if (status == THOR_OK)
        status = search_batch(&p, model, compute, search, sources, order, error);
    free(p.offsets);
    free(p.source);
    free(p.languages);
    free(p.tags);
    return status;
}
