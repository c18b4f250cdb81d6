/* One system: a line for each metric, or for each sentence. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_cli.h"

thor_status score_corpus(const score_run *run, const score_system *system, thor_score_corpus *corpus, thor_error *error)
{
    size_t count = system->lines.count;
    if (count == 0)
        return thor_fail(error, THOR_E_FAILED, "%s: has no lines; expected one translation a line", system->name);
    for (size_t r = 0; r < run->reference_count; r++)
        if (run->references[r].count != count)
            return thor_fail(error, THOR_E_FAILED, "%s has %zu lines and %s has %zu; line i of the one has to belong "
                             "to line i of the other", system->name, count, run->reference_names[r],
                             run->references[r].count);
    *corpus = (thor_score_corpus){ .hypotheses = system->lines.items, .references = run->reference_items,
                             .reference_count = run->reference_count, .count = count };
    return THOR_OK;
}

double score_rounded(const score_run *run, double value)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", run->width, value);
    return strtod(text, NULL);
}

void score_describe(const score_run *run, const thor_metric *metric, const double *sums, score_result *result)
{
    *result = (score_result){ .score = thor_metric_score(metric, sums, false) };
    thor_metric_title(metric, result->title);
    thor_signature(metric, (int64_t)run->reference_count, run->resamples, run->seed, result->signature);
    if (metric->kind == THOR_METRIC_BLEU) {
        thor_bleu bleu;
        thor_bleu_from_sums(&metric->bleu, sums, false, &bleu);
        thor_bleu_details(&bleu, result->details);
    }
}

/* " = 25.1 (μ = 25.0 ± 0.8) 57.3/… (BP = …)", or the score alone */
static void print_text(const score_run *run, const score_result *result, int indent)
{
    char left[SCORE_LINE];
    snprintf(left, sizeof left, "%s|%s", result->title, result->signature);
    if (run->format != SCORE_ONLY)
        printf("%*s = ", indent, left);
    printf("%.*f", run->width, result->score);
    if (result->has_interval)
        printf(" (μ = %.*f ± %.*f)", run->width, result->interval.mean, run->width, result->interval.half);
    if (run->format != SCORE_ONLY && result->details[0])
        printf(" %s", result->details);
    putchar('\n');
}

static void set_interval(const score_run *run, const score_result *result, json_t *object)
{
    char text[128];
    thor_interval interval = result->interval;
    snprintf(text, sizeof text, "μ = %.*f ± %.*f", run->width, interval.mean, run->width, interval.half);
    json_object_set_new(object, "confidence_mean", json_real(score_rounded(run, interval.mean)));
    json_object_set_new(object, "confidence_var", json_real(score_rounded(run, interval.half)));
    json_object_set_new(object, "confidence", json_string(text));
}

/* Each field of the signature is a key too. */
static void set_fields(const char *signature, json_t *object)
{
    char copy[THOR_SIGNATURE_SIZE];
    snprintf(copy, sizeof copy, "%s", signature);
    char *rest = copy;
    while (rest) {
        char *field = rest, *bar = strchr(rest, '|');
        if (bar)
            *bar = '\0';
        rest = bar ? bar + 1 : NULL;
        char *colon = strchr(field, ':');
        if (colon) {
            *colon = '\0';
            json_object_set_new(object, field, json_string(colon + 1));
        }
    }
}

static thor_status print_json(const score_run *run, const score_result *result, size_t flags, thor_error *error)
{
    json_t *object = json_object();
    if (!object)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the result");
    json_object_set_new(object, "name", json_string(result->title));
    json_object_set_new(object, "score", json_real(score_rounded(run, result->score)));
    json_object_set_new(object, "signature", json_string(result->signature));
    if (result->has_interval)
        set_interval(run, result, object);
    if (result->details[0])
        json_object_set_new(object, "verbose_score", json_string(result->details));
    set_fields(result->signature, object);
    int failed = json_dumpf(object, stdout, flags | JSON_REAL_PRECISION(15));
    json_decref(object);
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the result could not be written") : THOR_OK;
}

static thor_status print_results(const score_run *run, const score_result *results, thor_error *error)
{
    size_t count = run->metric_count, indent = 0;
    if (run->format != SCORE_JSON) {
        for (size_t m = 0; m < count && count > 1; m++) {
            size_t length = strlen(results[m].title) + 1 + strlen(results[m].signature);
            indent = length > indent ? length : indent;
        }
        for (size_t m = 0; m < count; m++)
            print_text(run, &results[m], (int)indent);
        return THOR_OK;
    }
    fputs(count > 1 ? "[\n" : "", stdout);
    for (size_t m = 0; m < count; m++) {
        THOR_TRY(print_json(run, &results[m], JSON_INDENT(1), error));
        fputs(m + 1 < count ? ",\n" : "\n", stdout);
    }
    fputs(count > 1 ? "]\n" : "", stdout);
    return THOR_OK;
}

/* The bootstrap's interval of one metric. Without a score above 0 sacreBLEU shows none. */
static thor_status add_interval(const score_run *run, const thor_metric *metric, const int64_t *rows, size_t count,
                                score_result *result, thor_error *error)
{
    size_t resamples = (size_t)run->resamples;
    double *scores = malloc(resamples * sizeof *scores);
    if (!scores)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu resamples", resamples);
    thor_status status = thor_bootstrap_scores(metric, rows, count, resamples, run->seed, scores, error);
    if (status == THOR_OK)
        status = thor_bootstrap_interval(scores, resamples, &result->interval, error);
    result->has_interval = status == THOR_OK && result->interval.mean > 0;
    free(scores);
    return status;
}

static thor_status score_metric(const score_run *run, const thor_metric *metric, const thor_score_corpus *corpus,
                                score_result *result, thor_error *error)
{
    double sums[THOR_SCORE_MAX_COLUMNS];
    int64_t *rows = NULL;
    if (run->resamples > 0) {
        rows = calloc(corpus->count * thor_metric_columns(metric), sizeof *rows);
        if (!rows)
            return thor_fail(error, THOR_E_MEMORY, "no memory for the statistics of %zu lines", corpus->count);
    }
    thor_status status = thor_metric_statistics(metric, corpus, rows, sums, error);
    if (status == THOR_OK)
        score_describe(run, metric, sums, result);
    if (status == THOR_OK && rows)
        status = add_interval(run, metric, rows, corpus->count, result, error);
    free(rows);
    return status;
}

thor_status score_single(const score_run *run, thor_error *error)
{
    score_result results[SCORE_METRICS];
    thor_score_corpus corpus;
    THOR_TRY(score_corpus(run, &run->systems[0], &corpus, error));
    for (size_t m = 0; m < run->metric_count; m++)
        THOR_TRY(score_metric(run, &run->metrics[m], &corpus, &results[m], error));
    return print_results(run, results, error);
}

thor_status score_sentences(const score_run *run, thor_error *error)
{
    thor_score_corpus corpus = { .count = 0 };
    THOR_TRY(score_corpus(run, &run->systems[0], &corpus, error));
    const thor_score_line *references[THOR_SCORE_MAX_REFERENCES];
    for (size_t line = 0; line < corpus.count; line++) {
        for (size_t r = 0; r < run->reference_count; r++)
            references[r] = corpus.references[r] + line;
        thor_score_corpus one = { corpus.hypotheses + line, references, run->reference_count, 1 };
        score_result result;
        THOR_TRY(score_metric(run, &run->metrics[0], &one, &result, error));
        if (run->format != SCORE_JSON) {
            print_text(run, &result, 0);
        } else {
            THOR_TRY(print_json(run, &result, JSON_COMPACT, error));
            putchar('\n');
        }
    }
    return THOR_OK;
}
