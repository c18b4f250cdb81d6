/* Updates, and when to look up from them. */
#include <math.h>

#include "cli/machine.h"
#include "cli/stop.h"
#include "cli/train_cli.h"

static bool out_of_time(const thor_run *run)
{
    return run->max_seconds > 0 && thor_seconds() - run->started >= run->max_seconds;
}

static double work_of(const thor_run *run, const thor_batch *shards, int32_t count, const thor_step_report *report)
{
    double work = 0, experts = isfinite(report->experts_per_token) ? report->experts_per_token : 0;
    for (int32_t i = 0; i < count; i++) {
        thor_lengths lengths = thor_lengths_of(&shards[i]);
        work += 3 * thor_work_forward(&run->config, &lengths, experts).total;
    }
    return work;
}

/* One update. After a number that is not finite the position is the one before it: what is saved can be gone on
 * from. */
static thor_status update(thor_run *run, thor_error *error)
{
    const thor_batch *shards;
    int32_t count;
    thor_step_report report;
    thor_position before = run->position;
    double start = thor_seconds();
    THOR_TRY(thor_sampler_next(run->sampler, &run->position, &shards, &count, error));
    thor_status status = thor_trainer_step(&run->trainer, shards, count, &report, error);
    if (status != THOR_OK) {
        run->position = before;
        return status;
    }
    run->state.tokens += report.tokens;
    THOR_TRY(thor_train_record(run, &report, thor_seconds() - start, error));
    thor_train_progress(run, &report, work_of(run, shards, count, &report));
    return THOR_OK;
}

static bool is_due(int64_t every, int64_t updates)
{
    return every > 0 && updates % every == 0;
}

static thor_status look_up(thor_run *run, thor_error *error)
{
    int64_t updates = run->trainer.updates;
    if (updates == run->target || out_of_time(run) || thor_stop_signal())
        return THOR_OK;
    if (is_due(run->options->validate_every, updates))
        THOR_TRY(thor_train_validate(run, error));
    return is_due(run->options->save_every, updates) ? thor_train_save(run, false, error) : THOR_OK;
}

static thor_status train(thor_run *run, thor_error *error)
{
    while (run->trainer.updates < run->target && !out_of_time(run) && !thor_stop_signal()) {
        THOR_TRY(update(run, error));
        THOR_TRY(look_up(run, error));
    }
    return THOR_OK;
}

/* A signal wants the program to end soon: saved, not judged. */
static thor_status finish(thor_run *run, thor_error *error)
{
    char spent[32], peak[32];
    if (!thor_stop_signal())
        THOR_TRY(thor_train_validate(run, error));
    THOR_TRY(thor_train_save(run, false, error));
    thor_log_end(&run->log);
    thor_log_say(&run->log, THOR_LOG_NORMAL, "%s at update %lld after %s, saved in %s; peak memory %s",
                 thor_stop_signal() ? "stopped by a signal" : "done", (long long)run->trainer.updates,
                 thor_duration_text(spent, run->state.seconds), run->last,
                 thor_bytes_text(peak, (double)thor_machine_peak()));
    return THOR_OK;
}

thor_status thor_train_loop(thor_run *run, thor_error *error)
{
    run->started = run->window.since = thor_seconds();
    run->seconds_before = run->state.seconds;
    run->updates_before = run->trainer.updates;
    if (run->trainer.updates > 0 && run->trainer.updates >= run->target) {
        thor_log_say(&run->log, THOR_LOG_NORMAL, "%lld of %lld updates are done: there is nothing left to do",
                     (long long)run->trainer.updates, (long long)run->target);
        return THOR_OK;
    }
    thor_stop_listen();
    thor_status status = train(run, error);
    if (status == THOR_E_NUMBER)
        (void)thor_train_save(run, false, NULL);
    thor_log_end(&run->log);
    return status == THOR_OK ? finish(run, error) : status;
}
