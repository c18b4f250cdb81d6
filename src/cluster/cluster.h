/* Processes that train one model together ("ranks"), and how bytes get from one to another (thor-cluster(7)).
 *
 * Only bytes are moved: every sum is made by code of ours in a stated order, so that a training has the same bits on
 * any number of ranks. All ranks call the same functions in the same order; each call waits for those that it needs.
 * None of them returns a failure: where the network fails there is nobody to agree with, and the implementation says
 * so and ends the job (`abort`). A cluster of one rank, or NULL, calls none of them. */
#ifndef THOR_CLUSTER_CLUSTER_H
#define THOR_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct thor_cluster {
    int rank, size;
    const char *const *hosts;   /* [size] the machine of each rank, for messages */
    void *state;                /* the implementation's */
    /* from[r][from_count[r]] goes to rank r, to[r][to_count[r]] comes from it; a count may be 0. The two may not
     * overlap, but for a rank's own slice, which may be the same memory. */
    void (*all_to_all)(void *state, const float *const *from, const int64_t *from_count, float *const *to,
                       const int64_t *to_count);
    /* Floats at[r] … at[r + 1] - 1 of every rank's block become those of rank r; at[size + 1]. */
    void (*all_gather)(void *state, float *block, const int64_t *at);
    /* A small record of each rank, in the order of ranks: all[size * bytes]. */
    void (*exchange)(void *state, const void *mine, size_t bytes, void *all);
    void (*broadcast)(void *state, void *bytes, size_t count);     /* rank 0's bytes to all */
    void (*send)(void *state, int to, const void *bytes, size_t count);
    void (*receive)(void *state, int from, void *bytes, size_t count);
    void (*abort)(void *state, int code);
} thor_cluster;

/* Does one process do all? */
static inline bool thor_cluster_alone(const thor_cluster *cluster)
{
    return !cluster || cluster->size == 1;
}

static inline bool thor_cluster_is_first(const thor_cluster *cluster)
{
    return !cluster || cluster->rank == 0;
}

#endif
