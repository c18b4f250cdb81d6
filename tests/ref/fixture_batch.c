#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "fixture.h"

enum { PADDING = 1, END = 2, FIRST_PIECE = 4 };

static int64_t longest_of(const int64_t *length, int64_t count)
{
    int64_t longest = 0;
    for (int64_t i = 0; i < count; i++)
        longest = length[i] > longest ? length[i] : longest;
    return longest;
}

static int32_t *padding(int64_t count)
{
    int32_t *tokens = ref_alloc(count, sizeof *tokens);
    for (int64_t i = 0; i < count; i++)
        tokens[i] = PADDING;
    return tokens;
}

static ref_batch *empty(int64_t sentences, int64_t source_width, int64_t target_width)
{
    ref_batch *batch = ref_alloc(1, sizeof *batch);
    *batch = (ref_batch){ .sentences = sentences, .source_width = source_width, .target_width = target_width };
    batch->source_length = ref_alloc(sentences, sizeof(int64_t));
    batch->target_length = ref_alloc(sentences, sizeof(int64_t));
    batch->source = padding(sentences * source_width);
    batch->target_in = padding(sentences * target_width);
    batch->target_out = padding(sentences * target_width);
    batch->source_language = ref_alloc(sentences, sizeof(int32_t));
    batch->target_language = ref_alloc(sentences, sizeof(int32_t));
    batch->task_label = ref_alloc(sentences, sizeof(int32_t));
    return batch;
}

void ref_batch_free(ref_batch *batch)
{
    free(batch->source_length);
    free(batch->target_length);
    free(batch->source);
    free(batch->target_in);
    free(batch->target_out);
    free(batch->source_language);
    free(batch->target_language);
    free(batch->task_label);
    free(batch);
}

/* Draws one after the other. */
typedef struct dice {
    thor_rng rng;
    uint64_t drawn;
} dice;

static int64_t roll(dice *d, int64_t below)
{
    return (int64_t)thor_rng_below(&d->rng, d->drawn++, (uint64_t)below);
}

static void invent_languages(ref_batch *batch, const thor_config *config, int64_t b, dice *d)
{
    int64_t count = config->languages.count;
    int64_t source = roll(d, count), target = (source + 1 + roll(d, count - 1)) % count;
    batch->source_language[b] = (int32_t)source;
    batch->target_language[b] = (int32_t)target;
    switch (config->task.label) {
    case THOR_LABEL_TARGET_LANGUAGE: batch->task_label[b] = (int32_t)target; break;
    case THOR_LABEL_SOURCE_LANGUAGE: batch->task_label[b] = (int32_t)source; break;
    default: batch->task_label[b] = (int32_t)roll(d, ref_tasks(config));
    }
}

/* [CLS] <src> w1 … wn </s>;  </s> <tgt> y1 … ym;  <tgt> y1 … ym </s> */
static void invent_sentence(ref_batch *batch, const thor_config *config, int64_t b, int64_t words, int64_t answers,
                            dice *d)
{
    int32_t tags = config->vocab.ids - config->languages.count, pieces = tags - 1 - FIRST_PIECE;
    int32_t *source = batch->source + b * batch->source_width, *in = batch->target_in + b * batch->target_width;
    int32_t *out = batch->target_out + b * batch->target_width;
    int64_t at = 0;
    if (ref_has_predictor(config))
        source[at++] = tags - 1;
    source[at++] = tags + batch->source_language[b];
    for (int64_t i = 0; i < words; i++)
        source[at++] = FIRST_PIECE + (int32_t)roll(d, pieces);
    source[at++] = END;
    batch->source_length[b] = at;
    in[0] = END;
    in[1] = out[0] = tags + batch->target_language[b];
    for (int64_t i = 0; i < answers; i++)
        in[i + 2] = out[i + 1] = FIRST_PIECE + (int32_t)roll(d, pieces);
    out[answers + 1] = END;
    batch->target_length[b] = answers + 2;
}

ref_batch *ref_batch_invent(const thor_config *config, int64_t sentences, int64_t shortest, int64_t longest,
                            uint64_t seed)
{
    dice d = { thor_rng_make(seed, THOR_SITE_TEST, 1u << 21, 0), 0 };
    ref_batch *wide = empty(sentences, longest + 3, longest + 2);
    int64_t *all = ref_alloc(sentences, sizeof *all);
    for (int64_t b = 0; b < sentences; b++) {
        int64_t words = shortest + roll(&d, longest - shortest + 1);
        int64_t answers = shortest + roll(&d, longest - shortest + 1);
        invent_languages(wide, config, b, &d);
        invent_sentence(wide, config, b, words, answers, &d);
        all[b] = b;
    }
    ref_batch *batch = ref_batch_take(wide, all, sentences, 0);
    ref_batch_free(wide);
    free(all);
    return batch;
}

ref_batch *ref_batch_take(const ref_batch *from, const int64_t *which, int64_t count, int64_t more)
{
    int64_t source_width = 0, target_width = 0;
    for (int64_t i = 0; i < count; i++) {
        source_width = source_width > from->source_length[which[i]] ? source_width : from->source_length[which[i]];
        target_width = target_width > from->target_length[which[i]] ? target_width : from->target_length[which[i]];
    }
    ref_batch *batch = empty(count, source_width + more, target_width + more);
    for (int64_t i = 0; i < count; i++) {
        int64_t b = which[i], source = from->source_length[b], target = from->target_length[b],
                to = i * batch->target_width;
        batch->source_length[i] = source;
        batch->target_length[i] = target;
        memcpy(batch->source + i * batch->source_width, from->source + b * from->source_width,
               (size_t)source * sizeof(int32_t));
        memcpy(batch->target_in + to, from->target_in + b * from->target_width, (size_t)target * sizeof(int32_t));
        memcpy(batch->target_out + to, from->target_out + b * from->target_width, (size_t)target * sizeof(int32_t));
        batch->source_language[i] = from->source_language[b];
        batch->target_language[i] = from->target_language[b];
        batch->task_label[i] = from->task_label[b];
    }
    return batch;
}

static int64_t *offsets(const int64_t *length, int64_t count)
{
    int64_t *offset = ref_alloc(count + 1, sizeof *offset);
    for (int64_t i = 0; i < count; i++)
        offset[i + 1] = offset[i] + length[i];
    return offset;
}

static int32_t *rows_of(const int32_t *tokens, const int64_t *offset, int64_t count, int64_t width)
{
    int32_t *rows = ref_alloc(offset[count], sizeof *rows);
    for (int64_t b = 0; b < count; b++)
        memcpy(rows + offset[b], tokens + b * width, (size_t)(offset[b + 1] - offset[b]) * sizeof *rows);
    return rows;
}

thor_batch ref_batch_pack(const ref_batch *batch)
{
    int64_t count = batch->sentences;
    int64_t *source = offsets(batch->source_length, count), *target = offsets(batch->target_length, count);
    return (thor_batch){
        .sentences = count, .source_rows = source[count], .target_rows = target[count],
        .source_width = longest_of(batch->source_length, count),
        .target_width = longest_of(batch->target_length, count),
        .source_offset = source, .target_offset = target,
        .source = rows_of(batch->source, source, count, batch->source_width),
        .target_in = rows_of(batch->target_in, target, count, batch->target_width),
        .target_out = rows_of(batch->target_out, target, count, batch->target_width),
        .source_language = batch->source_language, .target_language = batch->target_language,
        .task_label = batch->task_label,
    };
}

void ref_batch_unpack(thor_batch *packed)
{
    free((void *)(uintptr_t)packed->source_offset);
    free((void *)(uintptr_t)packed->target_offset);
    free((void *)(uintptr_t)packed->source);
    free((void *)(uintptr_t)packed->target_in);
    free((void *)(uintptr_t)packed->target_out);
    *packed = (thor_batch){ 0 };
}
