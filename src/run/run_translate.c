/* BLEU or chrF of the validation split: translated by the model, against the pieces of the set joined to text, since
 * prepared data has no other. The mean over the directions. */
#include <math.h>
#include <stdlib.h>

#include "decode/translate.h"
#include "model/sequence.h"
#include "run/run_parts.h"
#include "score/metric.h"

/* Translations and references of one direction. */
typedef struct texts {
    char **hypotheses, **references;    /* [count], owned */
    size_t count, room;
} texts;

static void free_texts(texts *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->hypotheses[i]);
        free(t->references[i]);
    }
    free(t->hypotheses);
    free(t->references);
    *t = (texts){ .count = 0 };
}

static bool make_room(texts *t, size_t more)
{
    size_t room = t->count + more;
    if (room <= t->room)
        return true;
    room += room / 2;
    char **hypotheses = realloc(t->hypotheses, room * sizeof *hypotheses);
    t->hypotheses = hypotheses ? hypotheses : t->hypotheses;
    char **references = realloc(t->references, room * sizeof *references);
    t->references = references ? references : t->references;
    if (hypotheses && references)
        t->room = room;
    return hypotheses && references;
}

static thor_status add_texts(texts *t, const thor_vocab *vocab, const thor_batch *batch,
                             const thor_translation *translations, thor_error *error)
{
    if (!make_room(t, (size_t)batch->sentences))
        return thor_fail(error, THOR_E_MEMORY, "no memory for the translations of a validation");
    for (int64_t b = 0; b < batch->sentences; b++) {
        const thor_hypothesis *best = translations[b].count > 0 ? &translations[b].items[0] : NULL;
        int64_t first = batch->target_offset[b] + THOR_TARGET_EXTRA, end = batch->target_offset[b + 1];
        char *hypothesis, *reference;
        THOR_TRY(thor_vocab_decode(vocab, best ? best->ids : NULL, best ? (size_t)best->count : 0, &hypothesis, error));
        thor_status status = thor_vocab_decode(vocab, batch->target_in + first, (size_t)(end - first), &reference,
                                               error);
        if (status != THOR_OK) {
            free(hypothesis);
            return status;
        }
        t->hypotheses[t->count] = hypothesis;
        t->references[t->count++] = reference;
    }
    return THOR_OK;
}

static thor_status search_batch(thor_run *run, const thor_vocab *vocab, const thor_batch *batch,
                                thor_translation *translations, thor_error *error)
{
    thor_search search = thor_translator_make(&run->model, vocab, &run->compute).search;
    search.beam = run->options->best_beam > 0 ? run->options->best_beam : 1;
    int64_t *offsets = calloc((size_t)batch->sentences + 1, sizeof *offsets);
    int32_t *tags = malloc(((size_t)batch->sentences + 1) * sizeof *tags);
    thor_batch sources = *batch;
    sources.target_rows = sources.target_width = 0;
    sources.target_offset = offsets;
    for (int64_t b = 0; tags && b < batch->sentences; b++)
        tags[b] = thor_config_language_token(&run->config, batch->target_language[b]);
    thor_status status = THOR_E_MEMORY;
    if (!offsets || !tags)
        thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld sentences", (long long)batch->sentences);
    else
        status = thor_pass_encode(run->trainer.pass, &sources, error);
    if (status == THOR_OK)
        status = thor_beam_search(run->trainer.pass, tags, &search, translations, error);
    free(offsets);
    free(tags);
    return status;
}

static thor_status translate_batch(thor_run *run, const thor_vocab *vocab, const thor_batch *batch, texts *t,
                                   thor_error *error)
{
    thor_translation *translations = calloc((size_t)batch->sentences, sizeof *translations);
    if (!translations)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld translations", (long long)batch->sentences);
    thor_status status = search_batch(run, vocab, batch, translations, error);
    if (status == THOR_OK)
        status = add_texts(t, vocab, batch, translations, error);
    for (int64_t b = 0; b < batch->sentences; b++)
        thor_translation_free(&translations[b]);
    free(translations);
    return status;
}

/* Ends early, with *done false, when the run should stop. */
static thor_status translate_direction(thor_run *run, const thor_vocab *vocab, int32_t direction, texts *t, bool *done,
                                       thor_error *error)
{
    int64_t most = run->options->validate_batches;
    for (int64_t index = 0; most == 0 || index < most; index++) {
        const thor_batch *batch;
        *done = !thor_run_should_stop(run);
        if (!*done)
            break;
        THOR_TRY(thor_sampler_fixed(run->data.sampler, THOR_VALID, direction, index, &batch, NULL, error));
        if (batch->sentences == 0)
            break;
        THOR_TRY(translate_batch(run, vocab, batch, t, error));
    }
    return THOR_OK;
}

/* As thor score does it by default: sacreBLEU's tokeniser of the target language, char where it has none of ours. */
static thor_metric metric_for(const thor_run *run, const thor_direction *direction)
{
    int tokenizer = thor_tokenizer_for_language(run->config.languages.items[direction->target_language]);
    thor_metric metric = { .bleu = thor_bleu_defaults(), .chrf = thor_chrf_defaults() };
    metric.kind = run->options->best_by == THOR_BEST_BY_BLEU ? THOR_METRIC_BLEU : THOR_METRIC_CHRF;
    metric.bleu.tokenizer = tokenizer < 0 ? THOR_TOKENIZER_CHAR : (thor_tokenizer)tokenizer;
    return metric;
}

static thor_status score_texts(const thor_metric *metric, const texts *t, double *score, thor_error *error)
{
    double sums[THOR_SCORE_MAX_COLUMNS];
    thor_score_line *lines = malloc(2 * t->count * sizeof *lines);
    if (!lines)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu lines", 2 * t->count);
    for (size_t i = 0; i < t->count; i++) {
        lines[i] = thor_score_line_of(t->hypotheses[i]);
        lines[t->count + i] = thor_score_line_of(t->references[i]);
    }
    const thor_score_line *references = lines + t->count;
    thor_score_corpus corpus = { .hypotheses = lines, .references = &references, .reference_count = 1,
                                 .count = t->count };
    thor_status status = thor_metric_statistics(metric, &corpus, NULL, sums, error);
    if (status == THOR_OK)
        *score = thor_metric_score(metric, sums, false);
    free(lines);
    return status;
}

static thor_status score_directions(thor_run *run, const thor_vocab *vocab, double *score, bool *done,
                                    thor_error *error)
{
    int32_t count, scored = 0;
    const thor_direction *directions = thor_sampler_directions(run->data.sampler, &count);
    double sum = 0;
    for (int32_t i = 0; i < count && *done; i++) {
        texts t = { .count = 0 };
        double one = 0;
        thor_metric metric = metric_for(run, &directions[i]);
        thor_status status = translate_direction(run, vocab, i, &t, done, error);
        if (status == THOR_OK && *done && t.count > 0) {
            status = score_texts(&metric, &t, &one, error);
            scored++;
        }
        free_texts(&t);
        THOR_TRY(status);
        sum += one;
    }
    *score = scored > 0 ? sum / scored : NAN;
    return THOR_OK;
}

thor_status thor_run_score_validation(thor_run *run, double *score, bool *done, thor_error *error)
{
    thor_vocab *vocab;
    THOR_TRY(thor_vocab_parse(&vocab, run->data.vocabulary, run->data.vocabulary_count,
                              run->data.corpus.vocabulary_path, error));
    thor_status status = score_directions(run, vocab, score, done, error);
    thor_vocab_close(vocab);
    return status;
}
