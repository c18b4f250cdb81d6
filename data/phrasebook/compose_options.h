/* The command line. */
#ifndef THOR_PHRASEBOOK_COMPOSE_OPTIONS_H
#define THOR_PHRASEBOOK_COMPOSE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum { TRAIN, DEV, TEST, SPLITS };

struct options {
    const char *folder;         /* NULL: only check */
    const char *frames;
    const char *lexicon;
    uint64_t seed;
    size_t show;                /* sentences of each frame to print */
    size_t count[SPLITS];
    size_t least_seen;          /* how often a held-out word has to be in train */
};

/* Ends the program after --help, and where the command line is wrong. */
struct options parse_options(int count, char **arguments);

#endif
