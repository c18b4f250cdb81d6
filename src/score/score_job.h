/* Systems, their references and the metrics that compare them: what `thor score` computes before it prints. */
#ifndef THOR_SCORE_SCORE_JOB_H
#define THOR_SCORE_SCORE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "score/bootstrap.h"
#include "score/metric.h"
#include "score/signature.h"

/* One system's output. */
typedef struct thor_score_system {
    const char *name;           /* for errors and tables */
    thor_score_lines lines;
} thor_score_system;

/* Zero it before the first use. Names and systems are the caller's. */
typedef struct thor_score_job {
    thor_metric metrics[THOR_METRICS];
    size_t metric_count;
    thor_draws draws;           /* of a test */
    thor_vocab *pieces;         /* BLEU's words; NULL where they are a tokeniser's. thor_vocab_close closes it */
    char pieces_name[16];
    bool paired;                /* compare all systems with the first */
    bool fixed_tokenizer;       /* BLEU's tokeniser does not follow the target language */
    thor_score_system *systems;
    size_t system_count;
    thor_score_lines references[THOR_SCORE_MAX_REFERENCES];
    const char *reference_names[THOR_SCORE_MAX_REFERENCES];
    const thor_score_line *reference_items[THOR_SCORE_MAX_REFERENCES];
    size_t reference_count;
    thor_score_lines columns;   /* the file whose columns are the references, where there is one */
} thor_score_job;

/* A metric's score of one system. */
typedef struct thor_score {
    char title[THOR_SIGNATURE_SIZE], signature[THOR_SIGNATURE_SIZE];
    char details[THOR_SIGNATURE_SIZE];  /* BLEU's; "" for others */
    double score;
    bool has_interval;
    thor_interval interval;
} thor_score;

/* Opens one more reference. Freed with thor_score_job_free_references. */
thor_status thor_score_job_add_reference(thor_score_job *job, const char *path, thor_error *error);
void thor_score_job_free_references(thor_score_job *job);

/* Opens a file of `count` references a line, with tabs between. Freed in the same way. */
thor_status thor_score_job_add_columns(thor_score_job *job, const char *path, size_t count, thor_error *error);

/* The corpus of one system; THOR_E_FAILED when files differ in lines or have none. */
thor_status thor_score_job_corpus(const thor_score_job *job, const thor_score_system *system,
                                  thor_score_corpus *corpus, thor_error *error);

/* The score of a corpus under one metric, with the interval of a bootstrap where job->draws says so. */
thor_status thor_score_of(const thor_score_job *job, const thor_metric *metric, const thor_score_corpus *corpus,
                          thor_score *score, thor_error *error);

#endif
