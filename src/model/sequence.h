/* What stands around the words of a sentence, and which ids it has:
 *
 *   source       [CLS] <src> w1 … wn </s>        [CLS] only where there is a task predictor
 *   target_in    </s> <tgt> y1 … ym
 *   target_out   <tgt> y1 … ym </s>
 *
 * Ids: the special ones of base/special_ids.h, the pieces of the vocabulary, [CLS], a token for each language. */
#ifndef THOR_MODEL_SEQUENCE_H
#define THOR_MODEL_SEQUENCE_H

#include "base/special_ids.h"
#include "model/config.h"

enum { THOR_TARGET_EXTRA = 2, THOR_MOST_EXTRA = 3 };    /* ids beside the words of a target; of any side */

/* V of a vocabulary of `pieces` and so many languages. */
static inline int64_t thor_sequence_ids(int64_t pieces, int64_t languages)
{
    return THOR_ID_FIRST_PIECE + pieces + 1 + languages;
}


int32_t thor_config_cls(const thor_config *config);                                 /* the id of [CLS] */
int32_t thor_config_language_token(const thor_config *config, int32_t language);    /* the id of __xx__ */

/* Ids beside the words of a source: 3 with [CLS], otherwise 2. */
int64_t thor_source_extra(const thor_config *config);

/* Writes what stands around `count` words of a source to ids[count + thor_source_extra]. Returns where the words go. */
int32_t *thor_source_frame(int32_t *ids, const thor_config *config, int32_t language, int64_t count);

/* The same of a target of `count` words, to in[count + 2] and out[count + 2]: the words go to in + 2 and out + 1. */
void thor_target_frame(int32_t *in, int32_t *out, const thor_config *config, int32_t language, int64_t count);

#endif
