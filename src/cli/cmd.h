/* The commands of the program. A new one has a file src/cli/cmd_NAME.c, a declaration here, a line in commands.c, a
 * page man/thor-NAME.1 and a test tests/cli/NAME.sh. */
#ifndef THOR_CLI_CMD_H
#define THOR_CLI_CMD_H

#include <stddef.h>

#include "cli/opt.h"

/* All commands, in the order in which `thor help` shows them. */
const thor_command *thor_commands(size_t *count);

/* The entry of "train" or "vocab encode", e.g. for thor_opt_help; NULL when there is none. */
const thor_command *thor_command_find(const char *name);

int thor_cmd_help(int argc, char **argv);
int thor_cmd_vocab(int argc, char **argv);
int thor_cmd_prepare(int argc, char **argv);
int thor_cmd_train(int argc, char **argv);
int thor_cmd_score(int argc, char **argv);
int thor_cmd_translate(int argc, char **argv);
int thor_cmd_inspect(int argc, char **argv);
int thor_cmd_average(int argc, char **argv);
int thor_cmd_reproduce(int argc, char **argv);
int thor_cmd_golden(int argc, char **argv);
int thor_cmd_doctor(int argc, char **argv);

#endif
