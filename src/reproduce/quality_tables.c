/* Tables of scores, with marks against a baseline. */
#include <math.h>
#include <stdlib.h>

#include "reproduce/paper.h"
#include "reproduce/report_parts.h"
#include "score/multiple.h"

enum { MEAN_COLUMNS = 2, TEST_COLUMNS = 7 };

static double take_perplexity(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->scores.perplexity;
}

/* Tests every row of a column against the baseline; the family of Holm's correction is the column. */
static thor_status mark_column(const thor_report_source *source, const thor_paper_table *table, ptrdiff_t baseline,
                               const double *weights, thor_sheet *sheet, size_t column, thor_error *error)
{
    double p[THOR_MOST_ROWS], corrected[THOR_MOST_ROWS];
    for (size_t r = 0; r < sheet->rows; r++) {
        ptrdiff_t system = thor_row_system(source, &table->rows[r]);
        thor_comparison_of_systems found = { .p = NAN };
        if (system >= 0 && baseline >= 0 && system != baseline)
            THOR_TRY(thor_samples_compare(source->samples, (size_t)system, (size_t)baseline, weights, &found, error));
        p[r] = found.p;
    }
    thor_holm(p, sheet->rows, corrected);
    for (size_t r = 0; r < sheet->rows; r++) {
        sheet->cells[r * sheet->columns + column].p = p[r];
        sheet->cells[r * sheet->columns + column].p_corrected = corrected[r];
    }
    return THOR_OK;
}

static void fill_column(const thor_report_source *source, const thor_paper_table *table,
                        const thor_score_column *column, thor_sheet *sheet, size_t at)
{
    thor_setup setup = source->results->plan->setup;
    thor_sheet_head(sheet, at, column->name);
    for (size_t r = 0; r < sheet->rows; r++) {
        ptrdiff_t system = thor_row_system(source, &table->rows[r]);
        thor_seed_mean mean = thor_weighted_mean(source->results, system, column->weights, false);
        thor_cell *cell = thor_sheet_mean(sheet, r, at, mean, 2);
        cell->paper = thor_paper_value(setup, table->name, table->rows[r].paper, column->paper);
    }
}

/* chrF over the last column's test sets, and perplexity. */
static void fill_means(const thor_report_source *source, const thor_paper_table *table, const double *weights,
                       thor_sheet *sheet)
{
    size_t chrf = sheet->columns - 2, perplexity = sheet->columns - 1;
    thor_sheet_head(sheet, chrf, "chrF");
    thor_sheet_head(sheet, perplexity, "perplexity");
    for (size_t r = 0; r < sheet->rows; r++) {
        ptrdiff_t system = thor_row_system(source, &table->rows[r]);
        thor_sheet_mean(sheet, r, chrf, thor_weighted_mean(source->results, system, weights, true), 2);
        thor_sheet_mean(sheet, r, perplexity, thor_over_seeds(source->results, system, take_perplexity, NULL), 2);
    }
}

static thor_status build_sheet(const thor_report_source *source, const thor_paper_table *table, thor_column_set set,
                               thor_document *document, thor_error *error)
{
    static const char *const titles[] = { "All directions, BLEU", "From English, BLEU", "Into English, BLEU",
                                          "By domain, BLEU", "By test set, BLEU" };
    static const char *const ids[] = { "", ".from", ".into", ".domain", ".each" };
    thor_score_columns columns;
    thor_sheet *sheet;
    char id[64];
    size_t more = set == THOR_COLUMNS_ALL || set == THOR_COLUMNS_DOMAINS ? MEAN_COLUMNS : 0;
    ptrdiff_t baseline = thor_table_baseline(source, table);
    snprintf(id, sizeof id, "%s%s", table->name, ids[set]);
    thor_status status = thor_columns_make(&columns, set, source->samples->model, error);
    if (status == THOR_OK && columns.count > 0)
        status = thor_sheet_of_rows(source, document, table, id, titles[set], 1 + columns.count + more, &sheet, error);
    for (size_t c = 0; status == THOR_OK && c < columns.count; c++) {
        fill_column(source, table, &columns.items[c], sheet, c + 1);
        status = mark_column(source, table, baseline, columns.items[c].weights, sheet, c + 1, error);
    }
    if (status == THOR_OK && more && columns.count > 0)
        fill_means(source, table, columns.items[columns.count - 1].weights, sheet);
    thor_columns_free(&columns);
    return status;
}

static double take_13a(const thor_job_result *job, const void *test)
{
    return job->scores.tests[*(const size_t *)test].bleu_13a;
}

/* Chinese targets are scored as the paper scores them, with the tokeniser 13a, as well. */
static thor_status build_13a(const thor_report_source *source, const thor_paper_table *table, thor_document *document,
                             thor_error *error)
{
    const thor_job_scores *model = source->samples->model;
    size_t count = 0, column = 1;
    char id[64];
    thor_sheet *sheet;
    for (size_t t = 0; t < model->count; t++)
        count += isnan(model->tests[t].bleu_13a) ? 0 : 1;
    if (count == 0)
        return THOR_OK;
    snprintf(id, sizeof id, "%s.13a", table->name);
    THOR_TRY(thor_sheet_of_rows(source, document, table, id, "BLEU with the tokeniser 13a where the target is Chinese",
                                1 + count, &sheet, error));
    for (size_t t = 0; t < model->count; t++) {
        if (isnan(model->tests[t].bleu_13a))
            continue;
        thor_sheet_head(sheet, column, model->tests[t].direction);
        for (size_t r = 0; r < sheet->rows; r++) {
            ptrdiff_t system = thor_row_system(source, &table->rows[r]);
            thor_sheet_mean(sheet, r, column, thor_over_seeds(source->results, system, take_13a, &t), 2);
        }
        column++;
    }
    return THOR_OK;
}

static void fill_test(thor_sheet *sheet, size_t row, const thor_comparison_of_systems *found)
{
    thor_sheet_number(sheet, row, 1, found->difference, 2);
    thor_sheet_number(sheet, row, 2, found->p, 4);
    thor_sheet_number(sheet, row, 4, found->permutation_p, 4);
    if (found->seeds > 0) {
        thor_sheet_number(sheet, row, 5, (double)found->seeds, 0);
        thor_sheet_number(sheet, row, 6, (double)found->pairs, 0);
    }
}

/* The mean over all test sets against the baseline: difference, both tests, and on how much they rest. */
static thor_status build_tests(const thor_report_source *source, const thor_paper_table *table,
                               thor_document *document, thor_error *error)
{
    static const char *const heads[] = { "system", "difference", "p", "p, Holm", "p, permutation", "seeds", "pairs" };
    const thor_job_plan *plan = source->results->plan;
    ptrdiff_t baseline = thor_table_baseline(source, table);
    double p[THOR_MOST_ROWS], corrected[THOR_MOST_ROWS], *weights = thor_mean_weights(source->samples->model);
    char id[64], title[160];
    thor_sheet *sheet;
    if (!weights)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the tests of table %s", table->name);
    snprintf(id, sizeof id, "%s.tests", table->name);
    snprintf(title, sizeof title, "Mean over all test sets against %.110s", plan->systems[baseline].name);
    thor_status status = thor_sheet_of_rows(source, document, table, id, title, TEST_COLUMNS, &sheet, error);
    for (size_t c = 1; status == THOR_OK && c < TEST_COLUMNS; c++)
        thor_sheet_head(sheet, c, heads[c]);
    for (size_t r = 0; status == THOR_OK && r < sheet->rows; r++) {
        ptrdiff_t system = thor_row_system(source, &table->rows[r]);
        thor_comparison_of_systems found = { .difference = NAN, .p = NAN, .permutation_p = NAN };
        if (system >= 0 && system != baseline)
            status = thor_samples_compare(source->samples, (size_t)system, (size_t)baseline, weights, &found, error);
        p[r] = found.p;
        fill_test(sheet, r, &found);
    }
    if (status == THOR_OK) {
        thor_holm(p, sheet->rows, corrected);
        for (size_t r = 0; r < sheet->rows; r++)
            thor_sheet_number(sheet, r, 3, corrected[r], 4);
    }
    free(weights);
    return status;
}

thor_status thor_build_quality(const thor_report_source *source, const thor_paper_table *table,
                               thor_document *document, thor_error *error)
{
    if (source->results->plan->setup == THOR_SETUP_MULTIDOMAIN)
        THOR_TRY(build_sheet(source, table, THOR_COLUMNS_DOMAINS, document, error));
    else
        THOR_TRY(build_sheet(source, table, THOR_COLUMNS_ALL, document, error));
    if (!table->reference && source->results->plan->setup == THOR_SETUP_MULTILINGUAL) {
        THOR_TRY(build_sheet(source, table, THOR_COLUMNS_FROM, document, error));
        THOR_TRY(build_sheet(source, table, THOR_COLUMNS_INTO, document, error));
        THOR_TRY(build_sheet(source, table, THOR_COLUMNS_EACH, document, error));
        THOR_TRY(build_13a(source, table, document, error));
    }
    return thor_table_baseline(source, table) >= 0 ? build_tests(source, table, document, error) : THOR_OK;
}

static double take_used(const thor_job_result *job, const void *what)
{
    (void)what;
    return 100 * job->routing.used_share;
}

static double take_sets(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->routing.candidate_sets;
}

thor_status thor_build_readings(const thor_report_source *source, const thor_paper_table *table,
                                thor_document *document, thor_error *error)
{
    static const struct { const char *head; thor_taker *take; int digits; } columns[] = {
        { "BLEU", NULL, 2 },
        { "perplexity", take_perplexity, 2 },
        { "predictor %", thor_take_accuracy, 1 },
        { "experts used %", take_used, 1 },
        { "candidate sets", take_sets, 0 },
        { "experts/token", thor_take_experts, 2 },
    };
    size_t count = sizeof columns / sizeof *columns;
    double *weights = thor_mean_weights(source->samples->model);
    thor_sheet *sheet;
    if (!weights)
        return thor_fail(error, THOR_E_MEMORY, "no memory for table %s", table->name);
    thor_status status = thor_sheet_of_rows(source, document, table, table->name, "One change at a time", 1 + count,
                                            &sheet, error);
    for (size_t c = 0; status == THOR_OK && c < count; c++) {
        thor_sheet_head(sheet, c + 1, columns[c].head);
        for (size_t r = 0; r < sheet->rows; r++) {
            ptrdiff_t system = thor_row_system(source, &table->rows[r]);
            thor_seed_mean mean = columns[c].take ? thor_over_seeds(source->results, system, columns[c].take, NULL)
                                                  : thor_weighted_mean(source->results, system, weights, false);
            thor_sheet_mean(sheet, r, c + 1, mean, columns[c].digits);
        }
    }
    if (status == THOR_OK)
        status = mark_column(source, table, thor_table_baseline(source, table), weights, sheet, 1, error);
    free(weights);
    return status == THOR_OK && thor_table_baseline(source, table) >= 0 ? build_tests(source, table, document, error)
                                                                        : status;
}
