/* thor train: from options to a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/cmd.h"
#include "cli/opt.h"
#include "cli/stop.h"
#include "cli/train_cli.h"
#include "decode/beam.h"
#include "file/config_json.h"

typedef struct command_line {
    const char *recipe, *setup, *scale, *data, *output, *directions, *isa, *backend, *max_time, *best_by;
    thor_opt_list set, operands;
    int64_t threads, updates, validate_every, validate_batches, save_every, keep, patience, best_beam;
    bool resume, overwrite, force, print_config, dry_run, quiet;
} command_line;

static thor_status read_command_line(command_line *o, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = {
        { "recipe", 0, THOR_OPT_TEXT, &o->recipe, "NAME", "a recipe such as thor-top2, or a configuration file", 0, 0 },
        { "setup", 0, THOR_OPT_TEXT, &o->setup, "NAME", "tasks: multilingual or multidomain [multilingual]", 0, 0 },
        { "scale", 0, THOR_OPT_TEXT, &o->scale, "NAME", "sizes: tiny, small, base or paper [paper]", 0, 0 },
        { "set", 0, THOR_OPT_LIST, &o->set, "KEY=VALUE", "a key of thor-config(5); any number of times", 0, 0 },
        { "data", 0, THOR_OPT_TEXT, &o->data, "DIR", "what 'thor prepare' wrote", 0, 0 },
        { "directions", 0, THOR_OPT_TEXT, &o->directions, "LIST",
          "such as de-en,en-de or *-en,en-* [the set-up's]", 0, 0 },
        { "output", 'o', THOR_OPT_TEXT, &o->output, "RUN", "folder for checkpoints and metrics", 0, 0 },
        { "resume", 0, THOR_OPT_FLAG, &o->resume, NULL, "go on where RUN stopped", 0, 0 },
        { "overwrite", 0, THOR_OPT_FLAG, &o->overwrite, NULL, "start anew where RUN exists", 0, 0 },
        { "updates", 0, THOR_OPT_INTEGER, &o->updates, "N", "stop after N updates [schedule.updates]", 0, 1e12 },
        { "max-time", 0, THOR_OPT_TEXT, &o->max_time, "TIME", "stop after 90s, 40m, 1h30m … of this run", 0, 0 },
        { "validate-every", 0, THOR_OPT_INTEGER, &o->validate_every, "N", "updates; 0: at schedule.updates [500]", 0,
          1e12 },
        { "validate-batches", 0, THOR_OPT_INTEGER, &o->validate_batches, "N", "of a direction; 0: all [0]", 0, 1e12 },
        { "save-every", 0, THOR_OPT_INTEGER, &o->save_every, "N", "updates; 0: at the end [500]", 0, 1e12 },
        { "keep", 0, THOR_OPT_INTEGER, &o->keep, "N", "the N newest checkpoints beside best and last [0]", 0, 1e6 },
        { "patience", 0, THOR_OPT_INTEGER, &o->patience, "N", "end after N validations without a better one [0: never]",
          0, 1e6 },
        { "best-by", 0, THOR_OPT_TEXT, &o->best_by, "NAME", "perplexity, bleu or chrf [perplexity]", 0, 0 },
        { "best-beam", 0, THOR_OPT_INTEGER, &o->best_beam, "N", "beam of the translations for --best-by [1]", 1,
          THOR_MOST_BEAM },
        { "threads", 'j', THOR_OPT_INTEGER, &o->threads, "N", "threads; change no number [all]", 0, 4096 },
        { "isa", 0, THOR_OPT_TEXT, &o->isa, "NAME", "instruction set: auto, scalar, avx2, avx512, neon [auto]", 0, 0 },
        { "backend", 0, THOR_OPT_TEXT, &o->backend, "NAME", "products: reference or openblas [reference]", 0, 0 },
        { "print-config", 0, THOR_OPT_FLAG, &o->print_config, NULL, "print the whole configuration and stop", 0, 0 },
        { "dry-run", 0, THOR_OPT_FLAG, &o->dry_run, NULL, "print memory and work and stop", 0, 0 },
        { "force", 0, THOR_OPT_FLAG, &o->force, NULL, "even with more memory than the machine has", 0, 0 },
        { "quiet", 'q', THOR_OPT_FLAG, &o->quiet, NULL, "warnings and errors only", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, &o->operands, help, error));
    if (*help) {
        thor_opt_help(thor_command_find("train"), table);
        return THOR_OK;
    }
    if (o->operands.count > 0)
        return thor_fail(error, THOR_E_USAGE, "'%s' is not an option; data is named with --data, the run with -o",
                         o->operands.items[0]);
    return THOR_OK;
}

static thor_status choose_measure(thor_best_by *best_by, const char *name, thor_error *error)
{
    for (int i = 0; i < THOR_BEST_BYS; i++)
        if (strcmp(name, thor_best_by_names[i]) == 0) {
            *best_by = (thor_best_by)i;
            return THOR_OK;
        }
    return thor_fail(error, THOR_E_USAGE, "--best-by=%.40s: expected perplexity, bleu or chrf", name);
}

static thor_status options_of(thor_run_options *options, const command_line *o, thor_error *error)
{
    double seconds = o->max_time ? thor_duration_parse(o->max_time) : 0;
    *options = (thor_run_options){
        .recipe = o->recipe, .scale = o->scale, .set = o->set.items, .set_count = o->set.count, .data = o->data,
        .directions = o->directions, .output = o->output, .isa = o->isa, .backend = o->backend,
        .threads = (int)o->threads, .updates = o->updates, .max_seconds = seconds,
        .validate_every = o->validate_every, .validate_batches = o->validate_batches, .save_every = o->save_every,
        .best_beam = (int32_t)o->best_beam, .keep = o->keep, .patience = o->patience,
        .resume = o->resume, .overwrite = o->overwrite, .force = o->force,
    };
    THOR_TRY(thor_setup_find(&options->setup, o->setup, error));
    if (!o->output && !o->dry_run && !o->print_config)
        return thor_fail(error, THOR_E_USAGE, "-o is missing: name the folder that the run is written to");
    if (o->max_time && seconds <= 0)
        return thor_fail(error, THOR_E_USAGE, "--max-time=%.40s: expected a time such as 90s, 40m or 1h30m",
                         o->max_time);
    return o->best_by ? choose_measure(&options->best_by, o->best_by, error) : THOR_OK;
}

static thor_status print_config(thor_run *run, thor_error *error)
{
    char *text;
    if (run->options->data)
        THOR_TRY(thor_run_open_data(run, error));
    THOR_TRY(thor_config_text(&text, &run->config, NULL, error));
    fputs(text, stdout);
    free(text);
    return THOR_OK;
}

static void show_compute(thor_log *log, const thor_run *run)
{
    const char *backend = run->compute.backend ? run->options->backend : "reference";
    thor_log_say(log, THOR_LOG_NORMAL, "thor " PACKAGE_VERSION ": %s, %d threads, %s products, seed %llu",
                 run->compute.kernels->name, run->compute.par.threads, backend, (unsigned long long)run->config.seed);
    if (run->compute.backend)
        thor_log_warn(log, "--backend=%s: numbers depend on the machine and on -j and are not reproducible", backend);
}

static thor_status run_training(thor_run *run, const thor_run_options *options, const command_line *o,
                                train_display *display, thor_error *error)
{
    thor_run_listener listener = train_listener(display);
    thor_run_end end;
    THOR_TRY(thor_run_configure(run, options, &listener, error));
    if (o->print_config)
        return print_config(run, error);
    THOR_TRY(thor_run_open_compute(run, error));
    show_compute(&display->log, run);
    THOR_TRY(thor_run_open_data(run, error));
    THOR_TRY(thor_run_plan(run, error));
    train_show_plan(&display->log, run);
    if (o->dry_run)
        return thor_run_check_memory(run, error);
    THOR_TRY(thor_run_start(run, error));
    thor_stop_listen();
    thor_status status = thor_run_train(run, &end, error);
    thor_log_end(&display->log);
    if (status == THOR_OK)
        train_show_end(&display->log, run, end);
    return status;
}

int thor_cmd_train(int argc, char **argv)
{
    command_line o = { .validate_every = 500, .save_every = 500, .best_beam = 1 };
    thor_run_options options;
    thor_run run = { .target = 0 };
    thor_error error;
    bool help = false;
    thor_status status = read_command_line(&o, argc, argv, &help, &error);
    train_display display = { .log = thor_log_make(stderr, o.quiet ? THOR_LOG_QUIET : THOR_LOG_NORMAL) };
    if (status == THOR_OK && !help)
        status = options_of(&options, &o, &error);
    if (status == THOR_OK && !help)
        status = run_training(&run, &options, &o, &display, &error);
    thor_run_close(&run);
    thor_opt_list_free(&o.set);
    thor_opt_list_free(&o.operands);
    if (status != THOR_OK)
        return thor_cli_fail("train", &error);
    return thor_stop_signal() ? 128 + thor_stop_signal() : 0;
}
