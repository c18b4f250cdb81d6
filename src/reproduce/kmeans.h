/* k-means (Lloyd 1982) from centres drawn by k-means++ (Arthur and Vassilvitskii 2007), to the same bits everywhere. */
#ifndef THOR_REPRODUCE_KMEANS_H
#define THOR_REPRODUCE_KMEANS_H

#include "base/status.h"
#include "simd/kernels.h"

enum { THOR_KMEANS_STARTS = 10, THOR_KMEANS_ROUNDS = 300 };

typedef struct thor_points {
    const float *values;        /* [count, width] */
    int64_t count, width;
} thor_points;

/* Puts every point into one of `clusters` clusters: cluster_of[count]. The best of THOR_KMEANS_STARTS starts is kept,
 * the first of equal ones. A distance is the sum along the row of squared differences (thor-numerics(7)); of equal
 * distances the lowest cluster wins; a centre is the mean of its points, added in ascending order; a cluster without
 * points keeps its centre. The sum of the squared distances is added in binary64 and stored in *spread.
 *
 * Centre 0 of a start is one of all points, each as likely; a later one is the first point at which the running sum of
 * squared distances to the nearest centre, in binary64, is above u times the whole sum. thor-numerics(7) has the site.
 * Errors: THOR_E_MEMORY; THOR_E_USAGE for no points or more clusters than points; THOR_E_NUMBER for a value that is not
 * finite. */
thor_status thor_kmeans(const thor_kernels *kernels, const thor_points *points, int32_t clusters, uint64_t seed,
                        int32_t *cluster_of, double *spread, thor_error *error);

#endif
