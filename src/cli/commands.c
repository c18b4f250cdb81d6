#include "cli/cmd.h"

#include <string.h>

static const thor_command commands[] = {
    { "vocab train", "Learns a subword vocabulary from text", "[OPTION ...] -o FILE TEXT ...", thor_cmd_vocab },
    { "vocab encode", "Cuts text into pieces or ids", "[OPTION ...] -m FILE [TEXT ...]", thor_cmd_vocab },
    { "vocab decode", "Joins pieces or ids to text", "[OPTION ...] -m FILE [PIECES ...]", thor_cmd_vocab },
    { "vocab show", "Lists the pieces of a vocabulary", "-m FILE", thor_cmd_vocab },
    { "prepare", "Turns a downloaded corpus into ids, with a report of what was dropped",
      "[OPTION ...] CORPUS -o DIR (--vocab FILE | --vocab-size N)", thor_cmd_prepare },
    { "score", "Compares translations with references: BLEU, chrF and TER", "[OPTION ...] REFERENCE ... < HYPOTHESES",
      thor_cmd_score },
    { "train", "Trains a model", "[OPTION ...] --recipe NAME --data DIR -o RUN", thor_cmd_train },
    { "translate", "Translates standard input to standard output, line by line",
      "-m RUN (--from LANGUAGE --to LANGUAGE | --pairs) [OPTION ...]", thor_cmd_translate },
    { "average", "Averages the parameters of checkpoints", "-o DIR (CHECKPOINT ... | --last N RUN)", thor_cmd_average },
    { "inspect", "Shows what a model takes, what its routers did, how its training went",
      "[OPTION ...] (--recipe NAME | -m RUN [--data DIR] | --losses RUN)", thor_cmd_inspect },
    { "reproduce", "Makes the paper's tables from your data, with tests of significance",
      "[OPTION ...] [TABLE ...] --data DIR -o OUT", thor_cmd_reproduce },
    { "golden make", "Writes a folder of numbers that another implementation can be checked against",
      "[OPTION ...] (--recipe NAME | --from FOLDER) -o DIR", thor_cmd_golden },
    { "golden check", "Recomputes such a folder and compares bit for bit", "[OPTION ...] DIR", thor_cmd_golden },
    { "golden compare", "Shows how far two files or folders are apart, and where it begins",
      "[OPTION ...] OURS THEIRS", thor_cmd_golden },
    { "golden digest", "Prints one number for a training: the same on every machine",
      "[OPTION ...] --recipe NAME", thor_cmd_golden },
    { "doctor", "Shows what this machine has, what is missing and what that costs", "", thor_cmd_doctor },
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
