#include "reproduce/job_results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void thor_results_free(thor_results *results)
{
    for (size_t i = 0; results->jobs && i < thor_job_count(results->plan); i++) {
        thor_job_scores_free(&results->jobs[i].scores);
        thor_job_routing_free(&results->jobs[i].routing);
        thor_job_cost_free(&results->jobs[i].cost);
    }
    free(results->jobs);
    *results = (thor_results){ .jobs = NULL };
}

typedef struct job_place {
    const thor_job_plan *plan;
    size_t job;
    const char *out;
} job_place;

static thor_status path_of(char **path, const job_place *place, const char *file, thor_error *error)
{
    *path = thor_job_path(place->plan, place->job, place->out, file);
    return *path ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for the path of a job");
}

static thor_status exists(bool *there, const job_place *place, const char *file, thor_error *error)
{
    char *path;
    struct stat facts;
    THOR_TRY(path_of(&path, place, file, error));
    *there = stat(path, &facts) == 0;
    free(path);
    return THOR_OK;
}

/* Fills `why` where the job is not done. */
static thor_status look_up(thor_job_result *result, const job_place *place, thor_error *error)
{
    const thor_planned_system *system = thor_job_system(place->plan, place->job);
    bool folder;
    THOR_TRY(exists(&folder, place, NULL, error));
    THOR_TRY(exists(&result->done, place, "done", error));
    if (!result->done && system->left_out[0])
        snprintf(result->why, sizeof result->why, "%s", system->left_out);
    else if (!result->done)
        snprintf(result->why, sizeof result->why, "%s", folder ? "it is not finished" : "it has not been started");
    return THOR_OK;
}

static thor_status read_files(thor_job_result *result, const job_place *place, thor_error *error)
{
    char *path;
    THOR_TRY(path_of(&path, place, "scores.json", error));
    thor_status status = thor_job_scores_read(&result->scores, path, error);
    free(path);
    THOR_TRY(status);
    THOR_TRY(path_of(&path, place, "routing.json", error));
    status = thor_job_routing_read(&result->routing, path, error);
    free(path);
    THOR_TRY(status);
    THOR_TRY(path_of(&path, place, "cost.json", error));
    status = thor_job_cost_read(&result->cost, path, error);
    free(path);
    return status;
}

static bool same_test(const thor_test_scores *a, const thor_test_scores *b)
{
    return strcmp(a->direction, b->direction) == 0 && strcmp(a->domain, b->domain) == 0 &&
           a->sentences == b->sentences;
}

/* Every job has to have translated the same sentences. */
static thor_status check_tests(const thor_results *results, size_t first, size_t job, thor_error *error)
{
    const thor_job_scores *a = &results->jobs[first].scores, *b = &results->jobs[job].scores;
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = same_test(&a->tests[i], &b->tests[i]);
    if (same)
        return THOR_OK;
    return thor_fail(error, THOR_E_FORMAT, "%s and %s were not tested on the same sentences in the same order; remove "
                     "the folder of the older one and run it again", thor_job_system(results->plan, first)->name,
                     thor_job_system(results->plan, job)->name);
}

thor_status thor_results_read(thor_results *results, const thor_job_plan *plan, const char *out, thor_error *error)
{
    size_t count = thor_job_count(plan), first = count;
    *results = (thor_results){ .plan = plan, .jobs = calloc(count + 1, sizeof *results->jobs) };
    if (!results->jobs)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu jobs", count);
    for (size_t job = 0; job < count; job++) {
        const job_place place = { plan, job, out };
        THOR_TRY(look_up(&results->jobs[job], &place, error));
        if (!results->jobs[job].done)
            continue;
        THOR_TRY(read_files(&results->jobs[job], &place, error));
        first = first < job ? first : job;
        THOR_TRY(check_tests(results, first, job, error));
    }
    return THOR_OK;
}
