/* Token router.
 *
 *   forward    1. z = -inf outside the candidates   2. P = softmax(z)
 *              3. choose: the k largest, or in falling order of P the shortest prefix whose running sum reaches p
 *              4. capacity: an expert takes at most floor(f k ceil(R/E')) rows   5. g = P, or P / sum of the kept
 *   losses     L_lb = E sum_i f_i Q_i,  L_dyn = mean over rows of -sum_i P_i ln P_i
 *   backward   5. g = P/s: d_P = (d_g - sum(d_g g)) / s   then L_lb: + weight E f_i / R, L_dyn: - weight (ln P_i + 1)/R
 *              2. d_z = P (d_P - sum(d_P P))
 * Choices have no gradient. */
#include "nn/router.h"

#include <math.h>
#include <string.h>

#include "nn/capacity.h"

int64_t thor_router_most_assignments(const thor_router *router, int64_t rows)
{
    return rows * (router->policy == THOR_TOP_K ? router->k : router->C);
}

void thor_router_place(const thor_router *router, thor_routing *routing, thor_arena *arena, int64_t rows)
{
    int64_t E = router->E;
    routing->probs = THOR_TAKE(arena, float, rows * E);
    routing->selected = THOR_TAKE(arena, int32_t, rows * E);
    routing->gates = THOR_TAKE(arena, float, rows * E);
    routing->gate_sum = THOR_TAKE(arena, float, rows);
    routing->choice = THOR_TAKE(arena, int32_t, rows * (router->policy == THOR_TOP_K ? router->k : 1));
    routing->order = THOR_TAKE(arena, uint64_t, 2 * rows);
    routing->counts = THOR_TAKE(arena, int64_t, THOR_ROUTER_CHUNKS * E);
    routing->offset = THOR_TAKE(arena, int64_t, E + 1);
    routing->row = THOR_TAKE(arena, int32_t, thor_router_most_assignments(router, rows));
    routing->place = THOR_TAKE(arena, int32_t, rows * E);
    routing->f = THOR_TAKE(arena, float, E);
    routing->Q = THOR_TAKE(arena, float, E);
    routing->logarithm = router->policy == THOR_TOP_P ? THOR_TAKE(arena, float, rows * E) : NULL;
    routing->entropy = router->policy == THOR_TOP_P ? THOR_TAKE(arena, float, rows) : NULL;
}

typedef struct {
    const thor_compute *compute;
    thor_routing *routing;
    const int32_t *candidates;
    const thor_packing *packing;
    const thor_router *router;
} route_job;

/* The largest P among candidates that are not chosen yet; the lowest index of equals. */
static int64_t next_choice(const float *p, const int32_t *candidates, const int32_t *chosen, int64_t E)
{
    int64_t best = -1;
    for (int64_t e = 0; e < E; e++)
        if (!chosen[e] && (!candidates || candidates[e]) && (best < 0 || p[e] > p[best]))
            best = e;
    return best;
}

static void choose_row(const route_job *job, int64_t r, const float *p, const int32_t *candidates)
{
    const thor_router *router = job->router;
    int32_t *chosen = job->routing->selected + r * router->E;
    int64_t most = router->policy == THOR_TOP_K ? router->k : router->C;
    float sum = 0.0f;
    memset(chosen, 0, (size_t)router->E * sizeof *chosen);
    for (int64_t rank = 0; rank < most; rank++) {
        int64_t e = next_choice(p, candidates, chosen, router->E);
        chosen[e] = 1;
        if (router->policy == THOR_TOP_K)
            job->routing->choice[r * router->k + rank] = (int32_t)e;
        else if (rank == 0)
            job->routing->choice[r] = (int32_t)e;
        sum = sum + p[e];
        if (router->policy == THOR_TOP_P && sum >= router->p)
            break;
    }
}

static void route_body(void *context, int64_t begin, int64_t end, int thread)
{
    const route_job *job = context;
    int64_t E = job->router->E;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        float *p = job->routing->probs + r * E;
        const int32_t *candidates = job->candidates ? job->candidates + job->packing->sentence[r] * E : NULL;
        for (int64_t e = 0; e < E && candidates; e++)
            if (!candidates[e])
                p[e] = -INFINITY;
        job->compute->kernels->softmax(p, p, E, NULL, NULL);
        choose_row(job, r, p, candidates);
        for (int64_t e = 0; e < E; e++)
            job->routing->place[r * E + e] = job->routing->selected[r * E + e] - 1;
    }
}

/* g of one row from the choices that kept their place (place >= 0). */
static void gate_row(const thor_kernels *kernels, thor_routing *routing, int64_t r, const thor_router *router)
{
    int64_t E = router->E;
    float *g = routing->gates + r * E;
    for (int64_t e = 0; e < E; e++)
        g[e] = routing->place[r * E + e] >= 0 ? routing->probs[r * E + e] : 0.0f;
    float sum = router->renormalize ? kernels->sum(g, E) : 1.0f;
    routing->gate_sum[r] = sum > 0.0f ? sum : 1.0f;
    if (router->renormalize)
        kernels->divide(g, g, routing->gate_sum[r], E);
}

static void gate_body(void *context, int64_t begin, int64_t end, int thread)
{
    const route_job *job = context;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        gate_row(job->compute->kernels, job->routing, r, job->router);
}

/* ---- counting, a chunk of rows at a time: whole numbers, so chunks and threads are invisible -------------------- */

typedef struct {
    thor_routing *routing;
    const int32_t *flags;               /* [R,E]: those that are at least `least` are counted; NULL: first choices */
    int32_t least;
    int64_t rows, chunks, E;
    int64_t per_row;                    /* choices of a row in routing->choice */
} count_job;

static void count_body(void *context, int64_t begin, int64_t end, int thread)
{
    const count_job *job = context;
    int64_t E = job->E;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *counts = job->routing->counts + chunk * E, last = job->rows * (chunk + 1) / job->chunks;
        memset(counts, 0, (size_t)E * sizeof *counts);
        for (int64_t r = job->rows * chunk / job->chunks; r < last; r++) {
            if (!job->flags)
                counts[job->routing->choice[r * job->per_row]]++;
            for (int64_t e = 0; e < E && job->flags; e++)
                counts[e] += job->flags[r * E + e] >= job->least;
        }
    }
}

/* Numbers of a chunk's assignments; its first ones stand in counts. */
static void number_body(void *context, int64_t begin, int64_t end, int thread)
{
    const count_job *job = context;
    int64_t E = job->E;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *next = job->routing->counts + chunk * E, last = job->rows * (chunk + 1) / job->chunks;
        for (int64_t r = job->rows * chunk / job->chunks; r < last; r++)
            for (int64_t e = 0; e < E; e++)
                if (job->routing->place[r * E + e] >= 0) {
                    int64_t a = next[e]++;
                    job->routing->place[r * E + e] = (int32_t)a;
                    job->routing->row[a] = (int32_t)r;
                }
    }
}

/* Numbers the assignments expert by expert, rows ascending: count, add up, hand out. */
static void list_assignments(const thor_compute *compute, thor_routing *routing, int64_t rows, int64_t E)
{
    count_job job = { .routing = routing, .flags = routing->place, .least = 0, .rows = rows,
                      .chunks = thor_router_chunks(rows), .E = E };
    int64_t sum = 0;
    thor_par_for(&compute->par, job.chunks, 1, count_body, &job);
    for (int64_t e = 0; e < E; e++) {
        routing->offset[e] = sum;
        for (int64_t chunk = 0; chunk < job.chunks; chunk++) {
            int64_t count = routing->counts[chunk * E + e];
            routing->counts[chunk * E + e] = sum;
            sum += count;
        }
    }
    routing->offset[E] = sum;
    thor_par_for(&compute->par, job.chunks, 1, number_body, &job);
}

void thor_router_forward(const thor_compute *compute, thor_routing *routing, const int32_t *candidates,
                         const thor_packing *packing, const thor_router *router, bool training)
{
    int64_t rows = packing->rows, E = router->E;
    route_job job = { compute, routing, candidates, packing, router };
    thor_par_for(&compute->par, rows, 32, route_body, &job);
    routing->dropped = 0;
    if (training && router->capacity_factor > 0.0)
        routing->dropped = thor_capacity_drop(compute, routing, rows, router);
    list_assignments(compute, routing, rows, E);
    routing->chosen = routing->offset[E] + routing->dropped;
    thor_par_for(&compute->par, rows, 32, gate_body, &job);
}

typedef struct {
    const thor_kernels *kernels;
    thor_routing *routing;
    int64_t E;
} entropy_job;

static void logarithm_body(void *context, int64_t begin, int64_t end, int thread)
{
    const entropy_job *job = context;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *p = job->routing->probs + r * job->E;
        float *logarithm = job->routing->logarithm + r * job->E;
        job->kernels->log(logarithm, p, job->E);
        for (int64_t e = 0; e < job->E; e++)
            if (!(p[e] > 0.0f))
                logarithm[e] = 0.0f;
        job->routing->entropy[r] = job->kernels->sum_products(p, logarithm, job->E);
    }
}

/* f_i: the share of rows that chose i (or chose it first); counts below 2^24 are exact in binary32. */
static void count_choices(const thor_compute *compute, thor_routing *routing, int64_t rows, const thor_router *router)
{
    int64_t E = router->E;
    bool first = router->count == THOR_COUNT_FIRST;
    count_job job = { .routing = routing, .flags = first ? NULL : routing->selected, .least = 1, .rows = rows,
                      .chunks = thor_router_chunks(rows), .E = E,
                      .per_row = router->policy == THOR_TOP_K ? router->k : 1 };
    thor_par_for(&compute->par, job.chunks, 1, count_body, &job);
    for (int64_t e = 0; e < E; e++) {
        int64_t count = 0;
        for (int64_t chunk = 0; chunk < job.chunks; chunk++)
            count += routing->counts[chunk * E + e];
        routing->f[e] = (float)count / (float)rows;
    }
}

void thor_router_losses(const thor_compute *compute, double *balance, double *dynamic, thor_routing *routing,
                        int64_t rows, const thor_router *router)
{
    int64_t E = router->E;
    count_choices(compute, routing, rows, router);
    thor_rows_sum(compute, routing->Q, routing->probs, rows, E);
    compute->kernels->divide(routing->Q, routing->Q, (float)rows, E);
    *balance = router->unbalanced ? 0 : (double)E * (double)compute->kernels->sum_products(routing->f, routing->Q, E);
    *dynamic = 0.0;
    if (router->policy != THOR_TOP_P)
        return;
    entropy_job job = { compute->kernels, routing, E };
    thor_par_for(&compute->par, rows, 32, logarithm_body, &job);
    for (int64_t r = 0; r < rows; r++)
        *dynamic -= (double)routing->entropy[r];
    *dynamic /= (double)rows;
}

typedef struct {
    const thor_compute *compute;
    float *d_logits;
    const float *d_gates;
    const thor_routing *routing;
    const thor_router *router;
    float balance_weight, dynamic_weight, rows;
} backward_job;

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    const thor_kernels *kernels = job->compute->kernels;
    const thor_router *router = job->router;
    int64_t E = router->E;
    float scaled = job->balance_weight * (float)E;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        const float *d_g = job->d_gates + r * E, *g = job->routing->gates + r * E, *p = job->routing->probs + r * E;
        const int32_t *place = job->routing->place + r * E;
        float *d_p = job->d_logits + r * E;
        float mean = router->renormalize ? kernels->sum_products(d_g, g, E) : 0.0f;
        for (int64_t e = 0; e < E; e++) {
            float d = place[e] >= 0 ? (d_g[e] - mean) / job->routing->gate_sum[r] : 0.0f;
            float share = scaled * job->routing->f[e];
            d_p[e] = d + share / job->rows;
            if (router->policy == THOR_TOP_P && p[e] > 0.0f) {
                float slope = job->routing->logarithm[r * E + e] + 1.0f;
                float part = job->dynamic_weight * slope;
                d_p[e] = d_p[e] - part / job->rows;
            }
        }
        kernels->softmax_backward(d_p, d_p, p, E);
    }
}

void thor_router_backward(const thor_compute *compute, float *d_logits, const float *d_gates,
                          const thor_routing *routing, int64_t rows, float balance_weight, float dynamic_weight,
                          const thor_router *router)
{
    backward_job job = { compute, d_logits, d_gates, routing, router, router->unbalanced ? 0.0f : balance_weight,
                         dynamic_weight, (float)rows };
    thor_par_for(&compute->par, rows, 32, backward_body, &job);
}
