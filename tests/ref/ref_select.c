/* Decisions of routing: comparisons as binary32, ties to the lowest index (thor-model(7)). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ref_parts.h"

static bool may(const double *allowed, int64_t e)
{
    return !allowed || allowed[e] != 0;
}

/* The largest that is allowed and not chosen yet, or -1. */
static int64_t next_largest(const double *chosen, const double *p, const double *allowed, int64_t n)
{
    int64_t best = -1;
    for (int64_t e = 0; e < n; e++)
        if (may(allowed, e) && chosen[e] == 0 && (best < 0 || (float)p[e] > (float)p[best]))
            best = e;
    return best;
}

double ref_largest(double *chosen, int64_t *order, const double *p, const double *allowed, int64_t n, int64_t k)
{
    memset(chosen, 0, (size_t)n * sizeof *chosen);
    double gap = INFINITY, last = INFINITY;
    for (int64_t c = 0; c < k; c++) {
        order[c] = next_largest(chosen, p, allowed, n);
        if (order[c] < 0)
            ref_die("fewer than %lld experts to choose from", (long long)k);
        chosen[order[c]] = 1;
        gap = fmin(gap, last - p[order[c]]);
        last = p[order[c]];
    }
    int64_t after = next_largest(chosen, p, allowed, n);
    return after < 0 ? gap : fmin(gap, last - p[after]);
}

double ref_prefix(double *chosen, const double *p, const double *allowed, int64_t n, double mass)
{
    memset(chosen, 0, (size_t)n * sizeof *chosen);
    float sum = 0;
    double gap = INFINITY, last = INFINITY;
    bool reached = false;
    for (int64_t e; (e = next_largest(chosen, p, allowed, n)) >= 0 && !reached;) {
        chosen[e] = 1;
        sum += (float)p[e];
        reached = sum >= (float)mass;
        gap = fmin(gap, fmin(fabs((double)sum - mass), last - p[e]));
        last = p[e];
    }
    int64_t after = next_largest(chosen, p, allowed, n);
    return after < 0 ? gap : fmin(gap, last - p[after]);
}

static double top(const double *p, int64_t experts)
{
    double largest = p[0];
    for (int64_t e = 1; e < experts; e++)
        largest = p[e] > largest ? p[e] : largest;
    return largest;
}

typedef struct queued {
    double top;         /* the row's largest P */
    int64_t row;
} queued;

static int by_priority(const void *left, const void *right)
{
    const queued *a = left, *b = right;
    if ((float)a->top != (float)b->top)
        return (float)a->top > (float)b->top ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static double line_up(queued *queue, const double *probs, const ref_rows *rows, const thor_config *config)
{
    int64_t n = 0, experts = config->moe.experts;
    double gap = INFINITY;
    REF_EACH_ROW(rows)
        queue[n++] = (queued){ top(probs + row * experts, experts), row };
    if (config->moe.capacity_order == THOR_CAPACITY_POSITION)
        return gap;
    qsort(queue, (size_t)n, sizeof *queue, by_priority);
    for (int64_t i = 1; i < n; i++)
        gap = fmin(gap, queue[i - 1].top - queue[i].top);
    return gap;
}

double ref_capacity(double *kept, const double *selected, const double *probs, const ref_rows *rows,
                    const thor_config *config)
{
    int64_t experts = config->moe.experts, n = ref_row_count(rows), k = config->router.k,
            group = ref_candidates(config);
    double places = floor(config->moe.capacity_factor * (double)k * ceil((double)n / (double)group));
    double taken[64] = { 0 }, chosen[64];
    int64_t order[64];
    queued *queue = ref_alloc(n, sizeof *queue);
    double gap = line_up(queue, probs, rows, config);
    for (int64_t choice = 0; choice < k; choice++)
        for (int64_t i = 0; i < n; i++) {
            int64_t from = queue[i].row * experts;
            ref_largest(chosen, order, probs + from, selected + from, experts, k);
            int64_t e = order[choice];
            if (taken[e] < fmax(places, 1)) {
                taken[e]++;
                kept[from + e] = 1;
            }
        }
    free(queue);
    return gap;
}
