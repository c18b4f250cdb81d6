#include "compose_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "source_file.h"

static void print_help(void)
{
    fputs("usage: phrasebook-compose [-o OUTDIR] [OPTION]... frames.txt lexicon.txt\n"
          "Composes the parallel phrasebook; without -o it only checks.\n"
          "  -o OUTDIR      where to write (the last part is made)\n"
          "  --seed N       another choice of sentences (1)\n"
          "  --train N      training sentences (3000)\n"
          "  --dev N        development sentences (150)\n"
          "  --test N       test sentences (200)\n"
          "  --min-seen N   least count in train of a held-out word (5)\n"
          "  --show N       also print N sentences of each frame (0)\n"
          "  -h, --help     this text\n", stdout);
}

/* Where the number of an option goes, or NULL for an unknown option. */
static size_t *find_number(struct options *options, const char *name, size_t *seed)
{
    const struct {
        const char *name;
        size_t *value;
    } known[] = {
        { "--seed", seed },
        { "--show", &options->show },
        { "--train", &options->count[TRAIN] },
        { "--dev", &options->count[DEV] },
        { "--test", &options->count[TEST] },
        { "--min-seen", &options->least_seen },
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].value;
    return NULL;
}

static void set_option(struct options *options, const char *name, const char *value)
{
    size_t seed = (size_t)options->seed;
    size_t *number = find_number(options, name, &seed);
    if (number == NULL && strcmp(name, "-o") != 0)
        fail_usage("unknown option", name);
    if (value == NULL)
        fail_usage("no value for", name);
    if (number == NULL)
        options->folder = value;
    else if (!parse_count(value, number))
        fail_usage("not a number up to 1000000:", value);
    options->seed = seed;
}

static void set_file(struct options *options, const char *name)
{
    if (options->frames == NULL)
        options->frames = name;
    else if (options->lexicon == NULL)
        options->lexicon = name;
    else
        fail_usage("a third file", name);
}

struct options parse_options(int count, char **arguments)
{
    struct options options = { .seed = 1, .count = { 3000, 150, 200 }, .least_seen = 5 };
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "-h") == 0 || strcmp(arguments[i], "--help") == 0) {
            print_help();
            exit(EXIT_SUCCESS);
        }
        if (arguments[i][0] == '-') {
            set_option(&options, arguments[i], arguments[i + 1]);
            i++;
        } else {
            set_file(&options, arguments[i]);
        }
    }
    if (options.lexicon == NULL)
        fail_usage("two files needed, missing", options.frames == NULL ? "frames.txt" : "lexicon.txt");
    return options;
}
