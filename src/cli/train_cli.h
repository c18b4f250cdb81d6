/* The parts of `thor train`, in the order in which a run meets them. */
#ifndef THOR_CLI_TRAIN_CLI_H
#define THOR_CLI_TRAIN_CLI_H

#include <jansson.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/opt.h"
#include "data/sampler.h"
#include "file/checkpoint.h"
#include "model/work.h"
#include "train/trainer.h"

typedef struct thor_train_options {
    const char *recipe, *scale, *data, *output, *directions, *isa, *backend, *max_time;
    thor_opt_list set, operands;
    int64_t threads, updates, validate_every, validate_batches, save_every;
    bool resume, overwrite, force, print_config, dry_run, quiet;
} thor_train_options;

/* Sums since the last line of progress. */
typedef struct thor_window {
    int64_t updates, tokens;
    double since;               /* thor_seconds() */
    double work;                /* floating-point operations */
    double nll, task, task_balance, token_balance, dynamic, experts;
} thor_window;

typedef struct thor_run {
    const thor_train_options *options;
    thor_log log;
    thor_config config;         /* complete once the data is known */
    thor_prepared corpus;
    thor_sampler *sampler;
    thor_shape most;            /* the largest batch */
    thor_compute compute;
    thor_model model;
    thor_trainer trainer;
    char *vocabulary;           /* the bytes of the corpus's .model */
    size_t vocabulary_count;
    char *last, *best, *config_path, *metrics_path;
    FILE *metrics;
    bool resumed;               /* last was there */
    thor_state state;
    thor_position position;
    double started, seconds_before;     /* thor_seconds() of the start; state.seconds of the runs before */
    double max_seconds;         /* of this run; 0: no limit */
    int64_t updates_before;     /* done when this run started */
    int64_t target;             /* updates after which it ends */
    thor_window window;
} thor_run;

/* --- configuration and data (train_setup.c) --- */

/* --recipe, --scale and --set, on top of the run that goes on; without data the languages are still open. */
thor_status thor_train_configure(thor_run *run, thor_error *error);
/* Opens --data and completes languages, domains, pairs and vocabulary in the configuration. */
thor_status thor_train_open_data(thor_run *run, thor_error *error);

/* --- what it will take (train_plan.c) --- */

/* Plans the model and prints parameters, memory by part and work; refuses what the machine has not, unless forced. */
thor_status thor_train_plan(thor_run *run, thor_error *error);

/* --- the run's folder (train_folder.c) --- */

/* Names the files of the run; looks whether there is something to go on from; refuses to overwrite. */
thor_status thor_train_look(thor_run *run, thor_error *error);
/* Compares with the run that goes on: says what changed, refuses what would be another training. */
thor_status thor_train_compare(thor_run *run, const thor_config *saved, thor_error *error);
/* Takes the folder for this process, then starts in it or reads weights, moments and state. */
thor_status thor_train_start(thor_run *run, thor_error *error);
/* Writes RUN/last; with `best` RUN/best, which has no moments. */
thor_status thor_train_save(thor_run *run, bool best, thor_error *error);

/* --- what it says (train_report.c) --- */

/* One line of metrics.jsonl. `seconds`: of this update. */
thor_status thor_train_record(thor_run *run, const thor_step_report *report, double seconds, thor_error *error);
/* A number of such a line; null where it is not finite. */
void thor_train_put(json_t *line, const char *key, double value);
/* Any other line; takes over `line`, which may be NULL (no memory). */
thor_status thor_train_write_line(thor_run *run, json_t *line, thor_error *error);
/* Adds an update to the window and shows the line of progress when it is due. */
void thor_train_progress(thor_run *run, const thor_step_report *report, double work);

/* --- validation (train_validate.c) --- */

/* Perplexity over the validation split, no dropout, no capacity; records it and writes RUN/best when it is the best. */
thor_status thor_train_validate(thor_run *run, thor_error *error);

/* --- the loop (train_loop.c) --- */

/* Trains until the target, the time limit or a signal, and saves. */
thor_status thor_train_loop(thor_run *run, thor_error *error);

#endif
