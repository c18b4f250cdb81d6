/* The order of words: by weight, largest first, then by bytes. */
#ifndef THOR_LEARN_WORD_ORDER_H
#define THOR_LEARN_WORD_ORDER_H

#include "base/par.h"
#include "learn/word_shard.h"

/* Lists the words of all shards that have a weight: numbers index << THOR_WORD_SHARD_BITS | shard. The caller frees
 * *order. False without memory. */
bool thor_word_order(const thor_word_shard *shards, const thor_par *par, uint32_t **order, size_t *count);

#endif
