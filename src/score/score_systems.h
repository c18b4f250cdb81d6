/* Several systems side by side, each compared with the first by a paired test where that is asked for. */
#ifndef THOR_SCORE_SCORE_SYSTEMS_H
#define THOR_SCORE_SCORE_SYSTEMS_H

#include "score/score_job.h"

/* One system under one metric. */
typedef struct thor_system_score {
    double score;
    thor_interval interval;     /* of the bootstrap; zeros without one */
    double p;                   /* of the difference from the first system; 0 for the first, and without a test */
} thor_system_score;

/* Fills scores[metric * system_count + system]; where job->paired is set with the test of job->draws. */
thor_status thor_score_systems(const thor_score_job *job, thor_system_score *scores, thor_error *error);

#endif
