/* The program: finds the command that the first one or two words name and hands it the rest. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/fpenv.h"
#include "base/nearest.h"
#include "base/par.h"
#include "cli/cmd.h"
#include "simd/kernels.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static int print_version(void)
{
    thor_error error;
    const thor_kernels *chosen, *able[8];
    if (thor_kernels_choose(&chosen, NULL, &error) != THOR_OK)
        return thor_cli_fail("", &error);
    printf("thor " PACKAGE_VERSION "\n");
    printf("instruction set: %s; this machine can run:", chosen->name);
    int count = thor_kernels_list(able, (int)(sizeof able / sizeof *able));
    for (int i = 0; i < count; i++)
        printf(" %s", able[i]->name);
    putchar('\n');
#ifdef THOR_HAVE_OPENBLAS
    printf("BLAS: OpenBLAS, on request\n");
#else
    printf("BLAS: none\n");
#endif
    printf("MPI: none\n");
    printf("threads: %d\n", thor_par_make(0).threads);
#ifdef __VERSION__
    printf("compiler: " __VERSION__ "\n");
#endif
    return 0;
}

static void print_commands(FILE *stream, const char *prefix)
{
    size_t count, length = strlen(prefix);
    const thor_command *commands = thor_commands(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i].name, prefix, length) == 0)
            fprintf(stream, "  %-16s %s\n", commands[i].name, commands[i].summary);
}

static void print_usage(FILE *stream)
{
    fprintf(stream, "Usage: thor COMMAND [OPTION ...]\n"
                    "       thor help [COMMAND]\n"
                    "       thor --version\n"
                    "Multilingual translation with mixtures of experts: trains, translates, scores, explains.\n\n"
                    "Commands:\n");
    print_commands(stream, "");
}

/* The command that `words` begin with; *used is 2 for "vocab encode", 1 for "train". */
static const thor_command *find_command(int count, char **words, int *used)
{
    char both[64];
    *used = 2;
    if (count >= 2 && snprintf(both, sizeof both, "%s %s", words[0], words[1]) < (int)sizeof both) {
        const thor_command *command = thor_command_find(both);
        if (command)
            return command;
    }
    *used = 1;
    return thor_command_find(words[0]);
}

/* "vocab" is not a command, but commands begin with it. */
static bool is_family(const char *word)
{
    size_t count, length = strlen(word);
    const thor_command *commands = thor_commands(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i].name, word, length) == 0 && commands[i].name[length] == ' ')
            return true;
    return false;
}

static void print_family(FILE *stream, const char *word)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%.60s ", word);
    print_commands(stream, prefix);
}

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static int unknown_command(int count, char **words)
{
    if (is_family(words[0])) {
        if (count > 1)
            fprintf(stderr, "thor: unknown command '%s %s'; there are:\n", words[0], words[1]);
        else
            fprintf(stderr, "thor: '%s' needs a second word; there are:\n", words[0]);
        print_family(stderr, words[0]);
        return 2;
    }
    thor_nearest nearest = thor_nearest_start(words[0]);
    size_t known;
    const thor_command *commands = thor_commands(&known);
    for (size_t i = 0; i < known; i++)
        thor_nearest_offer(&nearest, commands[i].name);
    if (nearest.best)
        fprintf(stderr, "thor: unknown command '%s'; did you mean '%s'?\n", words[0], nearest.best);
    else
        fprintf(stderr, "thor: unknown command '%s'; 'thor help' lists the commands\n", words[0]);
    return 2;
}

static int run_command(int count, char **words)
{
    int used;
    const thor_command *command = find_command(count, words, &used);
    if (!command)
        return unknown_command(count, words);
    char name[64];
    snprintf(name, sizeof name, "%s", command->name);
    words[used - 1] = name;
    return command->run(count - used + 1, words + used - 1);
}

int thor_cmd_help(int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        print_usage(stdout);
        return 0;
    }
    int used;
    const thor_command *command = find_command(argc - 1, argv + 1, &used);
    if (!command && is_family(argv[1]) && argc == 2) {
        print_family(stdout, argv[1]);
        return 0;
    }
    if (!command)
        return unknown_command(argc - 1, argv + 1);
    if (argc - 1 > used) {
        fprintf(stderr, "thor help: '%s' is one word too many; 'thor help %s' explains the command\n", argv[1 + used],
                command->name);
        return 2;
    }
    char name[64], option[] = "--help", *words[] = { name, option, NULL };
    snprintf(name, sizeof name, "%s", command->name);
    return command->run(2, words);
}

/* What was printed has to have arrived: a full disk behind standard output is a failure. A command that failed has
 * said its line already. */
static int finish(int code)
{
    if (thor_flush(stdout) || code != 0)
        return code;
    fprintf(stderr, "thor: standard output: %s; the output is incomplete\n", strerror(errno));
    return 1;
}

/* A stream that was closed when the program started leaves its number to the first file that is opened, and what is
 * printed would end up in that file. The number is taken, and use of the stream fails as it should: standard input
 * cannot be read, standard output cannot be written. Messages go nowhere. */
static bool hold_standard_streams(void)
{
    static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
        if (fcntl(file, F_GETFD) < 0 && open("/dev/null", modes[file]) != file)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    thor_error error;
    if (!hold_standard_streams())
        return 1;
    if (thor_fpenv_check(&error) != THOR_OK)
        return thor_cli_fail("", &error);
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (is_one_of(argv[1], "--version", "-V", "version"))
        return finish(print_version());
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return finish(0);
    }
    if (argc == 3 && is_family(argv[1]) && is_one_of(argv[2], "--help", "-h", "help")) {
        print_family(stdout, argv[1]);
        return finish(0);
    }
    if (argv[1][0] == '-') {
        fprintf(stderr, "thor: '%s' stands where a command is expected; 'thor help' lists the commands\n", argv[1]);
        return 2;
    }
    return finish(run_command(argc - 1, argv + 1));
}
