#include "nn/capacity.h"

#include <math.h>
#include <string.h>

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

int64_t thor_capacity_drop(thor_routing *routing, int64_t rows, const thor_router *router)
{
    int64_t E = router->E, k = router->k, dropped = 0;
    int64_t capacity = thor_capacity(router->capacity_factor, k, rows, router->pool);
    int64_t *taken = routing->offset;
    memset(taken, 0, (size_t)E * sizeof *taken);
    for (int64_t r = 0; r < rows; r++) {
        float largest = routing->probs[r * E + routing->choice[r * k]];
        routing->order[r] = queue_key(router->capacity_order == THOR_CAPACITY_PRIORITY ? largest : 0.0f, r);
    }
    thor_sort_u64(routing->order, rows);
    for (int64_t rank = 0; rank < k; rank++)
        for (int64_t i = 0; i < rows; i++) {
            int64_t r = (int64_t)(routing->order[i] & UINT32_MAX);
            int32_t e = routing->choice[r * k + rank];
            if (taken[e] < capacity) {
                taken[e]++;
            } else {
                routing->place[r * E + e] = -1;
                dropped++;
            }
        }
    return dropped;
}
