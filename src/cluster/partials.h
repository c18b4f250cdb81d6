/* Which shards of a step a rank computes, and the nodes of the tree over shards that lie in one rank.
 *
 * Rank r of N computes the shards floor(r S / N) … floor((r + 1) S / N) - 1. Node (h, i) of the tree covers the
 * shards i 2^h … (i + 1) 2^h - 1, as far as there are any: its sum is that of node (h-1, 2i), plus that of (h-1,
 * 2i+1) where it covers something (thor-numerics(7)). The largest nodes that lie in a rank's shards are its
 * partials: what it can add on its own. Everybody can list those of all ranks. */
#ifndef THOR_CLUSTER_PARTIALS_H
#define THOR_CLUSTER_PARTIALS_H

#include <stdint.h>

typedef struct thor_partial {
    int32_t first, end;         /* shards */
    int height;
    int rank;
} thor_partial;

/* Shards *first … *end - 1 of a rank; none where they are equal. */
void thor_shards_of(int32_t shards, int size, int rank, int32_t *first, int32_t *end);

/* The partials of all ranks, shards ascending, into list[shards]; how many. */
int32_t thor_partials_list(thor_partial *list, int32_t shards, int size);

/* Blocks of gradients that a rank needs for steps of up to so many shards, at least 1: its partials keep theirs, and
 * the next one is made above them. */
int thor_partial_blocks(int32_t shards, int size, int rank);

#endif
