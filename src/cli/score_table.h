/* The rows of a table of directions, between reading and printing. */
#ifndef THOR_CLI_SCORE_TABLE_H
#define THOR_CLI_SCORE_TABLE_H

#include "cli/score_cli.h"
#include "score/averages.h"

enum { SCORE_WORD = 64 };

typedef struct score_direction_row {
    char name[SCORE_WORD], other[SCORE_WORD];   /* "en-de"; "de" */
    bool counts, from_english;  /* has English on one side; on the source side */
    size_t lines;
    score_result results[SCORE_METRICS];
} score_direction_row;

typedef struct score_table_rows {
    const char *path;
    score_direction_row *directions;
    size_t count;               /* at least 1 when it is printed */
} score_table_rows;

thor_status score_table_print(const score_run *run, const score_table_rows *all, thor_error *error);

#endif
