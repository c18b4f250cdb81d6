/* A training from beginning to end, for any program: a configuration and prepared data become a folder with
 * checkpoints and metrics (thor-checkpoint(5)), which another call goes on with, to the same bits.
 *
 *   thor_run run = { .target = 0 };
 *   thor_status status = thor_run_open(&run, &options, &listener, &error);
 *   if (status == THOR_OK)
 *       status = thor_run_train(&run, &end, &error);
 *   thor_run_close(&run);
 *
 * thor_run_open is the five steps below it, for a caller who has nothing to say between them. */
#ifndef THOR_RUN_RUN_H
#define THOR_RUN_RUN_H

#include <stdio.h>

#include "cluster/cluster.h"
#include "file/checkpoint.h"
#include "model/setup.h"
#include "model/work.h"
#include "run/run_data.h"
#include "train/trainer.h"

typedef struct thor_run thor_run;

/* What makes a validation the best. */
typedef enum thor_best_by { THOR_BEST_BY_PERPLEXITY, THOR_BEST_BY_BLEU, THOR_BEST_BY_CHRF, THOR_BEST_BYS } thor_best_by;

/* "perplexity", "bleu", "chrf". */
extern const char *const thor_best_by_names[THOR_BEST_BYS];

/* What a run is made of. Texts and lists are the caller's and have to outlive the run. */
typedef struct thor_run_options {
    const char *recipe;         /* or a configuration file; NULL: the configuration of the run that goes on */
    thor_setup setup;           /* after the recipe */
    const char *scale;          /* NULL: the recipe's sizes */
    const char *const *set;     /* "section.key=value", after recipe, set-up and scale */
    size_t set_count;
    const char *data;           /* prepared data */
    const char *directions;     /* NULL: the configuration's pairs, or the set-up's */
    const char *output;         /* the run's folder */
    const char *isa, *backend;  /* NULL: the best; reference products */
    int threads;                /* 0: as many as the machine offers */
    int64_t updates;            /* stop after so many; 0: schedule.updates */
    double max_seconds;         /* of this part of the run; 0: no limit */
    int64_t validate_every;     /* updates; and always at schedule.updates */
    int64_t validate_batches;   /* of a direction, at most; 0: all */
    thor_best_by best_by;       /* BLEU, chrF: of a translation of the validation set, the mean over directions */
    int32_t best_beam;          /* its beam; 0 and 1: greedy */
    int64_t save_every;         /* updates; and always at the end of each part */
    int64_t patience;           /* end after so many validations without a better one; 0: never */
    int64_t keep;               /* this many of the checkpoints step-NNNNNN, the newest; 0: none */
    bool resume, overwrite;     /* go on where there is something; start anew */
    bool force;                 /* even with more memory than the machine has */
    const thor_cluster *cluster;    /* this process is one of several; NULL: alone. All call the same functions of a run
                                     * with the same options; only rank 0 touches the folder and tells its listener */
} thor_run_options;

/* What a validation found. */
typedef struct thor_validation {
    int64_t tokens;             /* target tokens */
    double nll;                 /* a token */
    double score;               /* BLEU or chrF, 0 … 100; NaN where perplexity decides */
    double task_accuracy, experts_per_token;    /* NaN where there are none */
    double seconds;
    bool best;                  /* so far */
} thor_validation;

/* Who is told what a run does, and asked whether it should end. Each function may be NULL. */
typedef struct thor_run_listener {
    void *context;
    void (*say)(void *context, const char *sentence);
    void (*warn)(void *context, const char *sentence);
    /* After each update; `work`: its floating-point operations. */
    void (*updated)(void *context, const thor_run *run, const thor_step_report *report, double work);
    void (*validated)(void *context, const thor_run *run, const thor_validation *validation);
    /* Asked after each update and each batch of a validation. True: save and leave. */
    bool (*should_stop)(void *context);
} thor_run_listener;

/* Bytes that a run takes. */
typedef struct thor_run_memory {
    double parameters, moments, gradients, activations, packing, total;
    int gradient_blocks;
} thor_run_memory;

/* The first step of the first epoch, which stands for all. */
typedef struct thor_run_work {
    double operations, target_tokens;
    int32_t shards;
} thor_run_work;

struct thor_run {
    const thor_run_options *options;
    thor_run_listener listener;
    thor_config config;         /* complete once the data is open */
    thor_run_data data;
    thor_compute compute;
    thor_model model;
    thor_trainer trainer;
    thor_run_memory memory;
    thor_run_work work;
    char *last, *best, *config_path, *metrics_path;     /* in the run's folder */
    FILE *metrics;
    bool resumed;               /* `last` was there */
    thor_state state;
    thor_position position;
    double started, seconds_before;     /* thor_seconds() of the start; state.seconds of the parts before */
    int64_t updates_before;     /* done when this part started */
    int64_t target;             /* updates after which it ends */
};

/* Why thor_run_train came back. */
typedef enum thor_run_end {
    THOR_RUN_COMPLETE,          /* the target is reached */
    THOR_RUN_NOTHING,           /* it was reached, or patience lost, before */
    THOR_RUN_OUT_OF_TIME,
    THOR_RUN_OUT_OF_PATIENCE,
    THOR_RUN_STOPPED            /* should_stop */
} thor_run_end;

/* Everything up to the first update: all five steps. Zero *run first, close it after any result. `listener` is copied
 * and may be NULL. */
thor_status thor_run_open(thor_run *run, const thor_run_options *options, const thor_run_listener *listener,
                          thor_error *error);
void thor_run_close(thor_run *run);

/* 1. Looks at the folder and takes it when it holds a run; without `output` nothing is looked at (for plans). The
 * configuration, still without data. Refuses to overwrite. */
thor_status thor_run_configure(thor_run *run, const thor_run_options *options, const thor_run_listener *listener,
                               thor_error *error);
/* 2. Instruction set, threads, products. */
thor_status thor_run_open_compute(thor_run *run, thor_error *error);
/* 3. The data; completes run->config. */
thor_status thor_run_open_data(thor_run *run, thor_error *error);
/* 4. Plans the model: run->model.params, run->memory, run->work. Takes no memory for them, writes nothing. */
thor_status thor_run_plan(thor_run *run, thor_error *error);
/* THOR_E_MEMORY where the plan needs more than the machine has, unless options.force. */
thor_status thor_run_check_memory(const thor_run *run, thor_error *error);
/* 5. Checks and takes memory, takes the folder; then fresh parameters, or parameters, moments, place in the data and
 * state of `last`. */
thor_status thor_run_start(thor_run *run, thor_error *error);

/* Trains until the target, the time limit, the end of patience or should_stop, and saves. Validations belong to update
 * numbers, every validate_every-th and schedule.updates: an end elsewhere only saves. After a number that is not
 * finite, what stood before that update is saved. */
thor_status thor_run_train(thor_run *run, thor_run_end *end, thor_error *error);

/* Perplexity over the validation split, no dropout, no capacity, and what options.best_by asks for; records it and
 * writes `best` when it is the best. With should_stop in the middle nothing is judged, and *done is false. */
thor_status thor_run_validate(thor_run *run, bool *done, thor_error *error);

/* Writes `last` (with moments and state) or `best` (without moments). With options.keep, where save_every or
 * schedule.updates asks for a checkpoint, `last` comes with a step-NNNNNN (without moments), and older ones go. */
thor_status thor_run_save(thor_run *run, bool best, thor_error *error);

/* Seconds of training so far, all parts of the run together. */
double thor_run_seconds(const thor_run *run);

#endif
