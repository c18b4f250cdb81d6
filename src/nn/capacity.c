#include "nn/capacity.h"

#include <math.h>
#include <string.h>

#include "base/numbers.h"
#include "base/sort.h"

int64_t thor_capacity(double factor, int64_t k, int64_t rows, int64_t pool)
{
    int64_t share = (rows + pool - 1) / pool;
    double most = floor(factor * (double)k * (double)share);
    return most < 1.0 ? 1 : (int64_t)most;
}

/* P lies in [0, 1], so its bits rise with it: falling P, then rising row, is the order of one integer. */
static uint64_t queue_key(float largest, int64_t row)
{
    uint32_t bits;
    memcpy(&bits, &largest, sizeof bits);
    return (uint64_t)(UINT32_MAX - bits) << 32 | (uint64_t)row;
}

typedef struct {
    thor_routing *routing;
    const thor_router *router;
    int64_t rows, chunks;
    int64_t rank;                       /* the choices that are queued: first, second … */
    int64_t capacity;
} queue_job;

static void key_body(void *context, int64_t begin, int64_t end, int thread)
{
    const queue_job *job = context;
    const thor_routing *routing = job->routing;
    int64_t E = job->router->E, k = job->router->k;
    bool by_priority = job->router->capacity_order == THOR_CAPACITY_PRIORITY;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        routing->order[r] = queue_key(by_priority ? routing->probs[r * E + routing->choice[r * k]] : 0.0f, r);
}

/* Row and expert of the queue's place i. */
static int64_t row_at(const queue_job *job, int64_t i, int32_t *expert)
{
    int64_t r = (int64_t)(job->routing->order[i] & UINT32_MAX);
    *expert = job->routing->choice[r * job->router->k + job->rank];
    return r;
}

static void count_body(void *context, int64_t begin, int64_t end, int thread)
{
    const queue_job *job = context;
    int64_t E = job->router->E;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *asked = job->routing->counts + chunk * E, last = job->rows * (chunk + 1) / job->chunks;
        memset(asked, 0, (size_t)E * sizeof *asked);
        for (int64_t i = job->rows * chunk / job->chunks; i < last; i++) {
            int32_t e;
            row_at(job, i, &e);
            asked[e]++;
        }
    }
}

/* A choice is turned away where `capacity` others asked its expert before. */
static void drop_body(void *context, int64_t begin, int64_t end, int thread)
{
    const queue_job *job = context;
    int64_t E = job->router->E;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *asked = job->routing->counts + chunk * E, last = job->rows * (chunk + 1) / job->chunks;
        for (int64_t i = job->rows * chunk / job->chunks; i < last; i++) {
            int32_t e;
            int64_t r = row_at(job, i, &e);
            if (asked[e]++ >= job->capacity)
                job->routing->place[r * E + e] = -1;
        }
    }
}

/* Queues the choices of one rank behind those of the ranks before: asked[e] have asked expert e. */
static void queue_rank(const thor_compute *compute, queue_job *job, int64_t *asked)
{
    thor_par_for(&compute->par, job->chunks, 1, count_body, job);
    for (int64_t e = 0; e < job->router->E; e++)
        for (int64_t chunk = 0; chunk < job->chunks; chunk++) {
            int64_t *before = &job->routing->counts[chunk * job->router->E + e], count = *before;
            *before = asked[e];
            asked[e] += count;
        }
    thor_par_for(&compute->par, job->chunks, 1, drop_body, job);
}

int64_t thor_capacity_drop(const thor_compute *compute, thor_routing *routing, int64_t rows,
                           const thor_router *router)
{
    int64_t E = router->E, dropped = 0, *asked = routing->offset;
    queue_job job = { .routing = routing, .router = router, .rows = rows, .chunks = thor_router_chunks(rows),
                      .capacity = thor_capacity(router->capacity_factor, router->k, rows, router->pool) };
    memset(asked, 0, (size_t)E * sizeof *asked);
    thor_par_for(&compute->par, rows, 1024, key_body, &job);
    if (router->capacity_order == THOR_CAPACITY_PRIORITY)
        thor_sort_u64_shared(&compute->par, routing->order, routing->order + rows, rows);
    for (job.rank = 0; job.rank < router->k; job.rank++)
        queue_rank(compute, &job, asked);
    for (int64_t e = 0; e < E; e++)
        dropped += thor_larger(0, asked[e] - job.capacity);
    return dropped;
}
