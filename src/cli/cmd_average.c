/* thor average: the mean of checkpoints. */
#include <stdio.h>

#include "cli/cmd.h"
#include "file/average.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

typedef struct choices {
    const char *output;
    int64_t last;
    bool quiet;
    thor_opt_list operands;
} choices;

static thor_status read_command_line(choices *c, int argc, char **argv, bool *help, thor_error *error)
{
    const thor_opt options[] = {
        { "output", 'o', THOR_OPT_TEXT, &c->output, "DIR", "the checkpoint to write; it must not exist", 0, 0 },
        { "last", 0, THOR_OPT_INTEGER, &c->last, "N", "of a run, its N newest checkpoints step-NNNNNN", 1, 1e6 },
        { "quiet", 'q', THOR_OPT_FLAG, &c->quiet, NULL, "do not list the checkpoints", 0, 0 },
        { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    THOR_TRY(thor_opt_parse(options, argc, argv, &c->operands, help, error));
    if (*help)
        thor_opt_help(thor_command_find("average"), options);
    return THOR_OK;
}

static thor_status check_choices(const choices *c, thor_error *error)
{
    if (!c->output)
        return thor_fail(error, THOR_E_USAGE, "-o is missing: name the checkpoint to write");
    if (c->operands.count == 0)
        return thor_fail(error, THOR_E_USAGE, "no checkpoint; expected thor average -o DIR CHECKPOINT ..., or --last N "
                         "RUN");
    if (c->last > 0 && c->operands.count > 1)
        return thor_fail(error, THOR_E_USAGE, "--last=%lld with %zu folders; expected one run", (long long)c->last,
                         c->operands.count);
    return THOR_OK;
}

static thor_status make_list(const choices *c, thor_average_list *list, thor_error *error)
{
    if (c->last > 0)
        return thor_average_list_newest(list, c->operands.items[0], c->last, error);
    for (size_t i = 0; i < c->operands.count; i++)
        THOR_TRY(thor_average_list_add(list, c->operands.items[i], error));
    return THOR_OK;
}

static thor_status run(const choices *c, thor_error *error)
{
    thor_average_list list = { .folders = NULL };
    thor_status status = check_choices(c, error);
    if (status == THOR_OK)
        status = make_list(c, &list, error);
    if (status == THOR_OK)
        status = thor_average_write(c->output, &list, PACKAGE_VERSION, error);
    for (size_t i = 0; i < list.count && status == THOR_OK && !c->quiet; i++)
        fprintf(stderr, "averaged %s\n", list.folders[i]);
    thor_average_list_free(&list);
    return status;
}

int thor_cmd_average(int argc, char **argv)
{
    choices c = { .output = NULL };
    thor_error error = { .code = THOR_OK };
    bool help = false;
    thor_status status = read_command_line(&c, argc, argv, &help, &error);
    if (status == THOR_OK && !help)
        status = run(&c, &error);
    thor_opt_list_free(&c.operands);
    return status == THOR_OK ? 0 : thor_cli_fail("average", &error);
}
