/* A batch that comes from a seed alone, for golden numbers: what it holds depends on nothing but its arguments.
 *
 * Draw number i of sentence b is thor_rng_below(i, n) with step 0, shard b and the sites
 *
 *   THOR_SITE_BATCH + 0   source words: shortest + draw 0 below (longest - shortest + 1);  + 1  target words
 *   THOR_SITE_BATCH + 2   direction: draw 0 below their number; pairs (s, t) with s != t, s ascending, then t, of which
 *                         only those in config->pairs count where that list has any
 *   THOR_SITE_BATCH + 3   domain: draw 0 below their number (1 without domains)
 *   THOR_SITE_BATCH + 4   word i of the source: 4 + draw i below the number of pieces;  + 5  of the target */
#ifndef THOR_TRAIN_INVENTED_BATCH_H
#define THOR_TRAIN_INVENTED_BATCH_H

#include "model/batch.h"
#include "model/setup.h"

typedef struct thor_invention {
    int32_t sentences;
    int32_t shortest, longest;  /* words of a side; a word is a piece */
    int32_t pieces, languages;  /* of the vocabulary */
    thor_setup setup;           /* whose directions are taken where the configuration names none */
} thor_invention;

/* 6 sentences of 4 to 14 words, 200 pieces, 6 languages. */
thor_invention thor_invention_default(void);

/* Completes a configuration: languages where it has none, vocab.size and vocab.ids, what task.label needs (all
 * directions for `pair`, as many domains as languages for `domain`) and the set-up's directions, then checks it. */
thor_status thor_invented_config(thor_config *config, const thor_invention *invention, thor_error *error);

/* Owns what `batch` points to. */
typedef struct thor_invented_batch {
    thor_batch batch;
    int64_t *offsets;           /* source's [B+1], target's [B+1] */
    int32_t *ids;               /* source, target_in, target_out */
    int32_t *labels;            /* source languages, target languages, task labels [B] each */
} thor_invented_batch;

/* The batch of a configuration that knows its languages and vocab.ids. Free with thor_invented_batch_free. */
thor_status thor_invented_batch_make(thor_invented_batch *invented, const thor_config *config,
                                     const thor_invention *invention, uint64_t seed, thor_error *error);
void thor_invented_batch_free(thor_invented_batch *invented);

#endif
