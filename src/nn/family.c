/* The family loss.
 *
 *   forward    v_i = l_i / |l_i|, 0 where |l_i| is 0;  s_ij = v_i . v_j
 *              positive pairs (a, j) of one family count where s_aj - 0.1 < max of s_a. over other families, s_aj < 1
 *              negative pairs (a, j) of two families count where s_aj + 0.1 > min of s_a. within the family, s_aj > 0
 *              L = mean over the positives of (1 - s_aj) + mean over the negatives of s_aj, each 0 over none
 *   backward   pairs in their order: d_v_a += ds v_j, then d_v_j += ds v_a, ds = -+ weight / pairs of its kind;
 *              d_l_i = (d_v_i - (v_i . d_v_i) v_i) / |l_i| */
#include "nn/family.h"

#include <math.h>
#include <string.h>

void thor_family_place(thor_family_saved *saved, thor_arena *arena, int64_t n, int64_t E)
{
    saved->v = THOR_TAKE(arena, float, n * E);
    saved->length = THOR_TAKE(arena, float, n);
    saved->cosine = THOR_TAKE(arena, float, n * n);
    saved->counted = THOR_TAKE(arena, int8_t, n * n);
    saved->d_v = THOR_TAKE(arena, float, n * E);
    saved->scaled = THOR_TAKE(arena, float, E);
}

static void make_cosines(const thor_compute *compute, thor_family_saved *saved, const float *l, int64_t n, int64_t E)
{
    for (int64_t i = 0; i < n; i++) {
        saved->length[i] = sqrtf(compute->kernels->sum_squares(l + i * E, E));
        if (saved->length[i] == 0)
            memset(saved->v + i * E, 0, (size_t)E * sizeof *saved->v);
        else
            compute->kernels->divide(saved->v + i * E, l + i * E, saved->length[i], E);
    }
    thor_gemm product = thor_gemm_forward(saved->cosine, saved->v, saved->v, NULL, n, E, n);
    thor_gemm_run(compute, &product, 1);
}

/* The row of anchor a: where it has nobody of its family, or nobody else, no pair of it counts. */
static void count_pairs(int8_t *counted, const float *s, const int32_t *family, int64_t n, int64_t a)
{
    float most = -INFINITY, least = INFINITY;
    memset(counted, 0, (size_t)n);
    for (int64_t j = 0; j < n; j++) {
        if (family[j] != family[a])
            most = s[j] > most ? s[j] : most;
        else if (j != a)
            least = s[j] < least ? s[j] : least;
    }
    if (isinf(most) || isinf(least))
        return;
    for (int64_t j = 0; j < n; j++) {
        float below = s[j] - 0.1f, above = s[j] + 0.1f;
        if (family[j] != family[a])
            counted[j] = above > least && s[j] > 0 ? -1 : 0;
        else if (j != a)
            counted[j] = below < most && s[j] < 1 ? 1 : 0;
    }
}

double thor_family_forward(const thor_compute *compute, thor_family_saved *saved, const float *l,
                           const int32_t *family, int64_t n, int64_t E)
{
    double apart = 0, alike = 0;
    make_cosines(compute, saved, l, n, E);
    saved->positives = saved->negatives = 0;
    for (int64_t a = 0; a < n; a++)
        count_pairs(saved->counted + a * n, saved->cosine + a * n, family, n, a);
    for (int64_t i = 0; i < n * n; i++) {
        double s = saved->cosine[i];
        if (saved->counted[i] > 0) {
            apart += 1 - s;
            saved->positives++;
        } else if (saved->counted[i] < 0) {
            alike += s;
            saved->negatives++;
        }
    }
    return (saved->positives > 0 ? apart / (double)saved->positives : 0) +
           (saved->negatives > 0 ? alike / (double)saved->negatives : 0);
}

/* d_v from the pairs, anchors ascending, then the other language. */
static void pairs_backward(const thor_kernels *kernels, const thor_family_saved *saved, double weight, int64_t n,
                           int64_t E)
{
    float positive = saved->positives > 0 ? (float)(-weight / (double)saved->positives) : 0;
    float negative = saved->negatives > 0 ? (float)(weight / (double)saved->negatives) : 0;
    memset(saved->d_v, 0, (size_t)(n * E) * sizeof *saved->d_v);
    for (int64_t i = 0; i < n * n; i++) {
        int64_t a = i / n, j = i % n;
        float ds = saved->counted[i] > 0 ? positive : negative;
        if (saved->counted[i] == 0)
            continue;
        kernels->add_scaled(saved->d_v + a * E, saved->v + j * E, ds, E);
        kernels->add_scaled(saved->d_v + j * E, saved->v + a * E, ds, E);
    }
}

void thor_family_backward(const thor_compute *compute, float *d_l, const thor_family_saved *saved, double weight,
                          int64_t n, int64_t E)
{
    const thor_kernels *kernels = compute->kernels;
    pairs_backward(kernels, saved, weight, n, E);
    for (int64_t i = 0; i < n; i++) {
        const float *v = saved->v + i * E, *d_v = saved->d_v + i * E;
        float *d = d_l + i * E;
        if (saved->length[i] == 0) {
            memset(d, 0, (size_t)E * sizeof *d);
            continue;
        }
        kernels->scale(saved->scaled, v, kernels->sum_products(v, d_v, E), E);
        kernels->subtract(d, d_v, saved->scaled, E);
        kernels->divide(d, d, saved->length[i], E);
    }
}
