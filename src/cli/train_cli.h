/* What `thor train` shows of a run. */
#ifndef THOR_CLI_TRAIN_CLI_H
#define THOR_CLI_TRAIN_CLI_H

#include "base/log.h"
#include "run/run.h"

/* Sums since the last line of progress. */
typedef struct train_window {
    int64_t updates, tokens;
    double since;               /* thor_seconds() */
    double work;                /* floating-point operations */
    double nll, task, task_balance, token_balance, dynamic, budget, family, experts;
} train_window;

typedef struct train_display {
    thor_log log;
    train_window window;
} train_display;

/* --- train_plan.c --- */

/* Parameters, memory by part and work. */
void train_show_plan(thor_log *log, const thor_run *run);

/* --- train_progress.c --- */

/* A listener that shows what the run does on the display's log, and asks thor_stop_signal. */
thor_run_listener train_listener(train_display *display);
/* How the run ended. */
void train_show_end(thor_log *log, const thor_run *run, thor_run_end end);

#endif
