/* Prints several systems side by side. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_cli.h"
#include "score/score_systems.h"

/* A test that counts equal differences as large ones, as sacreBLEU's does, finds p small where nothing differs. */
static bool is_significant(const score_run *run, const thor_system_score *shown, const thor_system_score *baseline)
{
    return shown->p <= 0.05 && shown->score != baseline->score && run->job.systems[0].lines.count > 1;
}

/* `cells` are those of one metric. */
static void cell_text(const score_run *run, const thor_system_score *cells, size_t system, char text[SCORE_LINE])
{
    const thor_system_score *shown = &cells[system];
    int length = snprintf(text, SCORE_LINE, "%.*f", run->width, shown->score);
    if (!run->job.paired)
        return;
    if (!run->job.draws.randomised)
        length += snprintf(text + length, SCORE_LINE - (size_t)length, " (%.*f ± %.*f)", run->width,
                           shown->interval.mean, run->width, shown->interval.half);
    if (system > 0)
        snprintf(text + length, SCORE_LINE - (size_t)length, " p = %.4f%s", shown->p,
                 is_significant(run, shown, cells) ? "*" : "");
}

static void system_text(const score_run *run, size_t system, char text[SCORE_LINE])
{
    const thor_score_job *job = &run->job;
    snprintf(text, SCORE_LINE, "%s%s", job->paired && system == 0 ? "Baseline: " : "", job->systems[system].name);
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

static void column_texts(const score_run *run, const thor_system_score *cells, size_t metric, size_t row,
                         char text[SCORE_LINE])
{
    if (row > 0)
        cell_text(run, &cells[metric * run->job.system_count], row - 1, text);
    else
        thor_metric_title(&run->job.metrics[metric], text);
}

static void print_text(const score_run *run, const thor_system_score *cells)
{
    const thor_score_job *job = &run->job;
    size_t widths[1 + THOR_METRICS] = { 6 };
    char text[SCORE_LINE];
    for (size_t row = 0; row <= job->system_count; row++) {
        if (row > 0)
            system_text(run, row - 1, text);
        widths[0] = row > 0 && characters(text) > widths[0] ? characters(text) : widths[0];
        for (size_t m = 0; m < job->metric_count; m++) {
            column_texts(run, cells, m, row, text);
            widths[1 + m] = characters(text) > widths[1 + m] ? characters(text) : widths[1 + m];
        }
    }
    for (size_t row = 0; row <= job->system_count; row++) {
        snprintf(text, sizeof text, "System");
        if (row > 0)
            system_text(run, row - 1, text);
        print_cell(text, widths[0], false);
        for (size_t m = 0; m < job->metric_count; m++) {
            column_texts(run, cells, m, row, text);
            print_cell(text, widths[1 + m], m + 1 == job->metric_count);
        }
    }
    putchar('\n');
    for (size_t m = 0; m < job->metric_count; m++) {
        char title[THOR_SIGNATURE_SIZE], signature[THOR_SIGNATURE_SIZE];
        thor_metric_title(&job->metrics[m], title);
        thor_signature(&job->metrics[m], (int64_t)job->reference_count, &job->draws, signature);
        printf("%s|%s\n", title, signature);
    }
    if (job->paired && job->draws.randomised)
        printf("score; p of %lld trials; * the difference from the baseline is significant at p <= 0.05\n",
               (long long)job->draws.count);
    else if (job->paired)
        printf("score (mean ± 95 %% interval of %lld resamples); * the difference from the baseline is significant "
               "at p <= 0.05\n", (long long)job->draws.count);
}

/* sacreBLEU's layout: a list of systems, in each an object (or, without a test, the printed score) for each metric. */
static json_t *system_json(const score_run *run, const thor_system_score *cells, size_t system)
{
    char text[SCORE_LINE];
    json_t *object = json_object();
    system_text(run, system, text);
    json_object_set_new(object, "system", json_string(text));
    for (size_t m = 0; m < run->job.metric_count; m++) {
        const thor_system_score *shown = &cells[m * run->job.system_count + system];
        char title[THOR_SIGNATURE_SIZE];
        thor_metric_title(&run->job.metrics[m], title);
        if (!run->job.paired) {
            cell_text(run, &cells[m * run->job.system_count], system, text);
            json_object_set_new(object, title, json_string(text));
            continue;
        }
        json_t *p = system == 0 ? json_null() : json_real(shown->p);
        bool interval = !run->job.draws.randomised;
        json_object_set_new(object, title,
                            json_pack("{s:f, s:o, s:o, s:o}", "score", shown->score, "p_value", p,
                                      "mean", interval ? json_real(shown->interval.mean) : json_null(),
                                      "ci", interval ? json_real(shown->interval.half) : json_null()));
    }
    return object;
}

static thor_status print_json(const score_run *run, const thor_system_score *cells, thor_error *error)
{
    json_t *list = json_array();
    for (size_t s = 0; s < run->job.system_count; s++)
        json_array_append_new(list, system_json(run, cells, s));
    int failed = !list || json_dumpf(list, stdout, JSON_INDENT(4) | JSON_REAL_PRECISION(17));
    putchar('\n');
    json_decref(list);
    return failed ? thor_fail(error, THOR_E_IO, "standard output: the result could not be written") : THOR_OK;
}

static void print_scores(const score_run *run, const thor_system_score *cells)
{
    char text[SCORE_LINE];
    for (size_t s = 0; s < run->job.system_count; s++)
        for (size_t m = 0; m < run->job.metric_count; m++) {
            cell_text(run, &cells[m * run->job.system_count], s, text);
            printf("%s%c", text, m + 1 == run->job.metric_count ? '\n' : '\t');
        }
}

thor_status score_systems(const score_run *run, thor_error *error)
{
    thor_system_score *cells = calloc(run->job.system_count * run->job.metric_count, sizeof *cells);
    thor_status status = cells ? thor_score_systems(&run->job, cells, error)
                               : thor_fail(error, THOR_E_MEMORY, "no memory for %zu systems", run->job.system_count);
    if (status == THOR_OK) {
        if (run->format == SCORE_JSON)
            status = print_json(run, cells, error);
        else if (run->format == SCORE_TEXT)
            print_text(run, cells);
        else
            print_scores(run, cells);
    }
    free(cells);
    return status;
}
