/* thor score: what its files share. */
#ifndef THOR_CLI_SCORE_CLI_H
#define THOR_CLI_SCORE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/opt.h"
#include "score/bootstrap.h"
#include "score/metric.h"
#include "score/signature.h"

enum { SCORE_METRICS = 2, SCORE_LINE = 2 * THOR_SIGNATURE_SIZE + 128 };

typedef enum score_format { SCORE_TEXT, SCORE_JSON, SCORE_ONLY } score_format;

/* One system's output. */
typedef struct score_system {
    const char *name;
    thor_score_lines lines;
} score_system;

typedef struct score_run {
    thor_metric metrics[SCORE_METRICS];
    size_t metric_count;
    score_format format;
    int width;                  /* digits behind the point */
    int64_t resamples;          /* 0: no bootstrap */
    uint64_t seed;
    bool paired, force;
    bool fixed_tokenizer;       /* --tokenize was given */
    const char *comet;          /* --comet: the folder for COMET's files; NULL: none */
    score_system *systems;
    size_t system_count;
    thor_score_lines references[THOR_SCORE_MAX_REFERENCES];
    const thor_score_line *reference_items[THOR_SCORE_MAX_REFERENCES];
    const char *reference_names[THOR_SCORE_MAX_REFERENCES];
    size_t reference_count;
} score_run;

/* A metric's score of one system. */
typedef struct score_result {
    char title[THOR_SIGNATURE_SIZE], signature[THOR_SIGNATURE_SIZE], details[THOR_SIGNATURE_SIZE];
    double score;
    bool has_interval;
    thor_interval interval;
} score_result;

/* The corpus of one system; THOR_E_FAILED when files differ in lines or have none. */
thor_status score_corpus(const score_run *run, const score_system *system, thor_score_corpus *corpus,
                         thor_error *error);

/* Writes the systems, their references and the file `source` as COMET's command reads them: src.txt, mt.txt, ref.txt in
 * `folder`, numbered where there are several. */
thor_status score_comet(const score_run *run, const char *folder, const char *source, thor_error *error);

/* Title, signature, score and BLEU's details from a sum of rows. */
void score_describe(const score_run *run, const thor_metric *metric, const double *sums, score_result *result);

/* What thor score does: one system; line by line; several systems; many directions. */
thor_status score_single(const score_run *run, thor_error *error);
thor_status score_sentences(const score_run *run, thor_error *error);
thor_status score_systems(const score_run *run, thor_error *error);
thor_status score_table(const score_run *run, const char *path, thor_error *error);

/* Rounds as it is printed. */
double score_rounded(const score_run *run, double value);

#endif
