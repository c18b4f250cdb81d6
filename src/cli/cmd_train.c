/* thor train: from options to a run. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd.h"
#include "cli/machine.h"
#include "cli/stop.h"
#include "cli/train_cli.h"
#include "file/config_json.h"
#include "simd/blas.h"

static thor_status read_command_line(thor_train_options *o, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = {
        { "recipe", 0, THOR_OPT_TEXT, &o->recipe, "NAME", "a recipe such as thor-top2, or a configuration file", 0, 0 },
        { "scale", 0, THOR_OPT_TEXT, &o->scale, "NAME", "sizes: tiny, small, base or paper [paper]", 0, 0 },
        { "set", 0, THOR_OPT_LIST, &o->set, "KEY=VALUE", "a key of thor-config(5); any number of times", 0, 0 },
        { "data", 0, THOR_OPT_TEXT, &o->data, "DIR", "what 'thor prepare' wrote", 0, 0 },
        { "directions", 0, THOR_OPT_TEXT, &o->directions, "LIST", "such as de-en,en-de or *-en,en-* [all]", 0, 0 },
        { "output", 'o', THOR_OPT_TEXT, &o->output, "RUN", "folder for checkpoints and metrics", 0, 0 },
        { "resume", 0, THOR_OPT_FLAG, &o->resume, NULL, "go on where RUN stopped", 0, 0 },
        { "overwrite", 0, THOR_OPT_FLAG, &o->overwrite, NULL, "start anew where RUN exists", 0, 0 },
        { "updates", 0, THOR_OPT_INTEGER, &o->updates, "N", "stop after N updates [schedule.updates]", 0, 1e12 },
        { "max-time", 0, THOR_OPT_TEXT, &o->max_time, "TIME", "stop after 90s, 40m, 1h30m … of this run", 0, 0 },
        { "validate-every", 0, THOR_OPT_INTEGER, &o->validate_every, "N", "updates; 0: at the end [500]", 0, 1e12 },
        { "validate-batches", 0, THOR_OPT_INTEGER, &o->validate_batches, "N", "of a direction; 0: all [0]", 0, 1e12 },
        { "save-every", 0, THOR_OPT_INTEGER, &o->save_every, "N", "updates; 0: at the end [500]", 0, 1e12 },
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
        return thor_fail(error, THOR_E_USAGE, "'%s' is no option; data is named with --data, the run with -o",
                         o->operands.items[0]);
    return THOR_OK;
}

static thor_status print_config(thor_run *run, thor_error *error)
{
    char *text;
    if (run->options->data)
        THOR_TRY(thor_train_open_data(run, error));
    THOR_TRY(thor_config_text(&text, &run->config, NULL, error));
    fputs(text, stdout);
    free(text);
    return THOR_OK;
}

static thor_status open_compute(thor_run *run, thor_error *error)
{
    const char *backend = run->options->backend ? run->options->backend : "reference";
    THOR_TRY(thor_compute_open(&run->compute, run->options->isa, (int)run->options->threads, error));
    THOR_TRY(thor_backend_choose(&run->compute, backend, error));
    thor_log_say(&run->log, THOR_LOG_NORMAL, "thor " PACKAGE_VERSION ": %s, %d threads, %s products, seed %llu",
                 run->compute.kernels->name, run->compute.par.threads, backend, (unsigned long long)run->config.seed);
    if (run->compute.backend)
        thor_log_warn(&run->log, "--backend=%s: numbers depend on the machine and on -j and are not reproducible",
                      backend);
    return THOR_OK;
}

static thor_status set_limits(thor_run *run, thor_error *error)
{
    const char *time = run->options->max_time;
    run->target = run->config.schedule.updates;
    if (run->options->updates > 0 && run->options->updates < run->target)
        run->target = run->options->updates;
    run->max_seconds = time ? thor_duration_parse(time) : 0;
    if (time && run->max_seconds <= 0)
        return thor_fail(error, THOR_E_USAGE, "--max-time=%.40s: expected a time such as 90s, 40m or 1h30m", time);
    return THOR_OK;
}

static thor_status run_training(thor_run *run, thor_error *error)
{
    bool only_plan = run->options->dry_run || run->options->print_config;
    if (run->options->output || !only_plan)
        THOR_TRY(thor_train_look(run, error));
    THOR_TRY(thor_train_configure(run, error));
    THOR_TRY(set_limits(run, error));
    if (run->options->print_config)
        return print_config(run, error);
    THOR_TRY(open_compute(run, error));
    THOR_TRY(thor_train_open_data(run, error));
    THOR_TRY(thor_train_plan(run, error));
    if (only_plan)
        return THOR_OK;
    THOR_TRY(thor_model_take(&run->model, &run->compute.par, error));
    THOR_TRY(thor_trainer_open(&run->trainer, &run->model, &run->compute, &run->most, run->config.batch.shards, error));
    THOR_TRY(thor_train_start(run, error));
    return thor_train_loop(run, error);
}

static void close_run(thor_run *run)
{
    if (run->metrics)
        fclose(run->metrics);
    thor_trainer_close(&run->trainer);
    thor_model_close(&run->model);
    thor_compute_close(&run->compute);
    thor_sampler_close(run->sampler);
    thor_prepared_close(&run->corpus);
    thor_config_free(&run->config);
    free(run->vocabulary);
    free(run->last);
    free(run->best);
    free(run->config_path);
    free(run->metrics_path);
}

int thor_cmd_train(int argc, char **argv)
{
    thor_train_options options = { .validate_every = 500, .save_every = 500 };
    thor_error error;
    bool help = false;
    thor_status status = read_command_line(&options, argc, argv, &help, &error);
    thor_run run = { .options = &options };
    run.log = thor_log_make(stderr, options.quiet ? THOR_LOG_QUIET : THOR_LOG_NORMAL);
    if (status == THOR_OK && !help)
        status = run_training(&run, &error);
    close_run(&run);
    thor_opt_list_free(&options.set);
    thor_opt_list_free(&options.operands);
    if (status != THOR_OK)
        return thor_cli_fail("train", &error);
    return thor_stop_signal() ? 128 + thor_stop_signal() : 0;
}
