/* What the routers did: experts a token, at test time and over training, and how sentences group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/paper.h"
#include "reproduce/report_parts.h"

static double take_group(const thor_job_result *job, const void *name)
{
    for (size_t i = 0; i < job->routing.group_count; i++)
        if (strcmp(job->routing.groups[i].name, name) == 0)
            return job->routing.groups[i].value;
    return NAN;
}

static bool has_groups(const thor_job_result *job)
{
    return job->routing.group_count > 0;
}

thor_status thor_build_experts(const thor_report_source *source, const thor_paper_table *table,
                               thor_document *document, thor_error *error)
{
    const thor_job_result *model = thor_first_job(source, table, has_groups);
    size_t groups = model ? model->routing.group_count : 0;
    thor_sheet *sheet;
    THOR_TRY(thor_sheet_of_rows(source, document, table, table->name,
                                source->results->plan->setup == THOR_SETUP_MULTIDOMAIN
                                    ? "Experts a token, by domain" : "Experts a token, by target language",
                                2 + groups, &sheet, error));
    thor_sheet_head(sheet, 1, "all");
    for (size_t g = 0; g < groups; g++)
        thor_sheet_head(sheet, g + 2, model->routing.groups[g].name);
    for (size_t r = 0; r < sheet->rows; r++) {
        ptrdiff_t system = thor_row_system(source, &table->rows[r]);
        thor_seed_mean all = thor_over_seeds(source->results, system, thor_take_experts, NULL);
        thor_sheet_mean(sheet, r, 1, all, 2)->paper =
            thor_paper_value(source->results->plan->setup, table->name, table->rows[r].paper, "Avg");
        for (size_t g = 0; g < groups; g++) {
            thor_seed_mean mean = thor_over_seeds(source->results, system, take_group, model->routing.groups[g].name);
            thor_sheet_mean(sheet, r, g + 2, mean, 2)->paper =
                thor_paper_value(source->results->plan->setup, table->name, table->rows[r].paper,
                                 model->routing.groups[g].name);
        }
    }
    return THOR_OK;
}

static double take_point(const thor_job_result *job, const void *update)
{
    for (size_t i = 0; i < job->routing.curve_count; i++)
        if (job->routing.updates[i] == *(const double *)update)
            return job->routing.experts[i];
    return NAN;
}

/* The mean curve of a system, at the points of its first done seed. */
static thor_status add_curve(const thor_report_source *source, ptrdiff_t system, thor_picture *picture,
                             thor_error *error)
{
    const thor_job_plan *plan = source->results->plan;
    for (size_t s = 0; s < plan->seed_count; s++) {
        const thor_job_result *job = &source->results->jobs[thor_job_of(plan, (size_t)system, s)];
        if (!job->done || job->routing.curve_count == 0)
            continue;
        thor_chart_line *line;
        THOR_TRY(thor_picture_line(picture, plan->systems[system].name, job->routing.curve_count, &line, error));
        for (size_t i = 0; i < line->count; i++) {
            line->x[i] = job->routing.updates[i];
            line->y[i] = thor_over_seeds(source->results, system, take_point, &line->x[i]).mean;
        }
        return THOR_OK;
    }
    return THOR_OK;
}

thor_status thor_build_curve(const thor_report_source *source, const thor_paper_table *table,
                             thor_document *document, thor_error *error)
{
    thor_picture *picture;
    THOR_TRY(thor_document_picture(document, table->name, table->title, &picture, error));
    picture->x_name = "updates";
    picture->y_name = "experts a token";
    for (const thor_row_plan *row = table->rows; row->recipe; row++) {
        ptrdiff_t system = thor_row_system(source, row);
        if (system >= 0)
            THOR_TRY(add_curve(source, system, picture, error));
    }
    return THOR_OK;
}

/* The mean over the seeds of a system: rows are tasks, so that seeds can be added. */
static thor_status add_similarity(const thor_report_source *source, ptrdiff_t system, const char *id,
                                  thor_document *document, thor_error *error)
{
    const thor_job_plan *plan = source->results->plan;
    thor_picture *picture = NULL;
    char title[160];
    double seeds = 0;
    for (size_t s = 0; s < plan->seed_count; s++) {
        const thor_job_result *job = &source->results->jobs[thor_job_of(plan, (size_t)system, s)];
        const thor_job_routing *routing = &job->routing;
        if (!job->done || !routing->similarity || (picture && routing->tasks != picture->size))
            continue;
        if (!picture) {
            snprintf(title, sizeof title, "Clusters and soft labels, %.100s", plan->systems[system].name);
            THOR_TRY(thor_document_picture(document, id, title, &picture, error));
            THOR_TRY(thor_picture_map(picture, routing->tasks, error));
            picture->x_name = "soft label";
            picture->y_name = "cluster";
            picture->digits = 2;
            for (size_t t = 0; t < routing->tasks; t++)
                snprintf(picture->names[t], sizeof *picture->names, "%s", routing->task_names[t]);
        }
        for (size_t i = 0; i < picture->size * picture->size; i++)
            picture->values[i] = (seeds > 0 ? picture->values[i] : 0) + routing->similarity[i];
        seeds++;
    }
    for (size_t i = 0; picture && i < picture->size * picture->size; i++)
        picture->values[i] /= seeds;
    return THOR_OK;
}

thor_status thor_build_similarity(const thor_report_source *source, const thor_paper_table *table,
                                  thor_document *document, thor_error *error)
{
    for (const thor_row_plan *row = table->rows; row->recipe; row++) {
        ptrdiff_t system = thor_row_system(source, row);
        char id[THOR_SYSTEM_NAME + 16], short_id[64];
        snprintf(id, sizeof id, "%s.%s", table->name, row->recipe);
        snprintf(short_id, sizeof short_id, "%.63s", id);
        if (system >= 0)
            THOR_TRY(add_similarity(source, system, short_id, document, error));
    }
    return THOR_OK;
}
