/* Which jobs a reproduction has. A job is a system (a recipe, or a recipe with a change) and a seed; tables that share
 * a system share its jobs. */
#ifndef THOR_REPRODUCE_JOB_PLAN_H
#define THOR_REPRODUCE_JOB_PLAN_H

#include <stdint.h>

#include "base/status.h"
#include "reproduce/table_list.h"

enum { THOR_SYSTEM_NAME = 192 };

typedef struct thor_planned_system {
    char name[THOR_SYSTEM_NAME];        /* "RECIPE" or "RECIPE+KEY=VALUE": the name of its folder */
    char recipe[64];
    char change[THOR_SYSTEM_NAME];      /* "KEY=VALUE" to be set after everything else; "" without */
    char left_out[256];                 /* why it cannot be trained here; "" if it can. The caller may set it. */
} thor_planned_system;

/* What was asked for. */
typedef struct thor_plan_request {
    thor_setup setup;
    const char *const *tables;          /* names; none: all of the setup */
    size_t table_count;
    const char *const *recipes;         /* only these; none: all of the tables */
    size_t recipe_count;
    const uint64_t *seeds;
    size_t seed_count;                  /* at least 1 */
    int32_t experts;                    /* of the configuration, for "E/2" */
} thor_plan_request;

typedef struct thor_job_plan {
    thor_setup setup;
    int32_t experts;
    const thor_paper_table **tables;    /* in the order of the table of tables */
    size_t table_count;
    thor_planned_system *systems;
    size_t system_count;
    uint64_t *seeds;
    size_t seed_count;
} thor_job_plan;

/* Free with thor_job_plan_free after any result. Errors: THOR_E_USAGE names the unknown table or recipe, a seed that
 * appears twice, or a table that the setup does not have; THOR_E_MEMORY. */
thor_status thor_job_plan_make(thor_job_plan *plan, const thor_plan_request *request, thor_error *error);
void thor_job_plan_free(thor_job_plan *plan);

/* Jobs are numbered from 0, all systems of the first seed first. */
size_t thor_job_count(const thor_job_plan *plan);
const thor_planned_system *thor_job_system(const thor_job_plan *plan, size_t job);
uint64_t thor_job_seed(const thor_job_plan *plan, size_t job);
/* The job of a system and a seed, by their places. */
size_t thor_job_of(const thor_job_plan *plan, size_t system, size_t seed);

/* "OUT/RECIPE+KEY=VALUE/seed-S/FILE", or without a file where `file` is NULL; the caller frees. NULL without memory. */
char *thor_job_path(const thor_job_plan *plan, size_t job, const char *out, const char *file);

/* The place of the system of a row, or -1 when the plan has not got it. */
ptrdiff_t thor_plan_find(const thor_job_plan *plan, const char *recipe, const char *change);

/* The name of a row's system, with E/2 as a number. */
void thor_row_name(const thor_row_plan *row, int32_t experts, char name[THOR_SYSTEM_NAME]);

#endif
