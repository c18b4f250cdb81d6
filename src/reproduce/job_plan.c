#include "reproduce/job_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void thor_row_name(const thor_row_plan *row, int32_t experts, char name[THOR_SYSTEM_NAME])
{
    const char *half = row->change ? strstr(row->change, "=E/2") : NULL;
    if (!row->change)
        snprintf(name, THOR_SYSTEM_NAME, "%s", row->recipe);
    else if (half)
        snprintf(name, THOR_SYSTEM_NAME, "%s+%.*s=%d", row->recipe, (int)(half - row->change), row->change,
                 (int)experts / 2);
    else
        snprintf(name, THOR_SYSTEM_NAME, "%s+%s", row->recipe, row->change);
}

static bool among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

static void list_tables(thor_setup setup, char *text, size_t room)
{
    size_t count, used = 0;
    const thor_paper_table *tables = thor_paper_tables(&count);
    text[0] = '\0';
    for (size_t i = 0; i < count && used < room; i++)
        if (tables[i].setups[setup])
            used += (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "", tables[i].name);
}

static thor_status check_tables(const thor_plan_request *request, thor_error *error)
{
    char list[256];
    list_tables(request->setup, list, sizeof list);
    for (size_t i = 0; i < request->table_count; i++) {
        const thor_paper_table *table = thor_paper_table_find(request->tables[i]);
        if (!table || !table->setups[request->setup])
            return thor_fail(error, THOR_E_USAGE, "table '%.64s' is unknown in the %s setup; there are %s",
                             request->tables[i], thor_setup_name(request->setup), list);
    }
    return THOR_OK;
}

static thor_status take_tables(thor_job_plan *plan, const thor_plan_request *request, thor_error *error)
{
    size_t count;
    const thor_paper_table *tables = thor_paper_tables(&count);
    THOR_TRY(check_tables(request, error));
    plan->tables = calloc(count, sizeof *plan->tables);
    if (!plan->tables)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a plan of %zu tables", count);
    for (size_t i = 0; i < count; i++)
        if (tables[i].setups[request->setup] && among(tables[i].name, request->tables, request->table_count))
            plan->tables[plan->table_count++] = &tables[i];
    return THOR_OK;
}

ptrdiff_t thor_plan_find(const thor_job_plan *plan, const char *recipe, const char *change)
{
    char name[THOR_SYSTEM_NAME];
    const thor_row_plan row = { .recipe = recipe, .change = change };
    thor_row_name(&row, plan->experts, name);
    for (size_t i = 0; i < plan->system_count; i++)
        if (strcmp(plan->systems[i].name, name) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static void add_system(thor_job_plan *plan, const thor_row_plan *row)
{
    if (thor_plan_find(plan, row->recipe, row->change) >= 0)
        return;
    thor_planned_system *added = &plan->systems[plan->system_count++];
    thor_row_name(row, plan->experts, added->name);
    snprintf(added->recipe, sizeof added->recipe, "%s", row->recipe);
    const char *plus = strchr(added->name, '+');
    snprintf(added->change, sizeof added->change, "%s", plus ? plus + 1 : "");
}

static thor_status take_systems(thor_job_plan *plan, const thor_plan_request *request, thor_error *error)
{
    plan->systems = calloc(plan->table_count * THOR_MOST_ROWS + 1, sizeof *plan->systems);
    if (!plan->systems)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the systems of %zu tables", plan->table_count);
    for (size_t t = 0; t < plan->table_count; t++)
        for (const thor_row_plan *row = plan->tables[t]->rows; row->recipe; row++)
            if (among(row->recipe, request->recipes, request->recipe_count))
                add_system(plan, row);
    for (size_t i = 0; i < request->recipe_count; i++) {
        bool found = false;
        for (size_t s = 0; s < plan->system_count; s++)
            found = found || strcmp(plan->systems[s].recipe, request->recipes[i]) == 0;
        if (!found)
            return thor_fail(error, THOR_E_USAGE, "recipe '%.64s' is in none of the tables asked for; see --list",
                             request->recipes[i]);
    }
    return THOR_OK;
}

static thor_status take_seeds(thor_job_plan *plan, const thor_plan_request *request, thor_error *error)
{
    if (request->seed_count == 0)
        return thor_fail(error, THOR_E_USAGE, "--seeds: no seed; expected one or several, such as 1,2,3");
    plan->seeds = calloc(request->seed_count, sizeof *plan->seeds);
    if (!plan->seeds)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu seeds", request->seed_count);
    for (size_t i = 0; i < request->seed_count; i++) {
        for (size_t k = 0; k < i; k++)
            if (plan->seeds[k] == request->seeds[i])
                return thor_fail(error, THOR_E_USAGE, "--seeds: %" PRIu64 " appears twice", request->seeds[i]);
        plan->seeds[plan->seed_count++] = request->seeds[i];
    }
    return THOR_OK;
}

thor_status thor_job_plan_make(thor_job_plan *plan, const thor_plan_request *request, thor_error *error)
{
    *plan = (thor_job_plan){ .setup = request->setup, .experts = request->experts };
    THOR_TRY(take_tables(plan, request, error));
    THOR_TRY(take_systems(plan, request, error));
    return take_seeds(plan, request, error);
}

void thor_job_plan_free(thor_job_plan *plan)
{
    free(plan->tables);
    free(plan->systems);
    free(plan->seeds);
    *plan = (thor_job_plan){ .table_count = 0 };
}

size_t thor_job_count(const thor_job_plan *plan)
{
    return plan->system_count * plan->seed_count;
}

const thor_planned_system *thor_job_system(const thor_job_plan *plan, size_t job)
{
    return &plan->systems[job % plan->system_count];
}

uint64_t thor_job_seed(const thor_job_plan *plan, size_t job)
{
    return plan->seeds[job / plan->system_count];
}

size_t thor_job_of(const thor_job_plan *plan, size_t system, size_t seed)
{
    return seed * plan->system_count + system;
}

char *thor_job_path(const thor_job_plan *plan, size_t job, const char *out, const char *file)
{
    const char *system = thor_job_system(plan, job)->name, *slash = file ? "/" : "";
    size_t room = strlen(out) + strlen(system) + (file ? strlen(file) : 0) + 48;
    char *path = malloc(room);
    if (path)
        snprintf(path, room, "%s/%s/seed-%" PRIu64 "%s%s", out, system, thor_job_seed(plan, job), slash,
                 file ? file : "");
    return path;
}
