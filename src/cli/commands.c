#include "cli/cmd.h"

#include <string.h>

static const thor_command commands[] = {
    { "score", "Compares translations with references: BLEU and chrF", "[OPTION ...] REFERENCE ... < HYPOTHESES",
      thor_cmd_score },
    { "help", "Shows the commands, or the options of one", "[COMMAND]", thor_cmd_help },
};

const thor_command *thor_commands(size_t *count)
{
    *count = sizeof commands / sizeof *commands;
    return commands;
}

const thor_command *thor_command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
