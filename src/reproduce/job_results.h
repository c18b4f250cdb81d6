/* What a job leaves: scores.json, routing.json and cost.json in its folder, described in thor-reproduce(1). The readers
 * check form and sizes; nothing in these files is trusted. */
#ifndef THOR_REPRODUCE_JOB_RESULTS_H
#define THOR_REPRODUCE_JOB_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "reproduce/job_plan.h"

enum { THOR_SENTENCE_COLUMNS = 10, THOR_ENGLISH_SIDES = 3 };

/* The translation of one test set in one direction. */
typedef struct thor_test_scores {
    char direction[64], domain[64];     /* "de-en"; "" without domains */
    char signature[128];                /* of BLEU, as thor-score(1) prints it */
    int64_t sentences;
    double bleu, chrf;
    double bleu_13a;                    /* also with the tokeniser 13a, where the target is Chinese; NaN elsewhere */
    double *rows;                      /* [sentences, THOR_SENTENCE_COLUMNS] of BLEU: lengths, matches, n-grams */
} thor_test_scores;

typedef struct thor_job_scores {
    int64_t updates, best_updates;      /* trained; of the checkpoint that translated */
    double perplexity;                  /* of the validation data, by that checkpoint */
    thor_test_scores *tests;            /* in the order of the data: both directions of a pair, then the next pair */
    size_t count;
} thor_job_scores;

thor_status thor_job_scores_read(thor_job_scores *scores, const char *path, thor_error *error);
thor_status thor_job_scores_write(const thor_job_scores *scores, const char *path, thor_error *error);
void thor_job_scores_free(thor_job_scores *scores);

typedef struct thor_named_number {
    char name[64];
    double value;
} thor_named_number;

/* Where English is in a direction. */
typedef enum thor_english_side { THOR_INTO_ENGLISH, THOR_FROM_ENGLISH, THOR_BETWEEN_OTHERS } thor_english_side;

typedef struct thor_job_routing {
    double experts_per_token;           /* of the test sets; NaN without mixtures, and so below */
    thor_named_number *groups;          /* experts a token by target language, or by domain */
    size_t group_count;
    double used_share;                  /* experts that were chosen at least once, of all in all mixtures */
    double candidate_sets;              /* different sets of candidates that the sentences had; NaN without */
    double *updates, *experts;          /* [curve_count] experts a token over training */
    size_t curve_count;
    size_t tasks;                       /* K; 0 without a predictor, and nothing below is there then */
    char (*task_names)[64];             /* [tasks] */
    int64_t sentences[THOR_ENGLISH_SIDES], right[THOR_ENGLISH_SIDES];
    int64_t *confusion;                 /* [tasks, tasks] sentences: rows the true task, columns the predicted one */
    double *similarity;                 /* [tasks, tasks] as thor_similarity, or NULL */
    int64_t *cluster_sizes;             /* [tasks], or NULL */
} thor_job_routing;

thor_status thor_job_routing_read(thor_job_routing *routing, const char *path, thor_error *error);
thor_status thor_job_routing_write(const thor_job_routing *routing, const char *path, thor_error *error);
void thor_job_routing_free(thor_job_routing *routing);

/* Translating batches of sentences of one length. */
typedef struct thor_translation_cost {
    int64_t batch, source_length;
    double milliseconds, bytes;         /* a sentence; peak memory */
} thor_translation_cost;

typedef struct thor_job_cost {
    int64_t parameters;
    double parameters_per_token, gflop_per_token;       /* counted, not measured */
    double tokens_per_second, training_bytes, training_seconds;
    thor_translation_cost *translation;
    size_t count;
} thor_job_cost;

thor_status thor_job_cost_read(thor_job_cost *cost, const char *path, thor_error *error);
thor_status thor_job_cost_write(const thor_job_cost *cost, const char *path, thor_error *error);
void thor_job_cost_free(thor_job_cost *cost);

/* One job as the report sees it. */
typedef struct thor_job_result {
    bool done;                          /* the file `done` is there, and everything below was read */
    char why[256];                      /* why it is not */
    thor_job_scores scores;
    thor_job_routing routing;
    thor_job_cost cost;
} thor_job_result;

typedef struct thor_results {
    const thor_job_plan *plan;          /* has to outlive the results */
    thor_job_result *jobs;              /* [thor_job_count] */
} thor_results;

/* Reads OUT. A job that is not done is no error; a done one with a file that is missing or damaged is, and so are done
 * jobs whose test sets differ. Free with thor_results_free after any result. */
thor_status thor_results_read(thor_results *results, const thor_job_plan *plan, const char *out, thor_error *error);
void thor_results_free(thor_results *results);

#endif
