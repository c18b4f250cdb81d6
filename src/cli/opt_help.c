/* The two things a command says to a person: its options, and what went wrong. */
#include "cli/opt.h"

#include <stdio.h>

enum { COLUMN = 30 };

/* "  -o, --output DIR", padded to the column of the explanations. */
static void print_option(char letter, const char *name, const char *argument, const char *help)
{
    char head[128];
    int width = letter ? snprintf(head, sizeof head, "  -%c, --%s", letter, name)
                       : snprintf(head, sizeof head, "      --%s", name);
    if (argument && width > 0 && (size_t)width < sizeof head)
        width += snprintf(head + width, sizeof head - (size_t)width, " %s", argument);
    if (width >= COLUMN)
        printf("%s\n%*s%s\n", head, COLUMN, "", help);
    else
        printf("%-*s%s\n", COLUMN, head, help);
}

void thor_opt_help(const thor_command *command, const thor_opt *options)
{
    printf("Usage: thor %s %s\n%s.\n\nOptions:\n", command->name, command->usage, command->summary);
    bool h_taken = false;
    for (const thor_opt *option = options; option->name; option++) {
        print_option(option->letter, option->name, option->kind == THOR_OPT_FLAG ? NULL : option->argument,
                     option->help);
        h_taken = h_taken || option->letter == 'h';
    }
    print_option(h_taken ? '\0' : 'h', "help", NULL, "show this and exit");
}

int thor_cli_fail(const char *command, const thor_error *error)
{
    fprintf(stderr, "thor%s%s: %s\n", *command ? " " : "", command, error->text);
    return thor_exit_code(error->code);
}
