/* What the files of a job share. */
#ifndef THOR_REPRODUCE_JOB_PARTS_H
#define THOR_REPRODUCE_JOB_PARTS_H

#include "decode/opened_model.h"
#include "reproduce/job_results.h"
#include "reproduce/reproduction.h"

/* A job at work, once it is trained. */
typedef struct thor_job {
    const thor_reproduction *reproduction;
    size_t number;
    char *folder;
    thor_prepared corpus;
    thor_opened_model model;            /* the best checkpoint */
    thor_job_routing routing;           /* once it is written or read */
    double gflop;                       /* a target token of the test sets, forward */
} thor_job;

/* job_parts.c: "FOLDER/NAME"; THOR_E_MEMORY. The caller frees. */
thor_status thor_job_file(char **path, const thor_job *job, const char *name, thor_error *error);
bool thor_job_should_stop(const thor_job *job);

/* job_translate.c: translates what is not translated, and writes scores.json. *done false: should_stop. */
thor_status thor_job_translate(thor_job *job, bool *done, thor_error *error);

/* job_routing.c: fills job->routing and job->gflop from the test sets and metrics.jsonl, and writes routing.json. */
thor_status thor_job_look(thor_job *job, thor_error *error);

/* job_cost.c: measures translation, and writes cost.json. */
thor_status thor_job_measure(thor_job *job, thor_error *error);
/* The peak of the memory of a training that has just ended. */
thor_status thor_job_note_peak(const char *folder, thor_error *error);

#endif
