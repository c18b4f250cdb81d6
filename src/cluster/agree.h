/* Points at which all ranks come together, so that none leaves the work alone. */
#ifndef THOR_CLUSTER_AGREE_H
#define THOR_CLUSTER_AGREE_H

#include "base/status.h"
#include "cluster/cluster.h"

/* Every rank's status in, one out: THOR_OK where all are, else that of the lowest rank that failed, with its
 * sentence in *error. `error` has the sentence of this rank's own failure. */
thor_status thor_cluster_agree(const thor_cluster *cluster, thor_status status, thor_error *error);

/* True where it is on any rank; on rank 0. */
bool thor_cluster_any(const thor_cluster *cluster, bool mine);
bool thor_cluster_first_says(const thor_cluster *cluster, bool mine);

/* Rank 0's bytes to all, in parts that any implementation can send. */
void thor_cluster_spread(const thor_cluster *cluster, void *bytes, size_t count);

#endif
