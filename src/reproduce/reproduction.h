/* The jobs of a reproduction: each trains a system, translates and scores all test sets, looks at what the routers did
 * and measures what it costs. A job can be killed anywhere and gone on with, to the same bits; several processes may
 * work on the jobs of one folder. */
#ifndef THOR_REPRODUCE_REPRODUCTION_H
#define THOR_REPRODUCE_REPRODUCTION_H

#include <stdbool.h>

#include "reproduce/job_plan.h"
#include "run/run.h"

/* A run validates, and saves, after so many updates: what is best must not depend on how many were asked for. */
enum { THOR_REPRODUCE_EVERY = 100 };

typedef struct thor_reproduce_options {
    const char *data, *out;             /* prepared data; the folder of the jobs */
    thor_setup setup;
    const char *scale;                  /* NULL: a recipe's own */
    const char *const *set;             /* "KEY=VALUE" */
    size_t set_count;
    int64_t updates;                    /* 0: schedule.updates */
    int32_t beam;
    const char *isa;
    int threads;                        /* 0: all */
    const char *version;                /* thor's */
} thor_reproduce_options;

/* What a listener is told; each function may be NULL. */
typedef struct thor_reproduce_listener {
    void *context;
    void (*updated)(void *context, const thor_run *run);
    void (*validated)(void *context, const thor_run *run, const thor_validation *validation);
    bool (*should_stop)(void *context);
} thor_reproduce_listener;

typedef struct thor_reproduction {
    const thor_reproduce_options *options;
    const thor_job_plan *plan;
    thor_reproduce_listener listener;
} thor_reproduction;

/* How a job came back. */
typedef enum thor_job_end { THOR_JOB_DONE, THOR_JOB_BUSY, THOR_JOB_STOPPED } thor_job_end;

/* The settings of a job, in their order: the caller's, updates, seed and the system's change. The texts are the list's.
 * Free after any result. THOR_E_MEMORY. */
typedef struct thor_job_settings {
    char **items;
    size_t count;
} thor_job_settings;

thor_status thor_job_settings_make(thor_job_settings *settings, const thor_reproduction *reproduction, size_t job,
                                   thor_error *error);
void thor_job_settings_free(thor_job_settings *settings);

/* The options of the run of a job in `folder`, or of its plan where `folder` is NULL. */
thor_run_options thor_job_run_options(const thor_reproduction *reproduction, size_t job,
                                      const thor_job_settings *settings, const char *folder);

/* Looks at every system of `plan`: left_out says why one cannot be trained with this data and these settings. All of
 * them left out is THOR_E_USAGE, with the reason of the first. */
thor_status thor_reproduce_check(const thor_reproduce_options *options, thor_job_plan *plan, thor_error *error);

/* Experts and updates of the configuration that the settings give: what thor_plan_request and plan.json need. */
thor_status thor_reproduce_sizes(const thor_reproduce_options *options, int32_t *experts, int64_t *updates,
                                 thor_error *error);

/* Opens the folder: plan.json is written or compared (out_record.h), data.json written. */
thor_status thor_reproduce_open(const thor_reproduce_options *options, thor_error *error);

/* Whether the job's file `done` is there with as many updates as are asked for. */
bool thor_job_is_done(const thor_reproduction *reproduction, size_t job);

/* Does a job, or what is left of it. BUSY: another process has it. */
thor_status thor_reproduce_job(const thor_reproduction *reproduction, size_t job, thor_job_end *end,
                               thor_error *error);

/* The plan of a job, and the seconds that an update takes, measured for about a second; for --list. The run is closed
 * by the caller. */
thor_status thor_reproduce_plan_job(const thor_reproduction *reproduction, size_t job, thor_run *run,
                                    double *seconds, thor_error *error);

#endif
