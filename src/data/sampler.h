/* Which sentences make which batch: fairseq's temperature sampling, virtual epochs, length buckets and dealing to
 * shards, with Philox draws. Everything is a function of (seed, epoch); the position is two numbers, so a run resumes
 * at any batch.
 *
 * An epoch, step by step (D directions, numbered as thor_sampler_directions has them; all draws with step = epoch):
 *   1. counts c_i: data/shares.h; uniform numbers of site THOR_SITE_SAMPLE, shard D.
 *   2. sentences of direction i, site THOR_SITE_SAMPLE, shard i: with c_i <= n_i the first c_i of a Fisher-Yates
 *      shuffle of 0 … n_i-1 (data/plan.h); else draw k is thor_rng_below(k, n_i). The directions' lists follow each
 *      other.
 *   3. a Fisher-Yates shuffle of the whole list, site THOR_SITE_SHUFFLE, shard 0; then sorted by source length, among
 *      equal ones by target length, stable.
 *   4. cut into batches (thor_plan_cut); a sentence's size is the longer of both sides, with tag, </s> and [CLS].
 *   5. a Fisher-Yates shuffle of the batches, site THOR_SITE_SHUFFLE, shard 1; a step takes the next batch.shards of
 *      them. */
#ifndef THOR_DATA_SAMPLER_H
#define THOR_DATA_SAMPLER_H

#include "data/prepared.h"
#include "model/batch.h"
#include "model/config.h"

typedef struct thor_sampler thor_sampler;

/* A trained direction. */
typedef struct thor_direction {
    int32_t pair;               /* in the prepared corpus */
    int source_side;            /* 0 or 1 */
    int32_t source_language, target_language;   /* indices into config->languages */
    int32_t domain;             /* -1 without */
    int32_t label;              /* thor_direction_label */
} thor_direction;

/* `directions` NULL: both directions of every pair, first to second before second to first; else `count` of them,
 * copied, of which only pair and source_side are read. config->languages, vocab.ids have to be known; config and corpus
 * have to outlive the sampler. Sentences of train and valid with more than batch.max_pieces pieces on a side are left
 * out as if they were not there. Errors: THOR_E_USAGE where corpus and configuration do not fit together, or a sentence
 * is larger than batch.max_tokens. */
thor_status thor_sampler_open(thor_sampler **sampler, const thor_prepared *corpus, const thor_config *config,
                              const thor_direction *directions, int32_t count, thor_error *error);
void thor_sampler_close(thor_sampler *sampler);

const thor_direction *thor_sampler_directions(const thor_sampler *sampler, int32_t *count);

/* Sentence pairs of a split that batch.max_pieces leaves out, of *all in the directions that are sampled; each pair of
 * sentences counts once, though it may be used in both directions. */
int64_t thor_sampler_left_out(const thor_sampler *sampler, thor_split split, int64_t *all);

typedef struct thor_position {
    int64_t epoch;              /* from 0 */
    int64_t batch;              /* batches of that epoch already used */
} thor_position;

/* The shards of the next step: up to config->batch.shards batches (fewer at the end of an epoch); *count says how many.
 * Moves *position. Batches are valid until the next call. */
thor_status thor_sampler_next(thor_sampler *sampler, thor_position *position, const thor_batch **shards, int32_t *count,
                              thor_error *error);

/* Batches of a split in a fixed order (validation, tests), one direction at a time: batch number `index` of
 * `direction`, or count 0 sentences when there are no more. The sentences' places in the corpus stand in *order
 * ([sentences]) if it is not NULL. */
thor_status thor_sampler_fixed(thor_sampler *sampler, thor_split split, int32_t direction, int64_t index,
                               const thor_batch **batch,
                               const int64_t **order, thor_error *error);

/* The largest rows, sentences and widths that any batch of train and valid can have under this configuration (for
 * measuring memory). Batches of THOR_TEST, which nothing was filtered from, may be larger: a sentence longer than
 * batch.max_tokens is one alone. */
void thor_sampler_limits(const thor_sampler *sampler, int64_t *sentences, int64_t *rows, int64_t *source_width,
                         int64_t *target_width);

#endif
