/* What a person sees of a run: the line of progress, validations, how it ended. */
#include <math.h>
#include <stdio.h>

#include "base/dmath.h"
#include "base/machine.h"
#include "base/units.h"
#include "cli/stop.h"
#include "cli/train_cli.h"

/* ---- the line of progress ---- */

/* Of the rest of the updates at the speed so far, or of the time limit where that comes first. */
static double seconds_left(const thor_run *run)
{
    double spent = thor_seconds() - run->started;
    int64_t done = run->trainer.updates - run->updates_before, rest = run->target - run->trainer.updates;
    double left = done > 0 ? spent / (double)done * (double)rest : 0;
    if (run->options->max_seconds > 0 && run->options->max_seconds - spent < left)
        left = run->options->max_seconds - spent;
    return left;
}

/* The losses of the system, which are above 0, and how many experts a token has; empty for a dense model. */
static void mixture_text(char *text, size_t room, const thor_run *run, const train_window *w, double n)
{
    int used = 0;
    text[0] = '\0';
    if (!thor_config_has_mixtures(&run->config))
        return;
    if (thor_config_has_predictor(&run->config))
        used += snprintf(text, room, " task %.3f", w->task / n);
    if (thor_config_has_task_router(&run->config))
        used += snprintf(text + used, room - (size_t)used, " balance %.2f/%.2f", w->task_balance / n,
                         w->token_balance / n);
    else if (w->token_balance > 0)
        used += snprintf(text + used, room - (size_t)used, " balance %.2f", w->token_balance / n);
    if (run->config.router.policy == THOR_TOP_P)
        used += snprintf(text + used, room - (size_t)used, " dynamic %.2f", w->dynamic / n);
    if (w->budget > 0)
        used += snprintf(text + used, room - (size_t)used, " budget %.3f", w->budget / n);
    if (w->family > 0)
        used += snprintf(text + used, room - (size_t)used, " family %.3f", w->family / n);
    snprintf(text + used, room - (size_t)used, " experts %.2f", w->experts / n);
}

static void add_to_window(train_window *w, const thor_step_report *report, double work)
{
    w->updates++;
    w->tokens += report->tokens;
    w->work += work;
    w->nll += report->part[THOR_LOSS_NLL] * (double)report->tokens;
    w->task += report->part[THOR_LOSS_TASK];
    w->task_balance += report->part[THOR_LOSS_TASK_BALANCE];
    w->token_balance += report->part[THOR_LOSS_TOKEN_BALANCE];
    w->dynamic += report->part[THOR_LOSS_DYNAMIC];
    w->budget += report->part[THOR_LOSS_BUDGET];
    w->family += report->part[THOR_LOSS_FAMILY];
    w->experts += report->experts_per_token;
}

static void show_update(void *context, const thor_run *run, const thor_step_report *report, double work)
{
    train_display *display = context;
    train_window *w = &display->window;
    char mixture[160], left[32];
    if (w->since == 0)
        w->since = run->started;
    add_to_window(w, report, work);
    if (!thor_log_due(&display->log))
        return;
    double now = thor_seconds(), seconds = now > w->since ? now - w->since : 1e-9, nll = w->nll / (double)w->tokens;
    mixture_text(mixture, sizeof mixture, run, w, (double)w->updates);
    thor_log_progress(&display->log, "%lld/%lld loss %.3f ppl %.1f%s lr %.2e %.0f tok/s %.1f GFLOP/s left %s",
                      (long long)run->trainer.updates, (long long)run->target, nll, thor_exp(nll), mixture, report->lr,
                      (double)w->tokens / seconds, w->work / seconds * 1e-9,
                      thor_duration_text(left, seconds_left(run)));
    *w = (train_window){ .since = now };
}

/* ---- the rest ---- */

static void show_validation(void *context, const thor_run *run, const thor_validation *v)
{
    train_display *display = context;
    char score[48] = "";
    if (isfinite(v->score))
        snprintf(score, sizeof score, " %s %.2f", thor_best_by_names[run->options->best_by], v->score);
    thor_log_keep(&display->log, "%lld validation: loss %.4f ppl %.2f%s%s", (long long)run->trainer.updates, v->nll,
                  thor_exp(v->nll), score, v->best ? ", the best so far" : "");
    display->window.since += v->seconds;
}

static void say(void *context, const char *sentence)
{
    thor_log_say(&((train_display *)context)->log, THOR_LOG_NORMAL, "%s", sentence);
}

static void warn(void *context, const char *sentence)
{
    thor_log_warn(&((train_display *)context)->log, "%s", sentence);
}

static bool should_stop(void *context)
{
    (void)context;
    return thor_stop_signal() != 0;
}

thor_run_listener train_listener(train_display *display)
{
    return (thor_run_listener){ .context = display, .say = say, .warn = warn, .updated = show_update,
                                .validated = show_validation, .should_stop = should_stop };
}

void train_show_end(thor_log *log, const thor_run *run, thor_run_end end)
{
    char spent[32], peak[32];
    thor_log_end(log);
    if (end == THOR_RUN_NOTHING)
        thor_log_say(log, THOR_LOG_NORMAL, "%lld of %lld updates are done: there is nothing left to do",
                     (long long)run->trainer.updates, (long long)run->target);
    else
        thor_log_say(log, THOR_LOG_NORMAL, "%s at update %lld after %s, saved in %s; peak memory %s",
                     end == THOR_RUN_STOPPED           ? "stopped by a signal"
                     : end == THOR_RUN_OUT_OF_PATIENCE ? "out of patience"
                                                       : "done", (long long)run->trainer.updates,
                     thor_duration_text(spent, run->state.seconds), run->last,
                     thor_bytes_text(peak, (double)thor_machine_peak()));
}
