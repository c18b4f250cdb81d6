/* Command-line options: one table a command, from which parser and --help are made. GNU style: --name=value or --name
 * value, -x value, -- ends the options, the last one wins, an unknown option names the nearest known one. */
#ifndef THOR_CLI_OPT_H
#define THOR_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef enum thor_opt_kind {
    THOR_OPT_FLAG,          /* bool *: sets true; --no-name sets false */
    THOR_OPT_TEXT,          /* const char **: points into argv */
    THOR_OPT_INTEGER,       /* int64_t *: K, M, G (powers of 1000) may follow; checked against low and high */
    THOR_OPT_NUMBER,        /* double *: checked against low and high */
    THOR_OPT_LIST           /* thor_opt_list *: may stand several times */
} thor_opt_kind;

typedef struct thor_opt_list {
    const char **items;     /* point into argv; freed by thor_opt_list_free */
    size_t count;
} thor_opt_list;

typedef struct thor_opt {
    const char *name;       /* long name without dashes */
    char letter;            /* short name, or 0 */
    thor_opt_kind kind;
    void *target;
    const char *argument;   /* what --help calls the value: "FILE", "N"; NULL for flags */
    const char *help;       /* one line */
    double low, high;       /* range of numbers; both 0: any */
} thor_opt;

/* A command: its options end with a zeroed entry. */
typedef struct thor_command {
    const char *name;       /* "train", "vocab encode" */
    const char *summary;    /* one line */
    const char *usage;      /* what follows "thor NAME ", e.g. "[OPTION …] --data DIR -o RUN" */
    int (*run)(int argc, char **argv);  /* argv[0] is the command's name; returns the exit code */
} thor_command;

/* Parses argv[1 … argc-1]. Operands (other words) are collected in *operands. Returns THOR_E_USAGE with a
 * sentence on a wrong option. Sets *help when --help or -h was there (nothing else is then checked). */
thor_status thor_opt_parse(const thor_opt *options, int argc, char **argv, thor_opt_list *operands, bool *help,
                           thor_error *error);
void thor_opt_list_free(thor_opt_list *list);

/* Prints usage, summary and options to standard output. */
void thor_opt_help(const thor_command *command, const thor_opt *options);

/* Prints "thor NAME: text" to standard error and returns the exit code of the error. */
int thor_cli_fail(const char *command, const thor_error *error);

#endif
