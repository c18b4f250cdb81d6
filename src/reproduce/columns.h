/* The columns of a table of scores: means over test sets, as weights. */
#ifndef THOR_REPRODUCE_COLUMNS_H
#define THOR_REPRODUCE_COLUMNS_H

#include "reproduce/job_results.h"

typedef enum thor_column_set {
    THOR_COLUMNS_ALL,           /* from and into English, all, and the paper's mean where all its groups are there */
    THOR_COLUMNS_FROM,          /* from English: high, medium, low, mean, the paper's mean */
    THOR_COLUMNS_INTO,
    THOR_COLUMNS_DOMAINS,       /* one a domain, and their mean */
    THOR_COLUMNS_EACH           /* one a test set */
} thor_column_set;

typedef struct thor_score_column {
    char name[136];
    const char *paper;          /* the column's name among the paper's figures; NULL: none */
    double *weights;            /* [tests] */
} thor_score_column;

typedef struct thor_score_columns {
    thor_score_column *items;
    size_t count;
    double *memory;
} thor_score_columns;

/* Columns without any test set are left out; `count` 0 is a set that the data does not have. Free after any result. */
thor_status thor_columns_make(thor_score_columns *columns, thor_column_set set, const thor_job_scores *model,
                              thor_error *error);
void thor_columns_free(thor_score_columns *columns);

/* The weights of the mean over all test sets, the caller frees; NULL without memory. */
double *thor_mean_weights(const thor_job_scores *model);

/* The side of English in a direction, and the other language: other[64]. */
thor_english_side thor_side_of(const char *direction, char other[64]);

#endif
