/* The table of tables: what each table of the paper compares. No other source knows a recipe's name. */
#ifndef THOR_REPRODUCE_TABLE_LIST_H
#define THOR_REPRODUCE_TABLE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "model/setup.h"

typedef enum thor_table_kind {
    THOR_TABLE_QUALITY,         /* BLEU and chrF by group of languages, or by domain */
    THOR_TABLE_EXPERTS,         /* experts a token at test time */
    THOR_TABLE_CURVE,           /* experts a token over training */
    THOR_TABLE_DATA,            /* sizes of the corpus; needs no job */
    THOR_TABLE_ACCURACY,        /* of the task predictor */
    THOR_TABLE_SIMILARITY,      /* clusters of sentences and soft labels */
    THOR_TABLE_RESOURCES,
    THOR_TABLE_READINGS         /* what the paper leaves open, one change at a time */
} thor_table_kind;

enum { THOR_MOST_ROWS = 16 };

/* A row: a recipe, or a recipe with one change "KEY=VALUE". A value "E/2" is half of the configuration's experts. */
typedef struct thor_row_plan {
    const char *recipe, *change;        /* change may be NULL */
    const char *paper;                  /* the row's name among the paper's figures; NULL: it is not there */
    bool other_reading;                 /* beside the row of the same name: the paper contradicts itself */
} thor_row_plan;

typedef struct thor_paper_table {
    const char *name, *title;
    thor_table_kind kind;
    bool setups[THOR_SETUPS];           /* where it is shown */
    const char *reference;              /* the recipe that marks compare with; NULL: the best baseline */
    const char *note;                   /* what has to be said under it; NULL: nothing */
    thor_row_plan rows[THOR_MOST_ROWS + 1];     /* ends with a NULL recipe */
} thor_paper_table;

const thor_paper_table *thor_paper_tables(size_t *count);
/* NULL for an unknown name. */
const thor_paper_table *thor_paper_table_find(const char *name);

/* Whether a recipe is none of the paper's own systems. */
bool thor_recipe_is_baseline(const char *recipe);

typedef enum thor_claim_kind {
    THOR_CLAIM_ORDER,           /* the rows of table `left` have the paper's order */
    THOR_CLAIM_BETTER,          /* BLEU: left above right; right NULL: above every baseline of table 2 */
    THOR_CLAIM_FEWER,           /* experts a token: left below right */
    THOR_CLAIM_NOT_WORSE,       /* BLEU: left not significantly below right, and by less than 0.2 */
    THOR_CLAIM_EARLY,           /* experts a token in the first quarter of the updates: left below right */
    THOR_CLAIM_ACCURACY,        /* left's predictor reaches the paper's figure */
    THOR_CLAIM_GAIN             /* left's gain over the best baseline is largest in low-resource directions */
} thor_claim_kind;

enum { THOR_MOST_PARTS = 4 };

typedef struct thor_claim_part {
    thor_claim_kind kind;
    const char *left, *right;
} thor_claim_part;

typedef struct thor_paper_claim {
    int number;
    const char *text;
    bool setups[THOR_SETUPS];
    thor_claim_part parts[THOR_MOST_PARTS];
    size_t count;
} thor_paper_claim;

const thor_paper_claim *thor_paper_claims(size_t *count);

#endif
