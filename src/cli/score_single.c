/* One system: a line for each metric, or for each sentence. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_cli.h"

double score_rounded(const score_run *run, double value)
{
    char text[400];
    snprintf(text, sizeof text, "%.*f", run->width, value);
    return strtod(text, NULL);
}

/* " = 25.1 (μ = 25.0 ± 0.8) 57.3/… (BP = …)", or the score alone */
static void print_text(const score_run *run, const thor_score *result, int indent)
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

static void set_interval(const score_run *run, const thor_score *result, json_t *object)
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

static thor_status print_json(const score_run *run, const thor_score *result, size_t flags, thor_error *error)
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

static thor_status print_results(const score_run *run, const thor_score *results, thor_error *error)
{
    size_t count = run->job.metric_count, indent = 0;
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

thor_status score_single(const score_run *run, thor_error *error)
{
    thor_score results[THOR_METRICS];
    thor_score_corpus corpus;
    THOR_TRY(thor_score_job_corpus(&run->job, &run->job.systems[0], &corpus, error));
    for (size_t m = 0; m < run->job.metric_count; m++)
        THOR_TRY(thor_score_of(&run->job, &run->job.metrics[m], &corpus, &results[m], error));
    return print_results(run, results, error);
}

thor_status score_sentences(const score_run *run, thor_error *error)
{
    thor_score_corpus corpus = { .count = 0 };
    THOR_TRY(thor_score_job_corpus(&run->job, &run->job.systems[0], &corpus, error));
    const thor_score_line *references[THOR_SCORE_MAX_REFERENCES];
    for (size_t line = 0; line < corpus.count; line++) {
        for (size_t r = 0; r < run->job.reference_count; r++)
            references[r] = corpus.references[r] + line;
        thor_score_corpus one = { corpus.hypotheses + line, references, run->job.reference_count, 1 };
        thor_score result;
        THOR_TRY(thor_score_of(&run->job, &run->job.metrics[0], &one, &result, error));
        if (run->format != SCORE_JSON) {
            print_text(run, &result, 0);
        } else {
            THOR_TRY(print_json(run, &result, JSON_COMPACT, error));
            putchar('\n');
        }
    }
    return THOR_OK;
}
