/* thor golden compare: its state, what it reads, and its JSON. */
#ifndef THOR_CLI_GOLDEN_COMPARE_CLI_H
#define THOR_CLI_GOLDEN_COMPARE_CLI_H

#include <jansson.h>

#include "report/compare.h"

enum { THOR_GOLDEN_MOST_FILES = 12 };

/* One pair of files, or a file that one side has not got. */
typedef struct thor_golden_compared {
    const char *name;           /* of both in a comparison of folders, else "" */
    bool only_ours, only_theirs;
    thor_comparison comparison;
    char note[160];
} thor_golden_compared;

/* A tensor with its file, and where in it. */
typedef struct thor_golden_named {
    char name[THOR_MAX_NAME + 64], at[200];
} thor_golden_named;

typedef struct thor_golden_comparing {
    const char *ours, *theirs;
    thor_compare_options options;
    bool all, json, quiet;
    double top_p;               /* of the option; 0: the configuration's */
    thor_tensor_list batch, initial, forward;   /* ours, as far as they are there */
    thor_judge *judge;
    thor_golden_compared files[THOR_GOLDEN_MOST_FILES];
    size_t count;
    size_t tensors, out, excused, shown, suspicious;
    bool too_small;             /* the batch, for gradients of few bits */
    thor_golden_named first, first_suspicious;
} thor_golden_comparing;

/* --- golden_compare_read.c --- */

bool thor_golden_is_folder(const char *path);
bool thor_golden_is_there(const char *path);
/* Batch, parameters before and forward pass beside ours, and what config.json of either side says. */
thor_status thor_golden_look_beside(thor_golden_comparing *c, thor_compare_facts *facts, thor_error *error);
/* Tensors of a safetensors file; the numbers of losses.json, or of each update in golden.json. */
thor_status thor_golden_read_list(thor_tensor_list *list, const char *path, thor_error *error);
/* What a file holds, from its name. */
thor_compare_kind thor_golden_kind(const char *ours, const char *theirs);

/* --- golden_compare_json.c --- */

/* Prints all as JSON; `verdict` is the last line of the table. */
thor_status thor_golden_compare_print_json(const thor_golden_comparing *c, int code, const char *verdict,
                                           thor_error *error);

#endif
