/* Progress for people, metrics for programs. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "base/dmath.h"
#include "base/fileio.h"
#include "cli/machine.h"
#include "cli/train_cli.h"

/* ---- metrics.jsonl ---- */

void thor_train_put(json_t *line, const char *key, double value)
{
    json_object_set_new(line, key, isfinite(value) ? json_real(value) : json_null());
}

static void put_whole(json_t *line, const char *key, int64_t value)
{
    json_object_set_new(line, key, json_integer((json_int_t)value));
}

thor_status thor_train_write_line(thor_run *run, json_t *line, thor_error *error)
{
    char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(line);
    if (!text)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a line", run->metrics_path);
    bool good = fprintf(run->metrics, "%s\n", text) > 0 && fflush(run->metrics) == 0;
    free(text);
    return good ? THOR_OK : thor_fail_io(error, run->metrics_path, "write it");
}

thor_status thor_train_record(thor_run *run, const thor_step_report *report, double seconds, thor_error *error)
{
    json_t *line = json_object();
    put_whole(line, "step", run->trainer.updates);
    put_whole(line, "tokens", report->tokens);
    put_whole(line, "source_tokens", report->source_tokens);
    put_whole(line, "shards", report->shards);
    thor_train_put(line, "total", report->part[THOR_LOSS_TOTAL]);
    thor_train_put(line, "nll", report->part[THOR_LOSS_NLL]);
    thor_train_put(line, "perplexity", thor_exp(report->part[THOR_LOSS_NLL]));
    thor_train_put(line, "task", report->part[THOR_LOSS_TASK]);
    thor_train_put(line, "task_balance", report->part[THOR_LOSS_TASK_BALANCE]);
    thor_train_put(line, "token_balance", report->part[THOR_LOSS_TOKEN_BALANCE]);
    thor_train_put(line, "dynamic", report->part[THOR_LOSS_DYNAMIC]);
    thor_train_put(line, "task_accuracy", report->task_accuracy);
    thor_train_put(line, "experts_per_token", report->experts_per_token);
    thor_train_put(line, "dropped", report->dropped);
    thor_train_put(line, "lr", report->lr);
    thor_train_put(line, "gradient_norm", report->gradient_norm);
    thor_train_put(line, "tokens_per_second", (double)report->tokens / seconds);
    thor_train_put(line, "seconds", run->seconds_before + (thor_seconds() - run->started));
    return thor_train_write_line(run, line, error);
}

/* ---- the line of progress ---- */

/* Of the rest of the updates at the speed so far, or of the time limit where that comes first. */
static double seconds_left(const thor_run *run)
{
    double spent = thor_seconds() - run->started;
    int64_t done = run->trainer.updates - run->updates_before, rest = run->target - run->trainer.updates;
    double left = done > 0 ? spent / (double)done * (double)rest : 0;
    if (run->max_seconds > 0 && run->max_seconds - spent < left)
        left = run->max_seconds - spent;
    return left;
}

/* The losses of a mixture, and how many experts a token has; empty for a dense model. */
static void mixture_text(char *text, size_t room, const thor_run *run, double n)
{
    const thor_window *w = &run->window;
    int used = 0;
    text[0] = '\0';
    if (!thor_config_has_mixtures(&run->config))
        return;
    if (thor_config_has_predictor(&run->config))
        used += snprintf(text, room, " task %.3f", w->task / n);
    if (thor_config_has_task_router(&run->config))
        used += snprintf(text + used, room - (size_t)used, " balance %.2f/%.2f", w->task_balance / n,
                         w->token_balance / n);
    else
        used += snprintf(text + used, room - (size_t)used, " balance %.2f", w->token_balance / n);
    if (run->config.router.policy == THOR_TOP_P)
        used += snprintf(text + used, room - (size_t)used, " dynamic %.2f", w->dynamic / n);
    snprintf(text + used, room - (size_t)used, " experts %.2f", w->experts / n);
}

static void add_to_window(thor_run *run, const thor_step_report *report, double work)
{
    thor_window *w = &run->window;
    w->updates++;
    w->tokens += report->tokens;
    w->work += work;
    w->nll += report->part[THOR_LOSS_NLL] * (double)report->tokens;
    w->task += report->part[THOR_LOSS_TASK];
    w->task_balance += report->part[THOR_LOSS_TASK_BALANCE];
    w->token_balance += report->part[THOR_LOSS_TOKEN_BALANCE];
    w->dynamic += report->part[THOR_LOSS_DYNAMIC];
    w->experts += report->experts_per_token;
}

void thor_train_progress(thor_run *run, const thor_step_report *report, double work)
{
    char mixture[160], left[32];
    add_to_window(run, report, work);
    if (!thor_log_due(&run->log))
        return;
    thor_window *w = &run->window;
    double now = thor_seconds(), seconds = now > w->since ? now - w->since : 1e-9, nll = w->nll / (double)w->tokens;
    mixture_text(mixture, sizeof mixture, run, (double)w->updates);
    thor_log_progress(&run->log, "%lld/%lld loss %.3f ppl %.1f%s lr %.2e %.0f tok/s %.1f GFLOP/s left %s",
                      (long long)run->trainer.updates, (long long)run->target, nll, thor_exp(nll), mixture, report->lr,
                      (double)w->tokens / seconds, w->work / seconds * 1e-9, thor_duration_text(left,
                                                                                                seconds_left(run)));
    *w = (thor_window){ .since = now };
}
