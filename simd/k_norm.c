/* Layer normalisation of one row (Ba, Kiros and Hinton 2016). */
#include <math.h>

#include "simd/isa.h"

void THOR_K(layer_norm)(float *y, float *normal, float *rstd, const float *x, const float *gain, const float *bias,
                        float eps, int64_t n)
{
    v16 sum = v16_zero(), squares = v16_zero();
    V16_EACH(n, sum = v16_add(sum, v16_get(x + i, count)));
    const v16 mean = v16_set1(v16_fold_add(sum) / (float)n);
    V16_EACH(n, v16 centred = v16_keep(v16_sub(v16_get(x + i, count), mean), count);
             squares = v16_add(squares, v16_mul(centred, centred)));
    float inverse = 1.0f / sqrtf(v16_fold_add(squares) / (float)n + eps);
    const v16 factor = v16_set1(inverse);
    V16_EACH(n, v16 unit = v16_mul(v16_sub(v16_get(x + i, count), mean), factor);
             if (normal) v16_put(normal + i, unit, count);
             v16_put(y + i, v16_add(v16_mul(unit, v16_get(gain + i, count)), v16_get(bias + i, count)), count));
    *rstd = inverse;
}

static inline void norm_backward(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                 int64_t n, bool add)
{
    v16 sum = v16_zero(), products = v16_zero();
    V16_EACH(n, v16 g = v16_mul(v16_get(dy + i, count), v16_get(gain + i, count));
             sum = v16_add(sum, g);
             products = v16_add(products, v16_mul(g, v16_get(normal + i, count))));
    const v16 m1 = v16_set1(v16_fold_add(sum) / (float)n), m2 = v16_set1(v16_fold_add(products) / (float)n);
    const v16 factor = v16_set1(rstd);
    V16_EACH(n, v16 g = v16_mul(v16_get(dy + i, count), v16_get(gain + i, count));
             v16 along = v16_mul(v16_get(normal + i, count), m2);
             v16 d = v16_mul(v16_sub(v16_sub(g, m1), along), factor);
             v16_put(dx + i, add ? v16_add(v16_get(dx + i, count), d) : d, count));
}

void THOR_K(layer_norm_backward)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                 int64_t n)
{
    norm_backward(dx, dy, normal, rstd, gain, n, false);
}

void THOR_K(layer_norm_backward_add)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                     int64_t n)
{
    norm_backward(dx, dy, normal, rstd, gain, n, true);
}
