#include "decode/beam.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "model/decoder.h"

enum { ID_PAD = 1, ID_EOS = 2 };

/* One continuation: hypothesis `from` (its rank in the sentence) with token `id`. */
typedef struct {
    float score;
    int32_t from, id;
} candidate;

/* A hypothesis that goes on. */
typedef struct {
    float score;
    int32_t slot;
    int32_t *ids;                       /* [limit + 2] tag first */
} live;

typedef struct {
    live *live;                         /* [beam] by rank */
    int32_t count;                      /* of live ones; 0: done */
    int32_t limit;                      /* tokens besides tag and </s> */
    candidate *best;                    /* [2 * beam] falling */
    int32_t found;
    int32_t *tokens;                    /* backing of the ids: two generations */
} sentence;

typedef struct {
    thor_pass *pass;
    const thor_search *search;
    thor_decoder *decoder;
    sentence *sentences;
    thor_translation *translations;
    const int32_t *tags;
    int64_t count, vocabulary;
    float *logits;                      /* [rows, V] of this position */
    float *scratch;                     /* [threads][V] */
    int64_t *first_row;                 /* [count] row of a sentence's best hypothesis */
    int64_t step;
} search_state;

/* Falling score; equal scores by rank, then id: the lowest index. */
static bool better(const candidate *a, const candidate *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    return a->from != b->from ? a->from < b->from : a->id < b->id;
}

static void offer(sentence *s, int32_t room, candidate c)
{
    if (s->found == room && !better(&c, &s->best[room - 1]))
        return;
    int32_t at = s->found < room ? s->found++ : room - 1;
    while (at > 0 && better(&c, &s->best[at - 1])) {
        s->best[at] = s->best[at - 1];
        at--;
    }
    s->best[at] = c;
}

/* z becomes z - m; returns log(sum of exp(z - m)), the sum in sixteen lanes as everywhere. */
static float log_sum_exp(const search_state *state, float *z, int thread)
{
    const thor_kernels *kernels = state->pass->compute->kernels;
    float *scratch = state->scratch + thread * state->vocabulary;
    float largest = kernels->largest(z, state->vocabulary);
    for (int64_t v = 0; v < state->vocabulary; v++)
        z[v] = z[v] - largest;
    kernels->exp(scratch, z, state->vocabulary);
    float sum = kernels->sum(scratch, state->vocabulary), logarithm;
    kernels->log(&logarithm, &sum, 1);
    return logarithm;
}

/* log p_v = (z_v - m) - log(sum exp(z - m)) of every token after hypothesis `rank`. At position 0 only the target
 * language's token is possible; beyond the limit only </s>. */
static void offer_row(const search_state *state, int64_t b, int32_t rank, int thread)
{
    sentence *s = &state->sentences[b];
    int32_t room = 2 * state->search->beam;
    float *z = state->logits + (state->first_row[b] + rank) * state->vocabulary;
    float log_sum = log_sum_exp(state, z, thread), score = s->live[rank].score;
    int64_t only = state->step == 0 ? state->tags[b] : state->step > s->limit ? ID_EOS : -1;
    for (int64_t v = 0; v < state->vocabulary; v++) {
        float log_p = z[v] - log_sum;
        float sum = score + log_p;
        if (v == ID_PAD || (only >= 0 && v != only))
            continue;
        if (s->found < room || sum >= s->best[room - 1].score)
            offer(s, room, (candidate){ sum, rank, (int32_t)v });
    }
}

static void rank_body(void *context, int64_t begin, int64_t end, int thread)
{
    const search_state *state = context;
    for (int64_t b = begin; b < end; b++) {
        state->sentences[b].found = 0;
        for (int32_t rank = 0; rank < state->sentences[b].count; rank++)
            offer_row(state, b, rank, thread);
    }
}

static thor_status finish(const search_state *state, int64_t b, const candidate *c, thor_error *error)
{
    const live *from = &state->sentences[b].live[c->from];
    thor_translation *translation = &state->translations[b];
    int32_t count = (int32_t)state->step - 1;
    thor_hypothesis *h = &translation->items[translation->count];
    h->ids = malloc((size_t)(count + 1) * sizeof *h->ids);
    if (!h->ids)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a translation of %d tokens", (int)count);
    memcpy(h->ids, from->ids + 1, (size_t)count * sizeof *h->ids);
    h->count = count;
    h->log_probability = (double)c->score;
    h->score = (double)c->score / thor_pow((double)(state->step + 1), state->search->length_penalty);
    translation->count++;
    return THOR_OK;
}

/* The slots of new hypotheses: a parent's first child goes on in its slot, other children get copies in slots that
 * nobody goes on in. */
static void assign_slots(const search_state *state, sentence *s, live *next, const int32_t *parents, int32_t count)
{
    int32_t beam = state->search->beam;
    bool claimed[THOR_MOST_BEAM] = { false }, child[THOR_MOST_BEAM] = { false };
    int32_t base = s->live[0].slot / beam * beam;
    for (int32_t i = 0; i < count; i++) {
        int32_t slot = s->live[parents[i]].slot;
        child[i] = claimed[slot - base];
        next[i].slot = slot;
        claimed[slot - base] = true;
    }
    for (int32_t i = 0, spare = 0; i < count; i++) {
        if (!child[i])
            continue;
        while (claimed[spare])
            spare++;
        thor_decoder_copy(state->decoder, base + spare, next[i].slot, state->step);
        next[i].slot = base + spare++;
    }
}

/* From the ranked candidates to finished hypotheses and the next generation. */
static thor_status advance(search_state *state, int64_t b, thor_error *error)
{
    sentence *s = &state->sentences[b];
    int32_t beam = state->search->beam, kept = 0, parents[THOR_MOST_BEAM];
    int64_t stride = s->limit + 2;
    live next[THOR_MOST_BEAM];
    int32_t *generation = s->tokens + (state->step % 2) * beam * stride;
    for (int32_t i = 0; i < s->found; i++) {
        const candidate *c = &s->best[i];
        if (!(c->score > -INFINITY))
            continue;
        if (c->id == ID_EOS && state->step > 0) {
            if (i < beam && state->translations[b].count < beam)
                THOR_TRY(finish(state, b, c, error));
        } else if (kept < beam) {
            next[kept] = (live){ c->score, 0, generation + kept * stride };
            memcpy(next[kept].ids, s->live[c->from].ids, (size_t)state->step * sizeof *next[kept].ids);
            next[kept].ids[state->step] = c->id;
            parents[kept++] = c->from;
        }
    }
    if (state->translations[b].count == beam || kept == 0) {
        s->count = 0;
        return THOR_OK;
    }
    assign_slots(state, s, next, parents, kept);
    memcpy(s->live, next, (size_t)kept * sizeof *next);
    s->count = kept;
    return THOR_OK;
}

/* Gathers the last tokens of all live hypotheses and runs the decoder one position on. */
static thor_status step_all(search_state *state, int32_t *ids, int32_t *slots, int64_t *rows, thor_error *error)
{
    *rows = 0;
    for (int64_t b = 0; b < state->count; b++) {
        const sentence *s = &state->sentences[b];
        state->first_row[b] = *rows;
        for (int32_t rank = 0; rank < s->count; rank++) {
            ids[*rows] = state->step == 0 ? ID_EOS : s->live[rank].ids[state->step - 1];
            slots[(*rows)++] = s->live[rank].slot;
        }
    }
    if (*rows == 0)
        return THOR_OK;
    return thor_decoder_step(state->decoder, &state->logits, ids, slots, *rows, state->step, error);
}

static thor_status run(search_state *state, thor_error *error)
{
    int64_t most = state->count * state->search->beam, rows = 0;
    int32_t *ids = malloc((size_t)(2 * most) * sizeof *ids);
    if (!ids)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld hypotheses", (long long)most);
    thor_status status = step_all(state, ids, ids + most, &rows, error);
    while (status == THOR_OK && rows > 0) {
        thor_par_each(&state->pass->compute->par, state->count, rank_body, state);
        for (int64_t b = 0; b < state->count && status == THOR_OK; b++)
            if (state->sentences[b].count > 0)
                status = advance(state, b, error);
        state->step++;
        if (status == THOR_OK)
            status = step_all(state, ids, ids + most, &rows, error);
    }
    free(ids);
    return status;
}

static int32_t length_limit(const thor_search *search, int64_t source_words)
{
    double limit = search->max_length_a * (double)source_words + search->max_length_b;
    return limit < 1.0 ? 1 : limit > 100000.0 ? 100000 : (int32_t)limit;
}

static thor_status open_sentence(search_state *state, int64_t b, thor_error *error)
{
    sentence *s = &state->sentences[b];
    int32_t beam = state->search->beam, special = thor_config_has_predictor(&state->pass->model->config) ? 2 : 1;
    const int64_t *offset = state->pass->batch->source_offset;
    s->limit = length_limit(state->search, offset[b + 1] - offset[b] - special);
    s->live = calloc((size_t)beam, sizeof *s->live);
    s->best = calloc((size_t)beam * 2, sizeof *s->best);
    s->tokens = calloc((size_t)beam * 2, ((size_t)s->limit + 2) * sizeof *s->tokens);
    state->translations[b].items = calloc((size_t)beam, sizeof *state->translations[b].items);
    if (!s->live || !s->best || !s->tokens || !state->translations[b].items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d hypotheses of %d tokens", (int)beam, (int)s->limit);
    s->live[0] = (live){ 0.0f, (int32_t)(b * beam), s->tokens };
    s->count = 1;
    return THOR_OK;
}

/* Best first; of equal scores the one that was finished first. */
static void sort_hypotheses(thor_translation *translation)
{
    for (int32_t i = 1; i < translation->count; i++) {
        thor_hypothesis h = translation->items[i];
        int32_t at = i;
        for (; at > 0 && h.score > translation->items[at - 1].score; at--)
            translation->items[at] = translation->items[at - 1];
        translation->items[at] = h;
    }
}

thor_status thor_beam_search(thor_pass *pass, const int32_t *tags, const thor_search *search,
                             thor_translation *translations, thor_error *error)
{
    search_state state = { .pass = pass, .search = search, .translations = translations, .tags = tags,
                           .count = pass->batch->sentences, .vocabulary = pass->network.V };
    memset(translations, 0, (size_t)state.count * sizeof *translations);
    if (search->beam < 1 || search->beam > THOR_MOST_BEAM)
        return thor_fail(error, THOR_E_USAGE, "search.beam is %d; 1 to %d is possible", (int)search->beam,
                         THOR_MOST_BEAM);
    state.sentences = calloc((size_t)state.count, sizeof *state.sentences);
    state.first_row = calloc((size_t)state.count, sizeof *state.first_row);
    thor_status status = THOR_OK;
    state.scratch = malloc((size_t)(pass->compute->par.threads * state.vocabulary) * sizeof *state.scratch);
    if (!state.sentences || !state.first_row || !state.scratch)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %lld sentences", (long long)state.count);
    for (int64_t b = 0; b < state.count && status == THOR_OK; b++)
        status = open_sentence(&state, b, error);
    if (status == THOR_OK)
        status = thor_decoder_open(&state.decoder, pass, search->beam, error);
    if (status == THOR_OK)
        status = run(&state, error);
    thor_decoder_close(state.decoder);
    for (int64_t b = 0; b < state.count && state.sentences; b++) {
        sort_hypotheses(&translations[b]);
        free(state.sentences[b].live);
        free(state.sentences[b].best);
        free(state.sentences[b].tokens);
    }
    free(state.sentences);
    free(state.first_row);
    free(state.scratch);
    return status;
}

void thor_translation_free(thor_translation *translation)
{
    for (int32_t i = 0; i < translation->count; i++)
        free(translation->items[i].ids);
    free(translation->items);
    *translation = (thor_translation){ NULL, 0 };
}
