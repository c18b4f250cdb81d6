/* The tests behind the claims: each fills one part with its text, verdict and numbers, or says why it cannot be
 * told. */
#ifndef THOR_REPRODUCE_CLAIM_TESTS_H
#define THOR_REPRODUCE_CLAIM_TESTS_H

#include "reproduce/report_parts.h"

typedef struct thor_pair_claim {
    const thor_report_source *source;
    const double *mean;                 /* weights of the mean over all test sets */
    const char *left_name, *right_name;
    ptrdiff_t left, right;              /* systems, or -1 */
} thor_pair_claim;

/* A part of kind BETTER, FEWER, NOT_WORSE or EARLY. */
thor_status thor_test_pair(thor_claim_kind kind, const thor_pair_claim *pair, thor_verdict_part *part,
                           thor_error *error);

/* The recipes of a table that the paper has a mean for and that are done, best first by the paper. */
typedef struct thor_ranking {
    const char *recipes[THOR_MOST_ROWS];
    double paper[THOR_MOST_ROWS], ours[THOR_MOST_ROWS];
    size_t count, known;                /* ranked; rows with a figure of the paper, done or not */
} thor_ranking;

void thor_rank(const thor_report_source *source, const thor_paper_table *table, const double *mean,
               thor_ranking *ranking);
/* Kendall's tau of the ranking. */
void thor_test_order(const thor_ranking *ranking, thor_verdict_part *part);

/* Whether the 95 % interval (Wilson 1927) of the predictor's accuracy reaches the paper's figure. */
void thor_test_accuracy(const thor_report_source *source, const char *recipe, thor_verdict_part *part);

/* Whether the gain over the best baseline is larger in low-resource directions than in high (group 0) or medium (1). */
thor_status thor_test_gain(const thor_report_source *source, const char *recipe, int group, thor_verdict_part *part,
                           thor_error *error);

/* From the sign of a difference, positive being what the claim says, and its p-value. */
thor_verdict thor_verdict_of(double difference, double p);

/* Adds a number; NaN is left out. */
void thor_part_number(thor_verdict_part *part, const char *name, double value, int digits);

#endif
