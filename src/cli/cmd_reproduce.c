/* thor reproduce: from options to jobs and their report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/dmath.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/reproduce_cli.h"
#include "cli/stop.h"
#include "decode/beam.h"
#include "reproduce/reproduce_report.h"

enum { MOST_SEEDS = 64, MOST_RECIPES = 64 };

typedef struct command_line {
    const char *data, *output, *scale, *setup, *recipes, *seeds, *baseline, *job, *isa;
    thor_opt_list set, operands;
    int64_t updates, beam, threads;
    bool list, report, quiet;
} command_line;

/* The options, in the form that the library takes them. */
typedef struct session {
    const command_line *command;
    thor_reproduce_options options;
    thor_job_plan plan;
    thor_job_share share;
    char *recipe_text;                  /* what recipes[] point into */
    const char *recipes[MOST_RECIPES];
    uint64_t seeds[MOST_SEEDS];
    size_t recipe_count, seed_count;
    const char **tables;
    size_t table_count;
    thor_log log;
    /* Progress. */
    const thor_reproduction *reproduction;
    size_t job, jobs_left;              /* of this process */
    double job_started;
    int64_t updates_before;
    double validation_nll;              /* 0: none yet */
} session;

static thor_status read_command_line(command_line *o, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt table[] = {
        { "data", 0, THOR_OPT_TEXT, &o->data, "DIR", "what 'thor prepare' wrote", 0, 0 },
        { "output", 'o', THOR_OPT_TEXT, &o->output, "OUT", "folder for the jobs and the report", 0, 0 },
        { "scale", 0, THOR_OPT_TEXT, &o->scale, "NAME", "sizes: tiny, small, base or paper [paper]", 0, 0 },
        { "set", 0, THOR_OPT_LIST, &o->set, "KEY=VALUE", "a key of thor-config(5), for every system", 0, 0 },
        { "setup", 0, THOR_OPT_TEXT, &o->setup, "NAME", "multilingual or multidomain [multilingual]", 0, 0 },
        { "recipes", 0, THOR_OPT_TEXT, &o->recipes, "LIST", "only these, such as dense,thor-top2 [all]", 0, 0 },
        { "seeds", 0, THOR_OPT_TEXT, &o->seeds, "LIST", "such as 1,2,3 [1]", 0, 0 },
        { "baseline", 0, THOR_OPT_TEXT, &o->baseline, "RECIPE", "what marks compare with [each table's own]", 0, 0 },
        { "updates", 0, THOR_OPT_INTEGER, &o->updates, "N", "of every system [schedule.updates]", 1, 1e12 },
        { "beam", 0, THOR_OPT_INTEGER, &o->beam, "N", "of the translations [5]", 1, THOR_MOST_BEAM },
        { "list", 0, THOR_OPT_FLAG, &o->list, NULL, "print the jobs with memory, work and time, and stop", 0, 0 },
        { "report", 0, THOR_OPT_FLAG, &o->report, NULL, "only write the report of what is there", 0, 0 },
        { "job", 0, THOR_OPT_TEXT, &o->job, "I/N", "only the I-th of N shares of the jobs, and no report", 0, 0 },
        { "threads", 'j', THOR_OPT_INTEGER, &o->threads, "N", "threads; change no number [all]", 0, 4096 },
        { "isa", 0, THOR_OPT_TEXT, &o->isa, "NAME", "instruction set: auto, scalar, avx2, avx512, neon [auto]", 0, 0 },
        { "quiet", 'q', THOR_OPT_FLAG, &o->quiet, NULL, "warnings and errors only", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 }
    };
    THOR_TRY(thor_opt_parse(table, argc, argv, &o->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find("reproduce"), table);
    return THOR_OK;
}

/* ---- options ---- */

static thor_status take_setup(session *s, thor_error *error)
{
    const char *name = s->command->setup;
    const thor_opt_list *operands = &s->command->operands;
    s->tables = calloc(operands->count + 1, sizeof *s->tables);
    if (!s->tables)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the tables");
    for (size_t i = 0; i < operands->count; i++)
        if (strcmp(operands->items[i], thor_setup_name(THOR_SETUP_MULTIDOMAIN)) == 0)
            s->options.setup = THOR_SETUP_MULTIDOMAIN;
        else
            s->tables[s->table_count++] = operands->items[i];
    return name ? thor_setup_find(&s->options.setup, name, error) : THOR_OK;
}

static thor_status take_seeds(session *s, thor_error *error)
{
    const char *list = s->command->seeds ? s->command->seeds : "1";
    for (const char *item = list; *item;) {
        char *end;
        errno = 0;
        unsigned long long seed = strtoull(item, &end, 10);
        if (*item < '0' || *item > '9' || errno || (*end && (*end != ',' || !end[1])))
            return thor_fail(error, THOR_E_USAGE, "--seeds=%.80s: expected whole numbers, such as 1,2,3", list);
        if (s->seed_count == MOST_SEEDS)
            return thor_fail(error, THOR_E_USAGE, "--seeds: more than %d seeds", MOST_SEEDS);
        s->seeds[s->seed_count++] = seed;
        item = *end ? end + 1 : end;
    }
    return THOR_OK;
}

static thor_status take_recipes(session *s, thor_error *error)
{
    if (!s->command->recipes)
        return THOR_OK;
    s->recipe_text = malloc(strlen(s->command->recipes) + 1);
    if (!s->recipe_text)
        return thor_fail(error, THOR_E_MEMORY, "no memory for --recipes");
    strcpy(s->recipe_text, s->command->recipes);
    for (char *item = strtok(s->recipe_text, ","); item; item = strtok(NULL, ",")) {
        if (s->recipe_count == MOST_RECIPES)
            return thor_fail(error, THOR_E_USAGE, "--recipes: more than %d recipes", MOST_RECIPES);
        s->recipes[s->recipe_count++] = item;
    }
    return THOR_OK;
}

static thor_status take_share(session *s, thor_error *error)
{
    const char *text = s->command->job;
    char *end = NULL;
    if (!text)
        return THOR_OK;
    s->share.first = strtoll(text, &end, 10);
    s->share.of = *end == '/' ? strtoll(end + 1, &end, 10) : 0;
    if (*end || s->share.first < 1 || s->share.of < s->share.first)
        return thor_fail(error, THOR_E_USAGE, "--job=%.40s: expected I/N, I from 1 to N, such as 2/4", text);
    return THOR_OK;
}

static thor_status take_options(session *s, thor_error *error)
{
    const command_line *o = s->command;
    int32_t experts;
    int64_t updates;
    s->options = (thor_reproduce_options){ .data = o->data, .out = o->output, .scale = o->scale, .set = o->set.items,
                                           .set_count = o->set.count, .updates = o->updates,
                                           .beam = (int32_t)o->beam, .isa = o->isa, .threads = (int)o->threads,
                                           .version = PACKAGE_VERSION };
    if (!o->data)
        return thor_fail(error, THOR_E_USAGE, "--data is missing: name a folder that 'thor prepare' wrote");
    if (!o->output)
        return thor_fail(error, THOR_E_USAGE, "-o is missing: name the folder of the jobs and the report");
    THOR_TRY(take_setup(s, error));
    THOR_TRY(take_seeds(s, error));
    THOR_TRY(take_recipes(s, error));
    THOR_TRY(take_share(s, error));
    THOR_TRY(thor_reproduce_sizes(&s->options, &experts, &updates, error));
    s->options.updates = updates;
    const thor_plan_request request = { .setup = s->options.setup, .tables = s->tables,
                                        .table_count = s->table_count, .recipes = s->recipes,
                                        .recipe_count = s->recipe_count, .seeds = s->seeds,
                                        .seed_count = s->seed_count, .experts = experts };
    THOR_TRY(thor_job_plan_make(&s->plan, &request, error));
    return s->plan.system_count ? thor_reproduce_check(&s->options, &s->plan, error) : THOR_OK;
}

/* ---- progress ---- */

static void show_update(void *context, const thor_run *run)
{
    session *s = context;
    char left[32], all[32], validation[48] = "";
    if (s->updates_before < 0)
        s->updates_before = run->trainer.updates - 1;
    if (!thor_log_due(&s->log))
        return;
    double spent = thor_seconds() - s->job_started, one = spent / (double)(run->trainer.updates - s->updates_before);
    double rest = one * (double)(run->target - run->trainer.updates);
    if (s->validation_nll > 0)
        snprintf(validation, sizeof validation, " validation loss %.4f", s->validation_nll);
    thor_log_progress(&s->log, "job %zu of %zu %s seed %llu: %lld/%lld%s left %s, all %s", s->job + 1,
                      thor_job_count(&s->plan), thor_job_system(&s->plan, s->job)->name,
                      (unsigned long long)thor_job_seed(&s->plan, s->job), (long long)run->trainer.updates,
                      (long long)run->target, validation, thor_duration_text(left, rest),
                      thor_duration_text(all, rest + one * (double)run->target * (double)s->jobs_left));
}

static void show_validation(void *context, const thor_run *run, const thor_validation *validation)
{
    (void)run;
    ((session *)context)->validation_nll = validation->nll;
}

static bool should_stop(void *context)
{
    (void)context;
    return thor_stop_signal() != 0;
}

/* ---- jobs ---- */

static bool is_mine(const session *s, size_t job)
{
    return !thor_job_system(&s->plan, job)->left_out[0] && thor_share_has(s->share, job) &&
           !thor_job_is_done(s->reproduction, job);
}

static thor_status run_job(session *s, size_t job, thor_job_end *end, thor_error *error)
{
    const char *name = thor_job_system(&s->plan, job)->name;
    unsigned long long seed = thor_job_seed(&s->plan, job);
    s->job = job;
    s->jobs_left = 0;
    for (size_t later = job + 1; later < thor_job_count(&s->plan); later++)
        s->jobs_left += is_mine(s, later);
    s->job_started = thor_seconds();
    s->updates_before = -1;
    s->validation_nll = 0;
    thor_error found;
    thor_status status = thor_reproduce_job(s->reproduction, job, end, &found);
    thor_log_end(&s->log);
    if (status != THOR_OK)
        return thor_fail(error, status, "%s, seed %llu: %.900s", name, seed, found.text);
    if (*end == THOR_JOB_DONE)
        thor_log_say(&s->log, THOR_LOG_NORMAL, "job %zu of %zu %s seed %llu: done", job + 1, thor_job_count(&s->plan),
                     name, seed);
    return THOR_OK;
}

/* One round over the jobs. Those that another process has are left to it. */
static thor_status run_round(session *s, size_t *busy, thor_error *error)
{
    *busy = 0;
    for (size_t job = 0; job < thor_job_count(&s->plan); job++) {
        thor_job_end end = THOR_JOB_DONE;
        if (!is_mine(s, job))
            continue;
        THOR_TRY(run_job(s, job, &end, error));
        *busy += end == THOR_JOB_BUSY;
        if (thor_stop_signal())
            return THOR_OK;
    }
    return THOR_OK;
}

/* Jobs of others are waited for, since the report needs them, and taken over when their process dies. */
static thor_status run_jobs(session *s, thor_error *error)
{
    size_t busy = 1;
    for (bool first = true; busy > 0 && !thor_stop_signal(); first = false) {
        if (!first)
            sleep(1);
        THOR_TRY(run_round(s, &busy, error));
    }
    return THOR_OK;
}

static thor_status write_report(const session *s, thor_error *error)
{
    const thor_report_options options = { .baseline = s->command->baseline, .version = PACKAGE_VERSION };
    THOR_TRY(thor_reproduce_report(&s->plan, s->options.out, &options, error));
    if (!s->command->quiet)
        printf("%s/report.txt\n", s->options.out);
    return THOR_OK;
}

static thor_status run(session *s, thor_error *error)
{
    THOR_TRY(take_options(s, error));
    const thor_reproduction reproduction = { .options = &s->options, .plan = &s->plan,
                                             .listener = { .context = s, .updated = show_update,
                                                           .validated = show_validation,
                                                           .should_stop = should_stop } };
    s->reproduction = &reproduction;
    if (s->command->list)
        return thor_reproduce_list(&reproduction, s->share, error);
    THOR_TRY(thor_reproduce_open(&s->options, error));
    if (!s->command->report) {
        for (size_t i = 0; i < s->plan.system_count; i++)
            if (s->plan.systems[i].left_out[0])
                thor_log_warn(&s->log, "%s is left out: %s", s->plan.systems[i].name, s->plan.systems[i].left_out);
        thor_stop_listen();
        THOR_TRY(run_jobs(s, error));
    }
    return thor_stop_signal() || s->share.of > 0 ? THOR_OK : write_report(s, error);
}

int thor_cmd_reproduce(int argc, char **argv)
{
    command_line o = { .beam = 5 };
    thor_error error;
    bool help = false;
    session s = { .command = &o };
    thor_status status = read_command_line(&o, argc, argv, &help, &error);
    s.log = thor_log_make(stderr, o.quiet ? THOR_LOG_QUIET : THOR_LOG_NORMAL);
    if (status == THOR_OK && !help)
        status = run(&s, &error);
    thor_job_plan_free(&s.plan);
    free(s.recipe_text);
    free(s.tables);
    thor_opt_list_free(&o.set);
    thor_opt_list_free(&o.operands);
    if (status != THOR_OK)
        return thor_cli_fail("reproduce", &error);
    return thor_stop_signal() ? 128 + thor_stop_signal() : 0;
}
