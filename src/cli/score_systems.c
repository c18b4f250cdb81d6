/* Several systems side by side, each compared with the first by a paired bootstrap if that is asked for. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_cli.h"

/* One cell of the table. */
typedef struct cell {
    double score, p;
    thor_interval interval;
} cell;

/* Scores and resamples of one system and metric; samples[resamples], NULL without a bootstrap. */
static thor_status score_cell(const score_run *run, const thor_metric *metric, const score_system *system,
                              double *samples, cell *result, thor_error *error)
{
    thor_score_corpus corpus;
    double sums[THOR_SCORE_MAX_COLUMNS];
    THOR_TRY(score_corpus(run, system, &corpus, error));
    int64_t *rows = calloc(corpus.count * thor_metric_columns(metric), sizeof *rows);
    if (!rows)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the statistics of %zu lines", corpus.count);
    thor_status status = thor_metric_statistics(metric, &corpus, rows, sums, error);
    if (status == THOR_OK)
        result->score = thor_metric_score(metric, sums, false);
    if (status == THOR_OK && samples)
        status = thor_bootstrap_scores(metric, rows, corpus.count, (size_t)run->resamples, run->seed, samples, error);
    if (status == THOR_OK && samples)
        status = thor_bootstrap_interval(samples, (size_t)run->resamples, &result->interval, error);
    free(rows);
    return status;
}

/* Fills the column of one metric: cells[system]. */
static thor_status score_column(const score_run *run, const thor_metric *metric, double *samples, cell *cells,
                                thor_error *error)
{
    size_t resamples = (size_t)run->resamples;
    for (size_t s = 0; s < run->system_count; s++) {
        double *own = samples && s > 0 ? samples + resamples : samples;
        THOR_TRY(score_cell(run, metric, &run->systems[s], own, &cells[s], error));
        double difference = fabs(cells[0].score - cells[s].score);
        if (samples && s > 0)
            THOR_TRY(thor_bootstrap_p(samples, own, resamples, difference, &cells[s].p, error));
    }
    return THOR_OK;
}

static void cell_text(const score_run *run, const cell *shown, bool is_baseline, char text[SCORE_LINE])
{
    int length = snprintf(text, SCORE_LINE, "%.*f", run->width, shown->score);
    if (!run->paired)
        return;
    length += snprintf(text + length, SCORE_LINE - (size_t)length, " (%.*f ± %.*f)", run->width, shown->interval.mean,
                       run->width, shown->interval.half);
    if (!is_baseline)
        snprintf(text + length, SCORE_LINE - (size_t)length, " p = %.4f%s", shown->p, shown->p > 0.05 ? "" : "*");
}

static void system_text(const score_run *run, size_t system, char text[SCORE_LINE])
{
    snprintf(text, SCORE_LINE, "%s%s", run->paired && system == 0 ? "Baseline: " : "", run->systems[system].name);
}

/* Characters of UTF-8 that begin in `text`: its width on paper. */
static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void print_cell(const char *text, size_t width, bool last)
{
    printf("%s", text);
    for (size_t c = characters(text); !last && c < width + 2; c++)
        putchar(' ');
    if (last)
        putchar('\n');
}

static void column_texts(const score_run *run, const cell *cells, size_t metric, size_t row, char text[SCORE_LINE])
{
    if (row > 0)
        cell_text(run, &cells[metric * run->system_count + row - 1], row == 1, text);
    else
        thor_metric_title(&run->metrics[metric], text);
}

static void print_text(const score_run *run, const cell *cells)
{
    size_t widths[1 + SCORE_METRICS] = { 6 };
    char text[SCORE_LINE];
    for (size_t row = 0; row <= run->system_count; row++) {
        if (row > 0)
            system_text(run, row - 1, text);
        widths[0] = row > 0 && characters(text) > widths[0] ? characters(text) : widths[0];
        for (size_t m = 0; m < run->metric_count; m++) {
            column_texts(run, cells, m, row, text);
            widths[1 + m] = characters(text) > widths[1 + m] ? characters(text) : widths[1 + m];
        }
    }
    for (size_t row = 0; row <= run->system_count; row++) {
        snprintf(text, sizeof text, "System");
        if (row > 0)
            system_text(run, row - 1, text);
        print_cell(text, widths[0], false);
        for (size_t m = 0; m < run->metric_count; m++) {
            column_texts(run, cells, m, row, text);
            print_cell(text, widths[1 + m], m + 1 == run->metric_count);
        }
    }
    putchar('\n');
    for (size_t m = 0; m < run->metric_count; m++) {
        char title[THOR_SIGNATURE_SIZE], signature[THOR_SIGNATURE_SIZE];
        thor_metric_title(&run->metrics[m], title);
        thor_signature(&run->metrics[m], (int64_t)run->reference_count, run->resamples, run->seed, signature);
        printf("%s|%s\n", title, signature);
    }
    if (run->paired)
        printf("score (mean ± 95 %% interval of %lld resamples); * the difference from the baseline is significant "
               "at p <= 0.05\n", (long long)run->resamples);
}

/* sacreBLEU's layout: a list of systems, in each an object (or, without a test, the printed score) for each metric. */
static json_t *system_json(const score_run *run, const cell *cells, size_t system)
{
    char text[SCORE_LINE];
    json_t *object = json_object();
    system_text(run, system, text);
    json_object_set_new(object, "system", json_string(text));
    for (size_t m = 0; m < run->metric_count; m++) {
        const cell *shown = &cells[m * run->system_count + system];
        char title[THOR_SIGNATURE_SIZE];
        thor_metric_title(&run->metrics[m], title);
        if (!run->paired) {
            cell_text(run, shown, false, text);
            json_object_set_new(object, title, json_string(text));
            continue;
        }
        json_t *p = system == 0 ? json_null() : json_real(shown->p);
        json_object_set_new(object, title, json_pack("{s:f, s:o, s:f, s:f}", "score", shown->score, "p_value", p,
                                                     "mean", shown->interval.mean, "ci", shown->interval.half));
    }
    return object;
}

static thor_status print_json(const score_run *run, const cell *cells, thor_error *error)
{
    json_t *list = json_array();
    for (size_t s = 0; s < run->system_count; s++)
        json_array_append_new(list, system_json(run, cells, s));
    int failed = !list || json_dumpf(list, stdout, JSON_INDENT(4) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(list);
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the result could not be written") : THOR_OK;
}

static void print_scores(const score_run *run, const cell *cells)
{
    char text[SCORE_LINE];
    for (size_t s = 0; s < run->system_count; s++)
        for (size_t m = 0; m < run->metric_count; m++) {
            cell_text(run, &cells[m * run->system_count + s], s == 0, text);
            printf("%s%c", text, m + 1 == run->metric_count ? '\n' : '\t');
        }
}

thor_status score_systems(const score_run *run, thor_error *error)
{
    cell *cells = calloc(run->system_count * run->metric_count, sizeof *cells);
    double *samples = run->paired ? calloc(2 * (size_t)run->resamples, sizeof *samples) : NULL;
    thor_status status = THOR_OK;
    if (!cells || (run->paired && !samples))
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %lld resamples", (long long)run->resamples);
    for (size_t m = 0; m < run->metric_count && status == THOR_OK; m++)
        status = score_column(run, &run->metrics[m], samples, cells + m * run->system_count, error);
    if (status == THOR_OK) {
        if (run->format == SCORE_JSON)
            status = print_json(run, cells, error);
        else if (run->format == SCORE_TEXT)
            print_text(run, cells);
        else
            print_scores(run, cells);
    }
    free(samples);
    free(cells);
    return status;
}
