/* The folder of a run: RUN/config.json, RUN/metrics.jsonl, the checkpoints RUN/last and RUN/best. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/folder.h"
#include "base/lock.h"
#include "base/units.h"
#include "file/config_json.h"
#include "file/steps.h"
#include "model/keys.h"
#include "run/run_parts.h"

/* ---- looking ---- */

static bool exists(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0;
}

/* Opens metrics.jsonl, and holds it: two processes in one folder would undo each other's checkpoints. */
static thor_status open_metrics(thor_run *run, thor_error *error)
{
    run->metrics = fopen(run->metrics_path, "ab");
    if (!run->metrics)
        return thor_fail_io(error, run->metrics_path, "open it for writing");
    thor_lock lock = thor_lock_take(fileno(run->metrics));
    if (lock == THOR_LOCK_ABSENT)
        thor_run_warn(run, "%s: this file system has no locks: let no other process train there", run->options->output);
    if (lock == THOR_LOCK_BUSY)
        return thor_fail(error, THOR_E_FAILED, "%s: another process is training there; wait for it, or choose another "
                         "-o", run->options->output);
    return THOR_OK;
}

static bool has_run(const thor_run *run)
{
    return exists(run->last) || exists(run->best) || exists(run->metrics_path) || exists(run->config_path);
}

thor_status thor_run_look(thor_run *run, thor_error *error)
{
    const char *folder = run->options->output;
    run->last = thor_path(folder, "last");
    run->best = thor_path(folder, "best");
    run->config_path = thor_path(folder, "config.json");
    run->metrics_path = thor_path(folder, "metrics.jsonl");
    if (!run->last || !run->best || !run->config_path || !run->metrics_path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for names in it", folder);
    if (run->options->resume && run->options->overwrite)
        return thor_fail(error, THOR_E_USAGE, "--resume and --overwrite: one goes on, the other starts anew; choose "
                         "one");
    if (!run->options->resume && !run->options->overwrite && has_run(run))
        return thor_fail(error, THOR_E_USAGE, "%s already holds a run: --resume goes on with it, --overwrite starts "
                         "anew", folder);
    if (exists(run->metrics_path)) {
        THOR_TRY(open_metrics(run, error));
        thor_checkpoint_tidy(run->last);
        thor_checkpoint_tidy(run->best);
        thor_checkpoint_tidy(run->config_path);
    }
    run->resumed = run->options->resume && exists(run->last);
    return THOR_OK;
}

/* ---- comparing ---- */

/* Keys that may change between two parts of one training: the others would move the parameters' meaning or the place in
 * the data. */
static bool may_change(const char *key)
{
    static const char *const free_keys[] = {
        "optimizer.", "schedule.", "loss.", "search.", "balance.", "router.", "moe.capacity", "model.dropout",
        "model.attention_dropout", "model.activation_dropout",
    };
    for (size_t i = 0; i < sizeof free_keys / sizeof *free_keys; i++)
        if (strncmp(key, free_keys[i], strlen(free_keys[i])) == 0)
            return true;
    return false;
}

/* Says what changed, refuses what would be another training. */
static thor_status compare_key(thor_run *run, const thor_config *saved, const char *key, thor_error *error)
{
    char *old = thor_config_value(saved, key), *new = thor_config_value(&run->config, key);
    thor_status status = THOR_OK;
    if (!old || !new)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for comparing %s", key);
    else if (strcmp(old, new) != 0 && may_change(key))
        thor_run_say(run, "changed: %s from %s to %s", key, old, new);
    else if (strcmp(old, new) != 0)
        status = thor_fail(error, THOR_E_USAGE, "%s is %.100s in %s, but %.100s now: that would be another training; "
                           "start it with another -o", key, old, run->last, new);
    free(old);
    free(new);
    return status;
}

/* Takes over the sizes of groups, which have grown since the start. */
static thor_status compare_config(thor_run *run, thor_error *error)
{
    thor_config saved;
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    THOR_TRY(thor_checkpoint_config(&saved, run->last, error));
    thor_status status = THOR_OK;
    for (size_t i = 0; i < count && status == THOR_OK; i++)
        if (keys[i].type != THOR_KEY_SIZES)
            status = compare_key(run, &saved, keys[i].name, error);
    memcpy(run->config.lingual.sizes, saved.lingual.sizes, sizeof saved.lingual.sizes);
    memcpy(run->model.config.lingual.sizes, saved.lingual.sizes, sizeof saved.lingual.sizes);
    thor_config_free(&saved);
    return status;
}

static thor_status compare_data(const thor_run *run, const thor_state *saved, thor_error *error)
{
    const char *vocabulary = run->data.corpus.vocabulary_checksum, *data = run->data.checksum;
    if (strcmp(saved->vocabulary, vocabulary) != 0)
        return thor_fail(error, THOR_E_USAGE, "%s was trained with another vocabulary (%.12s… there, %.12s… in %s); "
                         "give it the data it was trained on", run->last, saved->vocabulary, vocabulary,
                         run->options->data);
    if (strcmp(saved->data, data) != 0)
        return thor_fail(error, THOR_E_USAGE, "%s was trained on other data (%.12s… there, %.12s… in %s); give it "
                         "the data it was trained on", run->last, saved->data, data, run->options->data);
    return THOR_OK;
}

/* Two measures cannot be compared. */
static thor_status compare_measure(const thor_run *run, const thor_state *saved, thor_error *error)
{
    const char *name = thor_best_by_names[run->options->best_by];
    if (saved->validated > 0 && strcmp(saved->best_by, name) != 0)
        return thor_fail(error, THOR_E_USAGE, "--best-by=%s: the best validation of %s was chosen by %s; go on with "
                         "that, or start with another -o", name, run->last, saved->best_by);
    return THOR_OK;
}

/* ---- starting ---- */

static thor_status go_on(thor_run *run, thor_error *error)
{
    thor_state saved;
    char spent[32];
    THOR_TRY(thor_checkpoint_state(&saved, run->last, error));
    THOR_TRY(compare_data(run, &saved, error));
    THOR_TRY(compare_measure(run, &saved, error));
    THOR_TRY(compare_config(run, error));
    THOR_TRY(thor_checkpoint_weights(&run->model, run->last, error));
    if (!run->trainer.share.cluster)
        THOR_TRY(thor_checkpoint_moments(&run->model.params, run->trainer.m, run->trainer.v, run->last, error));
    run->state = saved;
    snprintf(run->state.best_by, sizeof run->state.best_by, "%s", thor_best_by_names[run->options->best_by]);
    run->trainer.updates = saved.updates;
    run->position = (thor_position){ saved.epoch, saved.batch };
    thor_run_say(run, "going on from %s: update %lld, batch %lld of epoch %lld, %s of "
                 "training; kept: parameters, moments, place in the data", run->last, (long long)saved.updates,
                 (long long)saved.batch, (long long)saved.epoch, thor_duration_text(spent, saved.seconds));
    if (isfinite(saved.best_nll))
        thor_run_say(run, "kept: best validation, %.4f nats a token at update %lld",
                     saved.best_nll, (long long)saved.best_updates);
    return THOR_OK;
}

static thor_status start_anew(thor_run *run, thor_error *error)
{
    if (run->options->resume)
        thor_run_say(run, "%s: nothing to go on from; starting at update 0",
                     run->options->output);
    if (run->options->overwrite) {
        THOR_TRY(thor_remove_folder(run->last, error));
        THOR_TRY(thor_remove_folder(run->best, error));
        THOR_TRY(thor_steps_remove(run->options->output, 0, error));
    }
    run->state = (thor_state){ .best_nll = NAN, .best_score = NAN, .group_best = NAN };
    snprintf(run->state.best_by, sizeof run->state.best_by, "%s", thor_best_by_names[run->options->best_by]);
    memcpy(run->state.data, run->data.checksum, sizeof run->state.data);
    memcpy(run->state.vocabulary, run->data.corpus.vocabulary_checksum, sizeof run->state.vocabulary);
    thor_params_init(run->model.values, &run->model.params, run->config.seed, &run->compute.par);
    return THOR_OK;
}

/* Forgets what was written after the checkpoint. */
static thor_status cut_metrics(thor_run *run, thor_error *error)
{
    off_t length = fseeko(run->metrics, 0, SEEK_END) == 0 ? ftello(run->metrics) : -1;
    if (length < 0)
        return thor_fail_io(error, run->metrics_path, "find its end");
    if (length > run->state.metrics_bytes && ftruncate(fileno(run->metrics), (off_t)run->state.metrics_bytes) != 0)
        return thor_fail_io(error, run->metrics_path, "cut it to the checkpoint");
    return THOR_OK;
}

static thor_status write_config(thor_run *run, thor_error *error)
{
    char *text;
    THOR_TRY(thor_config_text(&text, &run->config, PACKAGE_VERSION, error));
    thor_status status = thor_write_file(run->config_path, text, strlen(text), error);
    free(text);
    return status;
}

/* A folder that was new when thor_run_look saw it: first the lock, then a second look, for another process may have
 * trained there meanwhile. What it left is not to be replaced. */
static thor_status take_folder(thor_run *run, thor_error *error)
{
    struct stat facts;
    THOR_TRY(thor_make_folder(run->options->output, error));
    THOR_TRY(open_metrics(run, error));
    bool begun = exists(run->last) || exists(run->best) || exists(run->config_path) ||
                 (fstat(fileno(run->metrics), &facts) == 0 && facts.st_size > 0);
    if (begun && !run->options->overwrite && !run->resumed)
        return thor_fail(error, THOR_E_FAILED, "%s: another process began a run there a moment ago; wait for it, then "
                         "go on with --resume, or choose another -o", run->options->output);
    return THOR_OK;
}

thor_status thor_run_enter(thor_run *run, thor_error *error)
{
    if (!run->metrics)
        THOR_TRY(take_folder(run, error));
    THOR_TRY(run->resumed ? go_on(run, error) : start_anew(run, error));
    THOR_TRY(write_config(run, error));
    return cut_metrics(run, error);
}

/* ---- saving ---- */

/* What the state says about metrics.jsonl has to be on the disk before the state is. */
static thor_status settle_metrics(thor_run *run, thor_error *error)
{
    if (fflush(run->metrics) != 0 || (fsync(fileno(run->metrics)) != 0 && errno != EINVAL && errno != ENOTSUP))
        return thor_fail_io(error, run->metrics_path, "write it");
    off_t length = ftello(run->metrics);
    if (length < 0)
        return thor_fail_io(error, run->metrics_path, "tell its length");
    run->state.metrics_bytes = length;
    return THOR_OK;
}

/* A checkpoint of the run at `path`; without moments nobody can go on from it. With them, all processes call it. */
static thor_status write_checkpoint(thor_run *run, const char *path, bool moments, thor_error *error)
{
    bool together = run->trainer.share.cluster && moments, own = moments && !together;
    thor_checkpoint checkpoint = {
        .model = &run->model, .m = own ? run->trainer.m : NULL, .v = own ? run->trainer.v : NULL,
        .state = &run->state, .vocabulary = run->data.vocabulary, .vocabulary_count = run->data.vocabulary_count,
        .version = PACKAGE_VERSION,
    };
    return together ? thor_run_save_together(run, &checkpoint, path, error)
                    : thor_checkpoint_write(path, &checkpoint, error);
}

/* Steps belong to update numbers, as validations do: where the run stopped in between does not show. */
static bool keeps_step(const thor_run *run)
{
    int64_t every = run->options->save_every, updates = run->trainer.updates;
    return run->options->keep > 0 &&
           ((every > 0 && updates % every == 0) || updates == run->config.schedule.updates);
}

static thor_status keep_step(thor_run *run, thor_error *error)
{
    char *path = thor_step_path(run->options->output, run->trainer.updates);
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", run->options->output);
    thor_status status = write_checkpoint(run, path, false, error);
    free(path);
    THOR_TRY(status);
    return thor_steps_remove(run->options->output, run->options->keep, error);
}

/* What rank 0 does alone: everything but moments. */
static thor_status save_first(thor_run *run, bool best, thor_error *error)
{
    THOR_TRY(settle_metrics(run, error));
    if (!best && keeps_step(run))
        THOR_TRY(keep_step(run, error));
    return best ? write_checkpoint(run, run->best, false, error) : THOR_OK;
}

thor_status thor_run_save(thor_run *run, bool best, thor_error *error)
{
    THOR_TRY(thor_run_compare_values(run, error));
    run->state.updates = run->trainer.updates;
    run->state.epoch = run->position.epoch;
    run->state.batch = run->position.batch;
    run->state.seconds = thor_run_seconds(run);
    THOR_TRY(thor_run_agree(run, thor_run_is_first(run) ? save_first(run, best, error) : THOR_OK, error));
    return best ? THOR_OK : write_checkpoint(run, run->last, true, error);
}
