#include "reproduce/kmeans.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* One start. */
typedef struct clustering {
    const thor_kernels *kernels;
    const thor_points *points;
    int32_t clusters;
    float *centres;             /* [clusters, width] */
    float *difference;          /* [width] */
    float *nearest;             /* [count] squared distance to the nearest centre */
    int32_t *cluster_of;        /* [count] */
    int64_t *sizes;             /* [clusters] */
} clustering;

static const float *point(const clustering *c, int64_t i)
{
    return c->points->values + i * c->points->width;
}

static float *centre(const clustering *c, int32_t k)
{
    return c->centres + (int64_t)k * c->points->width;
}

static float distance(const clustering *c, int64_t i, int32_t k)
{
    const float *x = point(c, i), *y = centre(c, k);
    for (int64_t j = 0; j < c->points->width; j++)
        c->difference[j] = x[j] - y[j];
    return c->kernels->sum_squares(c->difference, c->points->width);
}

static int64_t draw(const clustering *c, const thor_rng *rng)
{
    double all = 0, sum = 0;
    for (int64_t i = 0; i < c->points->count; i++)
        all += (double)c->nearest[i];
    double reach = (double)thor_rng_uniform(rng, 0) * all;
    for (int64_t i = 0; i < c->points->count; i++) {
        sum += (double)c->nearest[i];
        if (sum > reach)
            return i;
    }
    return 0;           /* every point lies on a centre */
}

static void choose_centres(const clustering *c, uint64_t seed, uint32_t start)
{
    for (int32_t k = 0; k < c->clusters; k++) {
        thor_rng rng = thor_rng_make(seed, (uint32_t)THOR_SITE_CLUSTER, start, (uint32_t)k);
        int64_t chosen = k ? draw(c, &rng) : (int64_t)thor_rng_below(&rng, 0, (uint64_t)c->points->count);
        memcpy(centre(c, k), point(c, chosen), (size_t)c->points->width * sizeof(float));
        for (int64_t i = 0; i < c->points->count; i++) {
            float squared = distance(c, i, k);
            c->nearest[i] = k == 0 || squared < c->nearest[i] ? squared : c->nearest[i];
        }
    }
}

/* Whether any point has changed its cluster. */
static bool assign(const clustering *c)
{
    bool changed = false;
    for (int64_t i = 0; i < c->points->count; i++) {
        int32_t best = 0;
        float least = distance(c, i, 0);
        for (int32_t k = 1; k < c->clusters; k++) {
            float squared = distance(c, i, k);
            if (squared < least) {
                least = squared;
                best = k;
            }
        }
        changed = changed || c->cluster_of[i] != best;
        c->cluster_of[i] = best;
        c->nearest[i] = least;
    }
    return changed;
}

static void move_centres(const clustering *c)
{
    int64_t width = c->points->width;
    memset(c->sizes, 0, (size_t)c->clusters * sizeof *c->sizes);
    for (int64_t i = 0; i < c->points->count; i++)
        if (c->sizes[c->cluster_of[i]]++ == 0)
            memset(centre(c, c->cluster_of[i]), 0, (size_t)width * sizeof(float));
    for (int64_t i = 0; i < c->points->count; i++)
        for (int64_t j = 0; j < width; j++)
            centre(c, c->cluster_of[i])[j] += point(c, i)[j];
    for (int32_t k = 0; k < c->clusters; k++)
        for (int64_t j = 0; j < width && c->sizes[k] > 0; j++)
            centre(c, k)[j] /= (float)c->sizes[k];
}

static double run_start(const clustering *c, uint64_t seed, uint32_t start)
{
    choose_centres(c, seed, start);
    for (int64_t i = 0; i < c->points->count; i++)
        c->cluster_of[i] = -1;
    for (int round = 0; round < THOR_KMEANS_ROUNDS && assign(c); round++)
        move_centres(c);
    double spread = 0;
    for (int64_t i = 0; i < c->points->count; i++)
        spread += (double)c->nearest[i];
    return spread;
}

static thor_status check(const thor_points *points, int32_t clusters, thor_error *error)
{
    if (points->count < 1 || clusters < 1 || clusters > points->count)
        return thor_fail(error, THOR_E_USAGE, "k-means: %d clusters of %lld points; expected 1 to as many as there are "
                         "points", (int)clusters, (long long)points->count);
    for (int64_t i = 0; i < points->count * points->width; i++)
        if (!isfinite(points->values[i]))
            return thor_fail(error, THOR_E_NUMBER, "k-means: a value of point %lld is not finite",
                             (long long)(i / points->width));
    return THOR_OK;
}

thor_status thor_kmeans(const thor_kernels *kernels, const thor_points *points, int32_t clusters, uint64_t seed,
                        int32_t *cluster_of, double *spread, thor_error *error)
{
    THOR_TRY(check(points, clusters, error));
    size_t n = (size_t)points->count, d = (size_t)points->width, k = (size_t)clusters;
    clustering c = { .kernels = kernels, .points = points, .clusters = clusters,
                     .centres = calloc(k, d * sizeof(float)), .difference = calloc(d + 1, sizeof(float)),
                     .nearest = calloc(n, sizeof(float)), .cluster_of = calloc(n, sizeof(int32_t)),
                     .sizes = calloc(k, sizeof(int64_t)) };
    bool good = c.centres && c.difference && c.nearest && c.cluster_of && c.sizes;
    for (uint32_t start = 0; good && start < THOR_KMEANS_STARTS; start++) {
        double found = run_start(&c, seed, start);
        if (start == 0 || found < *spread) {
            *spread = found;
            memcpy(cluster_of, c.cluster_of, n * sizeof *cluster_of);
        }
    }
    free(c.centres);
    free(c.difference);
    free(c.nearest);
    free(c.cluster_of);
    free(c.sizes);
    return good ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "k-means: no memory for %zu points of %zu numbers", n, d);
}
