#include "train/invented_batch.h"

#include <stdlib.h>

#include "base/numbers.h"
#include "base/rng.h"
#include "model/labels.h"
#include "model/sequence.h"

enum { SOURCE_LENGTH, TARGET_LENGTH, DIRECTION, DOMAIN, SOURCE_WORDS, TARGET_WORDS };

typedef struct {
    const thor_config *config;
    const thor_invention *invention;
    uint64_t seed;
    thor_invented_batch *out;
} inventor;

static int32_t draw(const inventor *v, int what, int64_t sentence, int64_t index, int64_t below)
{
    thor_rng rng = thor_rng_make(v->seed, THOR_SITE_BATCH + (uint32_t)what, 0, (uint32_t)sentence);
    return (int32_t)thor_rng_below(&rng, (uint64_t)index, (uint64_t)below);
}

static int64_t words_of(const inventor *v, int what, int64_t sentence)
{
    return v->invention->shortest + draw(v, what, sentence, 0, v->invention->longest - v->invention->shortest + 1);
}

/* ---- directions ------------------------------------------------------------------------------------------------ */

static bool is_trained(const thor_config *config, int32_t source, int32_t target)
{
    char name[THOR_DIRECTION_NAME];
    return source != target &&
           (config->pairs.count == 0 ||
            thor_names_find(&config->pairs, thor_config_direction(name, config, source, target)) >= 0);
}

/* Finds direction number `wanted`; with a negative number only counts them. */
static int64_t walk_directions(const thor_config *config, int64_t wanted, int32_t *source, int32_t *target)
{
    int64_t seen = 0;
    for (int32_t s = 0; s < config->languages.count; s++)
        for (int32_t t = 0; t < config->languages.count; t++)
            if (is_trained(config, s, t) && seen++ == wanted) {
                *source = s;
                *target = t;
                return wanted;
            }
    return seen;
}

static void invent_labels(const inventor *v, int64_t directions)
{
    int64_t sentences = v->invention->sentences;
    int32_t domains = v->config->domains.count > 0 ? v->config->domains.count : 1;
    int32_t *source = v->out->labels, *target = source + sentences, *label = target + sentences;
    for (int64_t b = 0; b < sentences; b++) {
        walk_directions(v->config, draw(v, DIRECTION, b, 0, directions), &source[b], &target[b]);
        label[b] = thor_direction_label(v->config, source[b], target[b], draw(v, DOMAIN, b, 0, domains));
    }
}

/* ---- words ----------------------------------------------------------------------------------------------------- */

/* w[i] for i below count. */
static void invent_words(const inventor *v, int what, int64_t sentence, int32_t *w, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        w[i] = THOR_ID_FIRST_PIECE + draw(v, what, sentence, i, v->invention->pieces);
}

static void invent_source(const inventor *v, int64_t b, int32_t *ids, int64_t words)
{
    int32_t *w = thor_source_frame(ids, v->config, v->out->batch.source_language[b], words);
    invent_words(v, SOURCE_WORDS, b, w, words);
}

static void invent_target(const inventor *v, int64_t b, int32_t *in, int32_t *out, int64_t words)
{
    thor_target_frame(in, out, v->config, v->out->batch.target_language[b], words);
    invent_words(v, TARGET_WORDS, b, out + 1, words);
    for (int64_t i = 0; i < words; i++)
        in[i + 2] = out[i + 1];
}

/* Offsets and widths of both sides. */
static void measure(const inventor *v)
{
    thor_batch *batch = &v->out->batch;
    int64_t count = batch->sentences, extra = thor_source_extra(v->config);
    int64_t *source = v->out->offsets, *target = source + count + 1;
    source[0] = target[0] = 0;
    for (int64_t b = 0; b < count; b++) {
        int64_t s = words_of(v, SOURCE_LENGTH, b) + extra,
                t = words_of(v, TARGET_LENGTH, b) + THOR_TARGET_EXTRA;
        source[b + 1] = source[b] + s;
        target[b + 1] = target[b] + t;
        batch->source_width = thor_larger(batch->source_width, s);
        batch->target_width = thor_larger(batch->target_width, t);
    }
    batch->source_offset = source;
    batch->target_offset = target;
    batch->source_rows = source[count];
    batch->target_rows = target[count];
}

static void invent_sentences(const inventor *v)
{
    thor_batch *batch = &v->out->batch;
    int32_t *source = v->out->ids, *in = source + batch->source_rows, *out = in + batch->target_rows;
    int64_t extra = thor_source_extra(v->config);
    batch->source = source;
    batch->target_in = in;
    batch->target_out = out;
    for (int64_t b = 0; b < batch->sentences; b++) {
        int64_t s = batch->source_offset[b], t = batch->target_offset[b];
        invent_source(v, b, source + s, batch->source_offset[b + 1] - s - extra);
        invent_target(v, b, in + t, out + t, batch->target_offset[b + 1] - t - 2);
    }
}

/* ---- the batch ------------------------------------------------------------------------------------------------- */

static thor_status check_arguments(const thor_config *config, const thor_invention *invention, int64_t directions,
                                   thor_error *error)
{
    if (invention->sentences < 1 || invention->shortest < 1 || invention->longest < invention->shortest)
        return thor_fail(error, THOR_E_USAGE, "%d sentences of %d to %d words; expected at least one of at least one",
                         (int)invention->sentences, (int)invention->shortest, (int)invention->longest);
    if (config->vocab.ids != thor_sequence_ids(invention->pieces, config->languages.count))
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d, but %d pieces and %d languages make another number",
                         (int)config->vocab.ids, (int)invention->pieces, (int)config->languages.count);
    if (directions < 1)
        return thor_fail(error, THOR_E_USAGE, "%d languages%s leave no direction to invent sentences for; name two "
                         "languages or more", (int)config->languages.count,
                         config->pairs.count > 0 ? " and the configuration's pairs" : "");
    return THOR_OK;
}

/* Ids: a sentence has at most longest + THOR_MOST_EXTRA of them on a side, in three lists. */
static thor_status take_memory(thor_invented_batch *out, const thor_invention *invention, thor_error *error)
{
    size_t count = (size_t)invention->sentences, longest = (size_t)invention->longest + THOR_MOST_EXTRA;
    bool fits = longest <= SIZE_MAX / (3 * sizeof *out->ids) / count;
    out->offsets = malloc(2 * (count + 1) * sizeof *out->offsets);
    out->ids = fits ? malloc(3 * longest * count * sizeof *out->ids) : NULL;
    out->labels = malloc(3 * count * sizeof *out->labels);
    if (!out->offsets || !out->ids || !out->labels)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %d sentences of %d words",
                         (int)invention->sentences, (int)invention->longest);
    return THOR_OK;
}

thor_status thor_invented_batch_make(thor_invented_batch *invented, const thor_config *config,
                                     const thor_invention *invention, uint64_t seed, thor_error *error)
{
    inventor v = { config, invention, seed, invented };
    int32_t unused;
    int64_t directions = walk_directions(config, -1, &unused, &unused);
    *invented = (thor_invented_batch){ .batch = { .sentences = invention->sentences } };
    THOR_TRY(check_arguments(config, invention, directions, error));
    thor_status status = take_memory(invented, invention, error);
    if (status != THOR_OK) {
        thor_invented_batch_free(invented);
        return status;
    }
    invented->batch.source_language = invented->labels;
    invented->batch.target_language = invented->labels + invention->sentences;
    invented->batch.task_label = invented->labels + 2 * invention->sentences;
    invent_labels(&v, directions);
    measure(&v);
    invent_sentences(&v);
    return THOR_OK;
}

void thor_invented_batch_free(thor_invented_batch *invented)
{
    free(invented->offsets);
    free(invented->ids);
    free(invented->labels);
    *invented = (thor_invented_batch){ .offsets = NULL };
}
