/* thor score: what its files share. */
#ifndef THOR_CLI_SCORE_CLI_H
#define THOR_CLI_SCORE_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/opt.h"
#include "score/score_job.h"

enum { SCORE_LINE = 2 * THOR_SIGNATURE_SIZE + 128 };

typedef enum score_format { SCORE_TEXT, SCORE_JSON, SCORE_ONLY } score_format;

typedef struct score_run {
    thor_score_job job;
    score_format format;
    int width;                  /* digits behind the point */
    bool force;
    const char *comet;          /* --comet: the folder for COMET's files; NULL: none */
} score_run;

/* Writes the systems, their references and the file `source` as COMET's command reads them: src.txt, mt.txt, ref.txt in
 * `folder`, numbered where there are several. */
thor_status score_comet(const thor_score_job *job, const char *folder, const char *source, thor_error *error);

/* What thor score does: one system; line by line; several systems; many directions. */
thor_status score_single(const score_run *run, thor_error *error);
thor_status score_sentences(const score_run *run, thor_error *error);
thor_status score_systems(const score_run *run, thor_error *error);
thor_status score_table(score_run *run, const char *path, thor_error *error);

/* Rounds as it is printed. */
double score_rounded(const score_run *run, double value);

#endif
