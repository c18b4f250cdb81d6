/* Updates, and what is due between them. */
#include <math.h>

#include "base/log.h"
#include "cluster/agree.h"
#include "run/run_parts.h"

/* By rank 0's clock, asked together. */
static bool out_of_time(const thor_run *run)
{
    bool over = thor_seconds() - run->started >= run->options->max_seconds;
    return run->options->max_seconds > 0 && thor_cluster_first_says(run->options->cluster, over);
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
    thor_status status = thor_sampler_next(run->data.sampler, &run->position, &shards, &count, error);
    THOR_TRY(thor_run_agree(run, status, error));
    status = thor_trainer_step(&run->trainer, shards, count, &report, error);
    if (status != THOR_OK) {
        run->position = before;
        return status;
    }
    run->state.tokens += report.tokens;
    if (thor_run_is_first(run))
        status = thor_run_record_update(run, &report, thor_seconds() - start, error);
    THOR_TRY(thor_run_agree(run, status, error));
    if (run->listener.updated && thor_run_is_first(run))
        run->listener.updated(run->listener.context, run, &report, work_of(run, shards, count, &report));
    return THOR_OK;
}

static bool is_due(int64_t every, int64_t updates)
{
    return every > 0 && updates % every == 0;
}

/* A validation belongs to an update number, wherever the run stopped on its way there: what is best, and when to lose
 * patience, is then the same for any number of stops. */
static bool owes_validation(const thor_run *run)
{
    int64_t updates = run->trainer.updates;
    return updates > run->state.validated &&
           (is_due(run->options->validate_every, updates) || updates == run->config.schedule.updates);
}

static bool lost_patience(const thor_run *run)
{
    return run->options->patience > 0 && run->state.worse >= run->options->patience;
}

static bool should_end(const thor_run *run, thor_run_end *end)
{
    *end = thor_run_agree_to_stop(run)           ? THOR_RUN_STOPPED
           : lost_patience(run)                  ? THOR_RUN_OUT_OF_PATIENCE
           : run->trainer.updates >= run->target ? THOR_RUN_COMPLETE
                                                 : THOR_RUN_OUT_OF_TIME;
    return *end != THOR_RUN_OUT_OF_TIME || out_of_time(run);
}

static thor_status train(thor_run *run, thor_run_end *end, thor_error *error)
{
    bool done;
    for (;;) {
        bool grown = false;
        if (owes_validation(run) && !out_of_time(run))
            THOR_TRY(thor_run_validate(run, &done, error));
        if (thor_run_owes_growth(run) && !out_of_time(run))
            THOR_TRY(thor_run_grow(run, &grown, error));
        if (should_end(run, end))
            return THOR_OK;
        bool saved = run->trainer.updates == run->updates_before && !grown;     /* grown: by a stop, before it grew */
        if (!saved && is_due(run->options->save_every, run->trainer.updates))
            THOR_TRY(thor_run_save(run, false, error));
        THOR_TRY(update(run, error));
    }
}

static bool has_nothing_to_do(const thor_run *run)
{
    return run->trainer.updates > 0 && (run->trainer.updates >= run->target || lost_patience(run)) &&
           !owes_validation(run) && !thor_run_owes_growth(run);
}

thor_status thor_run_train(thor_run *run, thor_run_end *end, thor_error *error)
{
    *end = THOR_RUN_NOTHING;
    if (has_nothing_to_do(run))
        return THOR_OK;
    thor_status status = train(run, end, error);
    if (status == THOR_E_NUMBER)
        (void)thor_run_save(run, false, NULL);
    THOR_TRY(status);
    return thor_run_save(run, false, error);
}
