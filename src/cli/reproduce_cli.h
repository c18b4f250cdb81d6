/* What the files of `thor reproduce` share. */
#ifndef THOR_CLI_REPRODUCE_CLI_H
#define THOR_CLI_REPRODUCE_CLI_H

#include "reproduce/reproduction.h"

/* Of the I-th of N processes; all jobs where N is 0. */
typedef struct thor_job_share {
    int64_t first, of;
} thor_job_share;

/* Prints the jobs of this share with memory, work and time. */
thor_status thor_reproduce_list(const thor_reproduction *reproduction, thor_job_share share, thor_error *error);

/* Whether a job is for this process. */
bool thor_share_has(thor_job_share share, size_t job);

#endif
