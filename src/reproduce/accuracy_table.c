/* The paper's appendix A: how often the task predictor is right, and what it takes for what. */
#include <math.h>
#include <string.h>

#include "reproduce/paper.h"
#include "reproduce/report_parts.h"

static double take_task(const thor_job_result *job, const void *name)
{
    const thor_job_routing *routing = &job->routing;
    for (size_t t = 0; t < routing->tasks; t++) {
        double all = 0;
        if (strcmp(routing->task_names[t], name) != 0)
            continue;
        for (size_t k = 0; k < routing->tasks; k++)
            all += (double)routing->confusion[t * routing->tasks + k];
        return all > 0 ? 100 * (double)routing->confusion[t * routing->tasks + t] / all : NAN;
    }
    return NAN;
}

static bool has_predictor(const thor_job_result *job)
{
    return job->routing.tasks > 0;
}

static thor_status build_sides(const thor_report_source *source, const thor_paper_table *table,
                               thor_document *document, thor_error *error)
{
    static const char *const heads[] = { "all", "into English", "from English", "between others" };
    thor_sheet *sheet;
    THOR_TRY(thor_sheet_of_rows(source, document, table, table->name, "Right predictions, % of sentences", 5, &sheet,
                                error));
    for (int side = -1; side < THOR_ENGLISH_SIDES; side++) {
        const char *head = heads[side + 1];
        size_t column = (size_t)(side + 2);
        thor_sheet_head(sheet, column, head);
        for (size_t r = 0; r < sheet->rows; r++) {
            thor_seed_mean mean = thor_over_seeds(source->results, thor_row_system(source, &table->rows[r]),
                                                  thor_take_accuracy, side < 0 ? NULL : &side);
            thor_sheet_mean(sheet, r, column, mean, 2)->paper =
                thor_paper_value(source->results->plan->setup, table->name, table->rows[r].paper, head);
        }
    }
    thor_sheet_trim(sheet);
    return THOR_OK;
}

static thor_status build_tasks(const thor_report_source *source, const thor_paper_table *table,
                               const thor_job_routing *model, thor_document *document, thor_error *error)
{
    thor_sheet *sheet;
    THOR_TRY(thor_sheet_of_rows(source, document, table, "A.tasks", "Right predictions by true task, % of sentences",
                                1 + model->tasks, &sheet, error));
    for (size_t t = 0; t < model->tasks; t++) {
        thor_sheet_head(sheet, t + 1, model->task_names[t]);
        for (size_t r = 0; r < sheet->rows; r++)
            thor_sheet_mean(sheet, r, t + 1, thor_over_seeds(source->results, thor_row_system(source, &table->rows[r]),
                                                             take_task, model->task_names[t]), 1);
    }
    return THOR_OK;
}

/* Of one seed: rows are the true tasks, in percent. */
static thor_status build_confusion(const thor_job_routing *routing, thor_document *document, thor_error *error)
{
    thor_picture *picture;
    THOR_TRY(thor_document_picture(document, "A.confusion", "True task and prediction, % of sentences (first seed)",
                                   &picture, error));
    THOR_TRY(thor_picture_map(picture, routing->tasks, error));
    picture->x_name = "prediction";
    picture->y_name = "true task";
    for (size_t t = 0; t < routing->tasks; t++) {
        double all = 0;
        snprintf(picture->names[t], sizeof *picture->names, "%s", routing->task_names[t]);
        for (size_t k = 0; k < routing->tasks; k++)
            all += (double)routing->confusion[t * routing->tasks + k];
        for (size_t k = 0; all > 0 && k < routing->tasks; k++)
            picture->values[t * routing->tasks + k] = 100 * (double)routing->confusion[t * routing->tasks + k] / all;
    }
    return THOR_OK;
}

thor_status thor_build_accuracy(const thor_report_source *source, const thor_paper_table *table,
                                thor_document *document, thor_error *error)
{
    THOR_TRY(build_sides(source, table, document, error));
    const thor_job_result *first = thor_first_job(source, table, has_predictor);
    if (!first)
        return THOR_OK;
    THOR_TRY(build_tasks(source, table, &first->routing, document, error));
    return build_confusion(&first->routing, document, error);
}
