/* What systems cost, each beside the reference, and the sizes of the data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reproduce/paper.h"
#include "reproduce/report_parts.h"

static double take_parameters(const thor_job_result *job, const void *what)
{
    (void)what;
    return (double)job->cost.parameters / 1e6;
}

static double take_used(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->cost.parameters_per_token / 1e6;
}

static double take_work(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->cost.gflop_per_token;
}

static double take_speed(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->cost.tokens_per_second;
}

static double take_memory(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->cost.training_bytes / 1048576;
}

static double take_time(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->cost.training_seconds / 3600;
}

typedef struct cost_column {
    const char *head;
    thor_taker *take;
    int digits;
} cost_column;

/* Every column, and behind it how many times the reference's it is. */
static thor_status build_costs(const thor_report_source *source, const thor_paper_table *table,
                               const cost_column *columns, size_t count, bool measured, const char *id,
                               const char *title, thor_document *document, thor_error *error)
{
    ptrdiff_t reference = thor_plan_find(source->results->plan, table->reference, NULL);
    thor_sheet *sheet;
    THOR_TRY(thor_sheet_of_rows(source, document, table, id, title, 1 + 2 * count, &sheet, error));
    sheet->measured = measured;
    for (size_t c = 0; c < count; c++) {
        char times[64];
        double unit = thor_over_seeds(source->results, reference, columns[c].take, NULL).mean;
        snprintf(times, sizeof times, "x %s", table->reference);
        thor_sheet_head(sheet, 1 + 2 * c, columns[c].head);
        thor_sheet_head(sheet, 2 + 2 * c, times);
        for (size_t r = 0; r < sheet->rows; r++) {
            ptrdiff_t system = thor_row_system(source, &table->rows[r]);
            thor_seed_mean mean = thor_over_seeds(source->results, system, columns[c].take, NULL);
            if (!measured)
                mean.deviation = NAN;
            thor_sheet_mean(sheet, r, 1 + 2 * c, mean, columns[c].digits);
            thor_sheet_number(sheet, r, 2 + 2 * c, mean.mean / unit, 2);
        }
    }
    return THOR_OK;
}

typedef struct translation_point {
    int64_t batch, length;
    bool memory;
} translation_point;

static double take_translation(const thor_job_result *job, const void *what)
{
    const translation_point *point = what;
    for (size_t i = 0; i < job->cost.count; i++) {
        const thor_translation_cost *one = &job->cost.translation[i];
        if (one->batch == point->batch && one->source_length == point->length)
            return point->memory ? one->bytes / 1048576 : one->milliseconds;
    }
    return NAN;
}

static thor_status build_translation(const thor_report_source *source, const thor_paper_table *table,
                                     const thor_job_cost *model, bool memory, thor_document *document,
                                     thor_error *error)
{
    thor_sheet *sheet;
    const char *id = memory ? "resources.translation_memory" : "resources.translation";
    const char *title = memory ? "Translation, peak memory in MiB (batch x source length)"
                               : "Translation, milliseconds a sentence (batch x source length)";
    THOR_TRY(thor_sheet_of_rows(source, document, table, id, title, 1 + model->count, &sheet, error));
    sheet->measured = true;
    for (size_t c = 0; c < model->count; c++) {
        const translation_point point = { model->translation[c].batch, model->translation[c].source_length, memory };
        char head[64];
        snprintf(head, sizeof head, "%lld x %lld", (long long)point.batch, (long long)point.length);
        thor_sheet_head(sheet, c + 1, head);
        for (size_t r = 0; r < sheet->rows; r++)
            thor_sheet_mean(sheet, r, c + 1, thor_over_seeds(source->results, thor_row_system(source, &table->rows[r]),
                                                             take_translation, &point), memory ? 0 : 1);
    }
    return THOR_OK;
}

static bool has_translation(const thor_job_result *job)
{
    return job->cost.count > 0;
}

thor_status thor_build_resources(const thor_report_source *source, const thor_paper_table *table,
                                 thor_document *document, thor_error *error)
{
    static const cost_column counted[] = { { "parameters, M", take_parameters, 2 },
                                           { "used a token, M", take_used, 2 },
                                           { "GFLOP a token", take_work, 4 } };
    static const cost_column measured[] = { { "training, tokens/s", take_speed, 0 },
                                            { "peak memory, MiB", take_memory, 0 },
                                            { "training, hours", take_time, 2 } };
    const thor_job_result *model = thor_first_job(source, table, has_translation);
    THOR_TRY(build_costs(source, table, counted, 3, false, table->name, "Counted", document, error));
    THOR_TRY(build_costs(source, table, measured, 3, true, "resources.training", "Measured: training", document,
                         error));
    if (!model)
        return THOR_OK;
    THOR_TRY(build_translation(source, table, &model->cost, false, document, error));
    return build_translation(source, table, &model->cost, true, document, error);
}

static void fill_data_row(thor_sheet *sheet, size_t row, const char *name, const int64_t values[4])
{
    thor_sheet_text(sheet, row, 0, name);
    for (size_t c = 0; c < 4; c++)
        thor_sheet_number(sheet, row, c + 1, (double)values[c], 0);
}

thor_status thor_build_data(const thor_report_source *source, const thor_paper_table *table,
                            thor_document *document, thor_error *error)
{
    static const char *const heads[] = { "pair", "downloaded", "kept", "valid", "test" };
    const thor_data_facts *data = source->data;
    int64_t sums[4] = { 0 };
    thor_sheet *sheet;
    if (!data)
        return thor_document_paragraph(document, error, "The sizes of the data are not known: data.json is missing.");
    THOR_TRY(thor_document_sheet(document, table->name, "Pairs of sentences", data->count + 1, 5, &sheet, error));
    for (size_t c = 0; c < 5; c++)
        thor_sheet_head(sheet, c, heads[c]);
    for (size_t i = 0; i < data->count; i++) {
        const thor_data_pair *pair = &data->pairs[i];
        const int64_t values[4] = { pair->raw, pair->kept, pair->valid, pair->test };
        fill_data_row(sheet, i, pair->name, values);
        for (size_t c = 0; c < 4; c++)
            sums[c] += values[c];
    }
    fill_data_row(sheet, data->count, "all", sums);
    double kept = thor_paper_value(source->results->plan->setup, table->name, "all", "kept");
    double tasks = thor_paper_value(source->results->plan->setup, table->name, "all", "tasks");
    sheet->cells[data->count * 5 + 2].paper = kept / 2;      /* the paper counts both directions of a pair */
    THOR_TRY(thor_document_paragraph(document, error, "Tasks: %lld.", (long long)data->tasks));
    if (!isnan(kept))
        THOR_TRY(thor_document_paragraph(document, error, "The paper counts %.0f, both directions of a pair, and "
                                         "%.0f tasks; half of it stands in the table.", kept, tasks));
    return THOR_OK;
}
