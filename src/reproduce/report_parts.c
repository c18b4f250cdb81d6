#include "reproduce/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ptrdiff_t thor_best_baseline(const thor_report_source *source)
{
    const thor_job_plan *plan = source->results->plan;
    double *weights = source->samples->model ? thor_mean_weights(source->samples->model) : NULL;
    double most = -INFINITY;
    ptrdiff_t best = -1;
    for (size_t i = 0; weights && i < plan->system_count; i++) {
        if (!thor_recipe_is_baseline(plan->systems[i].recipe))
            continue;
        thor_seed_mean mean = thor_weighted_mean(source->results, (ptrdiff_t)i, weights, false);
        if (mean.seeds > 0 && mean.mean > most) {
            most = mean.mean;
            best = (ptrdiff_t)i;
        }
    }
    free(weights);
    return best;
}

ptrdiff_t thor_table_baseline(const thor_report_source *source, const thor_paper_table *table)
{
    const char *named = source->baseline ? source->baseline : table->reference;
    return named ? thor_plan_find(source->results->plan, named, NULL) : thor_best_baseline(source);
}

size_t thor_table_rows(const thor_paper_table *table)
{
    size_t count = 0;
    while (table->rows[count].recipe)
        count++;
    return count;
}

ptrdiff_t thor_row_system(const thor_report_source *source, const thor_row_plan *row)
{
    return thor_plan_find(source->results->plan, row->recipe, row->change);
}

bool thor_why_missing(const thor_report_source *source, ptrdiff_t system, const char *name, char reason[384])
{
    const thor_job_plan *plan = source->results->plan;
    reason[0] = '\0';
    if (system < 0) {
        snprintf(reason, 384, "%.120s is not among the systems asked for", name);
        return true;
    }
    for (size_t s = 0; s < plan->seed_count; s++)
        if (source->results->jobs[thor_job_of(plan, (size_t)system, s)].done)
            return false;
    snprintf(reason, 384, "no seed of %.100s is done: %.240s", plan->systems[system].name,
             source->results->jobs[thor_job_of(plan, (size_t)system, 0)].why);
    return true;
}

const thor_job_result *thor_first_job(const thor_report_source *source, const thor_paper_table *table,
                                      thor_job_suits *suits)
{
    const thor_job_plan *plan = source->results->plan;
    for (const thor_row_plan *row = table->rows; row->recipe; row++) {
        ptrdiff_t system = thor_row_system(source, row);
        for (size_t s = 0; system >= 0 && s < plan->seed_count; s++) {
            const thor_job_result *job = &source->results->jobs[thor_job_of(plan, (size_t)system, s)];
            if (job->done && suits(job))
                return job;
        }
    }
    return NULL;
}

double thor_take_experts(const thor_job_result *job, const void *what)
{
    (void)what;
    return job->routing.experts_per_token;
}

double thor_take_accuracy(const thor_job_result *job, const void *side)
{
    double sentences = 0, right = 0;
    for (int s = 0; s < THOR_ENGLISH_SIDES; s++)
        if (!side || *(const int *)side == s) {
            sentences += (double)job->routing.sentences[s];
            right += (double)job->routing.right[s];
        }
    return sentences > 0 ? 100 * right / sentences : NAN;
}

thor_cell *thor_sheet_mean(thor_sheet *sheet, size_t row, size_t column, thor_seed_mean mean, int digits)
{
    thor_cell *cell = thor_sheet_number(sheet, row, column, mean.mean, digits);
    cell->deviation = mean.deviation;
    return cell;
}

thor_status thor_sheet_of_rows(const thor_report_source *source, thor_document *document,
                               const thor_paper_table *table, const char *id, const char *title, size_t columns,
                               thor_sheet **sheet, thor_error *error)
{
    size_t rows = thor_table_rows(table);
    THOR_TRY(thor_document_sheet(document, id, title, rows, columns, sheet, error));
    thor_sheet_head(*sheet, 0, "system");
    for (size_t r = 0; r < rows; r++) {
        const thor_row_plan *row = &table->rows[r];
        char system[THOR_SYSTEM_NAME], name[THOR_SYSTEM_NAME + 96];
        thor_row_name(row, source->results->plan->experts, system);
        if (row->paper && strcmp(row->paper, row->recipe) != 0)
            snprintf(name, sizeof name, "%s (%s%s)", system, row->paper, row->other_reading ? ", reading 2" : "");
        else
            snprintf(name, sizeof name, "%s", system);
        thor_sheet_text(*sheet, r, 0, name);
    }
    return THOR_OK;
}
