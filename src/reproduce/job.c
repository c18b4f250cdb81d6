/* A job from beginning to end. Each step leaves its file whole or not at all; what is there is not done again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/log.h"
#include "base/machine.h"
#include "data/claim.h"
#include "file/checkpoint.h"
#include "reproduce/job_parts.h"

/* ---- done ---- */

/* The file has the number of updates: a job that was asked for with fewer is not done. One that has more was taken
 * further by a process that was asked for more; this one, begun before, leaves it as it is. */
static bool has_done(const char *folder, int64_t updates)
{
    char *path = thor_path(folder, "done"), *text = NULL;
    size_t count;
    bool done = path && thor_read_file(path, 64, &text, &count, NULL) == THOR_OK && atoll(text) >= updates;
    free(text);
    free(path);
    return done;
}

bool thor_job_is_done(const thor_reproduction *reproduction, size_t job)
{
    char *folder = thor_job_path(reproduction->plan, job, reproduction->options->out, NULL);
    bool done = folder && has_done(folder, reproduction->options->updates);
    free(folder);
    return done;
}

static thor_status set_done(const thor_job *job, thor_error *error)
{
    char *path, text[32];
    THOR_TRY(thor_job_file(&path, job, "done", error));
    int length = snprintf(text, sizeof text, "%lld\n", (long long)job->reproduction->options->updates);
    thor_status status = thor_write_file(path, text, (size_t)length, error);
    free(path);
    return status;
}

/* Removes what belongs to fewer updates. */
static thor_status forget_results(const thor_job *job, thor_error *error)
{
    static const char *const files[] = { "done", "scores.json", "routing.json", "cost.json" };
    char *path;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        THOR_TRY(thor_job_file(&path, job, files[i], error));
        unlink(path);
        free(path);
    }
    THOR_TRY(thor_job_file(&path, job, "test", error));
    thor_status status = thor_remove_folder(path, error);
    free(path);
    return status;
}

/* ---- training ---- */

static void follow(void *context, const thor_run *run, const thor_step_report *report, double work)
{
    const thor_job *job = context;
    const thor_reproduce_listener *listener = &job->reproduction->listener;
    (void)report;
    (void)work;
    if (listener->updated)
        listener->updated(listener->context, run);
}

static void follow_validation(void *context, const thor_run *run, const thor_validation *validation)
{
    const thor_job *job = context;
    const thor_reproduce_listener *listener = &job->reproduction->listener;
    if (listener->validated)
        listener->validated(listener->context, run, validation);
}

static bool follow_stop(void *context)
{
    return thor_job_should_stop(context);
}

static thor_status train_run(thor_job *job, const thor_run_options *options, bool *done, thor_error *error)
{
    thor_run run = { .target = 0 };
    thor_run_end end = THOR_RUN_STOPPED;
    const thor_run_listener listener = { .context = job, .updated = follow, .validated = follow_validation,
                                         .should_stop = follow_stop };
    thor_status status = thor_run_open(&run, options, &listener, error);
    bool fresh = status == THOR_OK && run.trainer.updates < run.target;
    if (status == THOR_OK && fresh)
        status = forget_results(job, error);
    if (status == THOR_OK)
        status = thor_run_train(&run, &end, error);
    *done = end == THOR_RUN_COMPLETE || end == THOR_RUN_NOTHING;
    if (status == THOR_OK && *done && fresh)
        status = thor_job_note_peak(job->folder, error);
    thor_run_close(&run);
    return status;
}

static thor_status train(thor_job *job, bool *done, thor_error *error)
{
    thor_job_settings settings;
    char *folder;
    thor_machine_forget_peak();
    THOR_TRY(thor_job_file(&folder, job, "run", error));
    thor_status status = thor_job_settings_make(&settings, job->reproduction, job->number, error);
    thor_run_options options = thor_job_run_options(job->reproduction, job->number, &settings, folder);
    if (status == THOR_OK)
        status = train_run(job, &options, done, error);
    thor_job_settings_free(&settings);
    free(folder);
    return status;
}

/* ---- all of it ---- */

static thor_status open_best(thor_job *job, thor_error *error)
{
    const thor_reproduce_options *options = job->reproduction->options;
    char *folder;
    THOR_TRY(thor_job_file(&folder, job, "run", error));
    thor_status status = thor_opened_model_open(&job->model, folder, options->isa, NULL, options->threads, error);
    free(folder);
    return status;
}

static thor_status run_steps(thor_job *job, thor_job_end *end, thor_error *error)
{
    bool done = false;
    const thor_reproduce_options *options = job->reproduction->options;
    THOR_TRY(thor_prepared_open(&job->corpus, options->data, NULL, THOR_CHECK_FORM, error));
    THOR_TRY(train(job, &done, error));
    if (!done)
        return THOR_OK;
    THOR_TRY(open_best(job, error));
    THOR_TRY(thor_job_translate(job, &done, error));
    if (!done || thor_job_should_stop(job))
        return THOR_OK;
    THOR_TRY(thor_job_look(job, error));
    if (thor_job_should_stop(job))
        return THOR_OK;
    THOR_TRY(thor_job_measure(job, error));
    THOR_TRY(set_done(job, error));
    *end = THOR_JOB_DONE;
    return THOR_OK;
}

static void close_job(thor_job *job)
{
    thor_job_routing_free(&job->routing);
    thor_opened_model_close(&job->model);
    thor_prepared_close(&job->corpus);
    free(job->folder);
}

/* A process that goes on with a job while another has it waits for nothing: it takes the next. */
static thor_status run_claimed(thor_job *job, thor_job_end *end, thor_error *error)
{
    thor_claim claim = { .path = NULL };
    thor_error busy;
    THOR_TRY(thor_make_folder(job->folder, error));
    thor_status status = thor_claim_take(&claim, job->folder, &busy);
    if (status == THOR_E_FAILED) {
        *end = THOR_JOB_BUSY;
        return THOR_OK;
    }
    if (status != THOR_OK) {
        *error = busy;
        return status;
    }
    if (has_done(job->folder, job->reproduction->options->updates))
        *end = THOR_JOB_DONE;
    else
        status = run_steps(job, end, error);
    thor_claim_release(&claim);
    return status;
}

thor_status thor_reproduce_job(const thor_reproduction *reproduction, size_t number, thor_job_end *end,
                               thor_error *error)
{
    thor_job job = { .reproduction = reproduction, .number = number,
                     .folder = thor_job_path(reproduction->plan, number, reproduction->options->out, NULL) };
    *end = THOR_JOB_STOPPED;
    thor_status status = job.folder ? run_claimed(&job, end, error)
                                    : thor_fail(error, THOR_E_MEMORY, "no memory for the name of a folder");
    close_job(&job);
    return status;
}

/* ---- a plan ---- */

static thor_status update(thor_run *run, thor_position *position, thor_error *error)
{
    const thor_batch *shards;
    int32_t count;
    thor_step_report report;
    THOR_TRY(thor_sampler_next(run->data.sampler, position, &shards, &count, error));
    return thor_trainer_step(&run->trainer, shards, count, &report, error);
}

/* Updates for about a second, in memory alone. */
static thor_status time_updates(thor_run *run, double *seconds, thor_error *error)
{
    thor_position position = { 0, 0 };
    THOR_TRY(thor_run_check_memory(run, error));
    THOR_TRY(thor_model_take(&run->model, &run->compute.par, error));
    THOR_TRY(thor_trainer_open(&run->trainer, &run->model, &run->compute, &run->data.most, run->config.batch.shards,
                               error));
    thor_params_init(run->model.values, &run->model.params, run->config.seed, &run->compute.par);
    double start = thor_seconds(), spent = 0;
    int count = 0;
    for (; spent < 1; count++) {
        THOR_TRY(update(run, &position, error));
        spent = thor_seconds() - start;
    }
    *seconds = spent / count;
    return THOR_OK;
}

thor_status thor_reproduce_plan_job(const thor_reproduction *reproduction, size_t job, thor_run *run,
                                    double *seconds, thor_error *error)
{
    thor_job_settings settings;
    thor_status status = thor_job_settings_make(&settings, reproduction, job, error);
    thor_run_options options = thor_job_run_options(reproduction, job, &settings, NULL);
    if (status == THOR_OK)
        status = thor_run_configure(run, &options, NULL, error);
    if (status == THOR_OK)
        status = thor_run_open_compute(run, error);
    if (status == THOR_OK)
        status = thor_run_open_data(run, error);
    if (status == THOR_OK)
        status = thor_run_plan(run, error);
    if (status == THOR_OK)
        status = time_updates(run, seconds, error);
    run->options = NULL;
    thor_job_settings_free(&settings);
    return status;
}
