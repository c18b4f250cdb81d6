/* What the tables and claims of a report are made from, and the parts that fill the document. */
#ifndef THOR_REPRODUCE_REPORT_PARTS_H
#define THOR_REPRODUCE_REPORT_PARTS_H

#include "reproduce/columns.h"
#include "reproduce/document.h"
#include "reproduce/samples.h"

/* data.json of OUT: the corpus as it was prepared. */
typedef struct thor_data_pair {
    char name[64];                      /* "de-en", or a domain */
    int64_t raw, kept, valid, test;     /* pairs of sentences: downloaded, trained on, and held out */
} thor_data_pair;

typedef struct thor_data_facts {
    thor_data_pair *pairs;
    size_t count;
    int64_t tasks;                      /* K */
} thor_data_facts;

thor_status thor_data_facts_read(thor_data_facts *facts, const char *path, thor_error *error);
thor_status thor_data_facts_write(const thor_data_facts *facts, const char *path, thor_error *error);
void thor_data_facts_free(thor_data_facts *facts);

typedef struct thor_report_source {
    const thor_results *results;
    const thor_samples *samples;
    const thor_data_facts *data;        /* NULL: not known */
    const char *baseline;               /* the recipe that --baseline names, or NULL */
} thor_report_source;

/* Of all recipes that are not the paper's own the best by mean BLEU, or -1 when none is done. */
ptrdiff_t thor_best_baseline(const thor_report_source *source);

/* The system that a table's marks compare with, or -1. */
ptrdiff_t thor_table_baseline(const thor_report_source *source, const thor_paper_table *table);

/* How many rows a table has, and the system of one: -1 when the plan has not got it. */
size_t thor_table_rows(const thor_paper_table *table);
ptrdiff_t thor_row_system(const thor_report_source *source, const thor_row_plan *row);

/* Why a system (or, below 0, one that was not asked for) has no result: reason[384]. False when a seed is done. */
bool thor_why_missing(const thor_report_source *source, ptrdiff_t system, const char *name, char reason[384]);

/* The first done job, row by row, that suits; NULL when there is none. */
typedef bool thor_job_suits(const thor_job_result *job);
const thor_job_result *thor_first_job(const thor_report_source *source, const thor_paper_table *table,
                                      thor_job_suits *suits);

/* Takers that several tables share: experts a token; right predictions in percent, all or (what: an int *) of one side
 * of English. */
double thor_take_experts(const thor_job_result *job, const void *what);
double thor_take_accuracy(const thor_job_result *job, const void *side);

/* A cell with mean and deviation. */
thor_cell *thor_sheet_mean(thor_sheet *sheet, size_t row, size_t column, thor_seed_mean mean, int digits);

/* An empty table with the names of `table`'s rows in its first column, whose head is "system". */
thor_status thor_sheet_of_rows(const thor_report_source *source, thor_document *document,
                               const thor_paper_table *table, const char *id, const char *title, size_t columns,
                               thor_sheet **sheet, thor_error *error);

/* Each fills the last section of the document with a table of its kind. */
typedef thor_status thor_table_builder(const thor_report_source *source, const thor_paper_table *table,
                                       thor_document *document, thor_error *error);
thor_table_builder thor_build_quality, thor_build_readings;                                 /* quality_tables.c */
thor_table_builder thor_build_experts, thor_build_curve, thor_build_similarity;             /* routing_tables.c */
thor_table_builder thor_build_accuracy;                                                     /* accuracy_table.c */
thor_table_builder thor_build_resources, thor_build_data;                                   /* cost_tables.c */

/* Judges the claims of the setup. */
thor_status thor_judge_claims(const thor_report_source *source, thor_document *document, thor_error *error);

#endif
