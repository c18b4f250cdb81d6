/* Softmax and cross entropy of one row. */
#include "simd/isa.h"
#include "simd/vmath.h"

static inline float first_lane(v16 v)
{
    float lanes[16];
    v16_store(lanes, v);
    return lanes[0];
}

/* lanes(exp(x - m)); the terms are kept in `e` where it is not NULL (it may be x). */
static float sum_of_exponentials(float *e, const float *x, float largest, int64_t n)
{
    const v16 m = v16_set1(largest);
    v16 sum = v16_zero();
    V16_EACH(n, v16 term = v16_exp(v16_sub(v16_get(x + i, count), m));
             if (e) v16_put(e + i, term, count);
             sum = v16_add(sum, v16_keep(term, count)));
    return v16_fold_add(sum);
}

void THOR_K(softmax)(float *p, const float *x, int64_t n, float *largest, float *log_sum)
{
    float m = THOR_K(largest)(x, n), s = sum_of_exponentials(p, x, m, n);
    const v16 sum = v16_set1(s);
    V16_EACH(n, v16_put(p + i, v16_div(v16_get(p + i, count), sum), count));
    if (largest)
        *largest = m;
    if (log_sum)
        *log_sum = first_lane(v16_log(sum));
}

void THOR_K(softmax_backward)(float *dx, const float *dp, const float *p, int64_t n)
{
    const v16 d = v16_set1(THOR_K(sum_products)(dp, p, n));
    V16_EACH(n, v16_put(dx + i, v16_mul(v16_get(p + i, count), v16_sub(v16_get(dp + i, count), d)), count));
}

/* lanes(log(s) - (z - m)), the sum of -log p over the row. */
static float sum_of_negative_logs(const float *z, float largest, float log_sum, int64_t n)
{
    const v16 m = v16_set1(largest), log_s = v16_set1(log_sum);
    v16 sum = v16_zero();
    V16_EACH(n, v16 log_p = v16_sub(v16_sub(v16_get(z + i, count), m), log_s);
             sum = v16_add(sum, v16_keep(v16_negate(log_p), count)));
    return v16_fold_add(sum);
}

/* That sum, and in the same pass z = (exp(z - m) / s - spread) * weight. */
static float smooth_gradient(float *z, float largest, float s, float log_sum, float spread, float weight, int64_t n)
{
    const v16 m = v16_set1(largest), log_s = v16_set1(log_sum), divisor = v16_set1(s), others = v16_set1(spread);
    const v16 factor = v16_set1(weight);
    v16 sum = v16_zero();
    V16_EACH(n, v16 x = v16_sub(v16_get(z + i, count), m);
             sum = v16_add(sum, v16_keep(v16_negate(v16_sub(x, log_s)), count));
             v16_put(z + i, v16_mul(v16_sub(v16_div(v16_exp(x), divisor), others), factor), count));
    return v16_fold_add(sum);
}

float THOR_K(cross_entropy)(float *z, int64_t n, int64_t label, float eps, float weight, float *smooth)
{
    float m = THOR_K(largest)(z, n), at_label = z[label] - m;
    bool in_place = weight != 0.0f && !smooth;
    float s = sum_of_exponentials(in_place ? z : NULL, z, m, n);
    float log_s = first_lane(v16_log(v16_set1(s)));
    float target = 1.0f - eps, spread = eps / (float)(n - 1);
    if (weight == 0.0f) {
        if (smooth)
            *smooth = sum_of_negative_logs(z, m, log_s, n);
        return log_s - at_label;
    }
    if (smooth) {
        *smooth = smooth_gradient(z, m, s, log_s, spread, weight, n);
    } else {
        const v16 sum = v16_set1(s), others = v16_set1(spread), factor = v16_set1(weight);
        V16_EACH(n, v16 e = v16_get(z + i, count);
                 v16_put(z + i, v16_mul(v16_sub(v16_div(e, sum), others), factor), count));
    }
    z[label] = (first_lane(v16_exp(v16_set1(at_label))) / s - target) * weight;
    return log_s - at_label;
}
