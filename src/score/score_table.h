/* Many directions: their scores, and means by group of languages, from and into English. */
#ifndef THOR_SCORE_SCORE_TABLE_H
#define THOR_SCORE_SCORE_TABLE_H

#include "score/averages.h"
#include "score/score_job.h"

enum { THOR_SCORE_WORD = 64 };

typedef struct thor_score_direction {
    char name[THOR_SCORE_WORD], other[THOR_SCORE_WORD];     /* "en-de"; "de" */
    char label[THOR_SCORE_WORD];        /* of the row: its field name=NAME; "" without */
    size_t line;                /* in the table */
    bool counts;                /* has English on one side, so that it counts in the means */
    bool from_english;
    size_t lines;
    thor_score scores[THOR_METRICS];
} thor_score_direction;

/* Sees each row with its files while they are open; `source` is its field source=FILE or NULL. */
typedef thor_status thor_score_visitor(void *context, const thor_score_job *files, const thor_score_direction *row,
                                       const char *source, thor_error *error);

/* Set job (and visit) before thor_score_table_read; the rest is filled. */
typedef struct thor_score_table {
    const thor_score_job *job;  /* metrics and how they are computed; its systems and references are not looked at */
    thor_score_visitor *visit;  /* may be NULL */
    void *context;
    const char *path;
    thor_score_direction *directions;
    size_t count;               /* at least 1 */
} thor_score_table;

typedef enum thor_score_side { THOR_SCORE_FROM_ENGLISH, THOR_SCORE_INTO_ENGLISH, THOR_SCORE_ALL } thor_score_side;

/* Scores every direction of a table: a line each, "direction TAB hypotheses TAB references …", any of the fields behind
 * the second may be source=FILE or name=NAME; '#' begins a comment. BLEU's tokeniser follows the target language unless
 * job->fixed_tokenizer. Errors name file and line. Freed with thor_score_table_free, also after an error. */
thor_status thor_score_table_read(thor_score_table *table, const char *path, thor_error *error);
void thor_score_table_free(thor_score_table *table);

/* Means of one metric over the directions of a side; averages->directions 0 where there is none. */
thor_status thor_score_table_means(const thor_score_table *table, size_t metric, thor_score_side side,
                                   thor_averages *averages, thor_error *error);

#endif
