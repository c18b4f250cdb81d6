/* A cluster of threads in one process, so that trainings on several ranks can be tested without MPI. */
#ifndef TESTS_CLUSTER_LOCAL_CLUSTER_H
#define TESTS_CLUSTER_LOCAL_CLUSTER_H

#include "cluster/cluster.h"

/* Runs body(context, cluster) on `size` threads, each a rank, and comes back when all have. */
void local_cluster_run(int size, void (*body)(void *context, const thor_cluster *cluster), void *context);

#endif
