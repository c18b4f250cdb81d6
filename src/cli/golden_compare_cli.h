/* thor golden compare: its state, and its JSON. */
#ifndef THOR_CLI_GOLDEN_COMPARE_CLI_H
#define THOR_CLI_GOLDEN_COMPARE_CLI_H

#include <jansson.h>

#include "report/compare.h"

typedef struct thor_golden_comparing {
    const char *ours, *theirs;
    thor_compare_options options;
    bool all, json;
    bool small_eps;             /* the configuration's eps makes steps of rounding errors */
    size_t files, tensors, out, ties;
    char first[192];            /* the first tensor that is out, with its file */
    json_t *root;               /* with --json */
} thor_golden_comparing;

thor_status thor_golden_compare_start(thor_golden_comparing *c, thor_error *error);
/* One pair of files. */
thor_status thor_golden_compare_add(thor_golden_comparing *c, const char *name, const thor_comparison *comparison,
                                    thor_error *error);
/* A file that only one side has. */
void thor_golden_compare_missing(thor_golden_comparing *c, const char *name, bool ours_has_it);
/* Prints the JSON. */
thor_status thor_golden_compare_finish(thor_golden_comparing *c, thor_error *error);
void thor_golden_compare_close(thor_golden_comparing *c);

#endif
