/* Folders of results that nobody trained, from simple formulas, so that a test knows every number of the report. */
#ifndef THOR_TESTS_MADE_RESULTS_H
#define THOR_TESTS_MADE_RESULTS_H

#include "reproduce/job_results.h"
#include "reproduce/report_parts.h"

typedef struct made_options {
    const char *const *directions;      /* NULL-terminated */
    const char *const *domains;         /* NULL-terminated, or NULL */
    int sentences;
    const char *without[4];             /* systems that are not done */
    uint64_t without_seed;              /* a seed that is not done; 0: none */
} made_options;

/* How good system number `system` is: the share of matches that it does not miss, in 1/64. */
int made_quality(size_t system, uint64_t seed);

/* The statistics of one of its sentences. */
void made_sentence(size_t system, uint64_t seed, int test, int sentence, double row[THOR_SENTENCE_COLUMNS]);

/* BLEU of a sum of such rows, from its definition. */
double plain_bleu(const double sums[THOR_SENTENCE_COLUMNS]);

/* BLEU of a made test set. */
double made_bleu(const made_options *options, size_t system, uint64_t seed, int test);
/* chrF, perplexity, experts a token and so on are formulas of the system and the seed. */
double made_chrf(size_t system, uint64_t seed, int test);
double made_experts(size_t system, uint64_t seed);

/* Writes OUT with all jobs of a plan, their `done` and data.json. */
void make_results(const thor_job_plan *plan, const char *out, const made_options *options);

#endif
