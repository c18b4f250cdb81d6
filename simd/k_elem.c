/* Element-by-element kernels (kernels.h has the formulas). */
#include "simd/isa.h"
#include "simd/vmath.h"

void THOR_K(add)(float *y, const float *a, const float *b, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_add(v16_get(a + i, count), v16_get(b + i, count)), count));
}

void THOR_K(subtract)(float *y, const float *a, const float *b, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_sub(v16_get(a + i, count), v16_get(b + i, count)), count));
}

void THOR_K(multiply)(float *y, const float *a, const float *b, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_mul(v16_get(a + i, count), v16_get(b + i, count)), count));
}

void THOR_K(scale)(float *y, const float *a, float s, int64_t n)
{
    const v16 factor = v16_set1(s);
    V16_EACH(n, v16_put(y + i, v16_mul(v16_get(a + i, count), factor), count));
}

void THOR_K(divide)(float *y, const float *a, float s, int64_t n)
{
    const v16 divisor = v16_set1(s);
    V16_EACH(n, v16_put(y + i, v16_div(v16_get(a + i, count), divisor), count));
}

void THOR_K(add_scaled)(float *y, const float *a, float s, int64_t n)
{
    const v16 factor = v16_set1(s);
    V16_EACH(n, v16_put(y + i, v16_add(v16_get(y + i, count), v16_mul(v16_get(a + i, count), factor)), count));
}

void THOR_K(add_product)(float *y, const float *a, const float *b, int64_t n)
{
    V16_EACH(n, v16 product = v16_mul(v16_get(a + i, count), v16_get(b + i, count));
             v16_put(y + i, v16_add(v16_get(y + i, count), product), count));
}

void THOR_K(maximum)(float *y, const float *a, int32_t *from, int32_t row, int64_t n)
{
    const i16 this_row = i16_set1((uint32_t)row);
    V16_EACH(n, v16 old = v16_get(y + i, count), new = v16_get(a + i, count);
             m16 greater = v16_less(old, new);
             v16_put(y + i, v16_select(greater, new, old), count);
             i16_store_part(from + i, i16_select(greater, this_row, i16_load_part(from + i, count)), count));
}

void THOR_K(relu)(float *y, const float *a, int64_t n)
{
    const v16 zero = v16_zero();
    V16_EACH(n, v16 x = v16_get(a + i, count); v16_put(y + i, v16_select(v16_less(zero, x), x, zero), count));
}

void THOR_K(relu_backward)(float *dx, const float *dy, const float *y, int64_t n)
{
    const v16 zero = v16_zero();
    V16_EACH(n, m16 positive = v16_less(zero, v16_get(y + i, count));
             v16_put(dx + i, v16_select(positive, v16_get(dy + i, count), zero), count));
}

void THOR_K(exp)(float *y, const float *a, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_exp(v16_get(a + i, count)), count));
}

void THOR_K(log)(float *y, const float *a, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_log(v16_get(a + i, count)), count));
}

void THOR_K(sigmoid)(float *y, const float *a, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_sigmoid(v16_get(a + i, count)), count));
}

void THOR_K(tanh)(float *y, const float *a, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_tanh(v16_get(a + i, count)), count));
}

void THOR_K(erf)(float *y, const float *a, int64_t n)
{
    V16_EACH(n, v16_put(y + i, v16_erf(v16_get(a + i, count)), count));
}

void THOR_K(sigmoid_backward)(float *dx, const float *dy, const float *y, int64_t n)
{
    const v16 one = v16_set1(1.0f);
    V16_EACH(n, v16 value = v16_get(y + i, count);
             v16_put(dx + i, v16_mul(v16_mul(v16_get(dy + i, count), value), v16_sub(one, value)), count));
}

void THOR_K(interpolate)(float *u, const float *gate, const float *x, const float *c, int64_t n)
{
    const v16 one = v16_set1(1.0f);
    V16_EACH(n, v16 g = v16_get(gate + i, count);
             v16 kept = v16_mul(g, v16_get(x + i, count)), other = v16_mul(v16_sub(one, g), v16_get(c + i, count));
             v16_put(u + i, v16_add(kept, other), count));
}

void THOR_K(interpolate_backward)(float *dgate, float *dx, float *dc, const float *du, const float *gate,
                                  const float *x, const float *c, int64_t n)
{
    const v16 one = v16_set1(1.0f);
    V16_EACH(n, v16 d = v16_get(du + i, count), g = v16_get(gate + i, count);
             v16 difference = v16_sub(v16_get(x + i, count), v16_get(c + i, count));
             v16_put(dgate + i, v16_mul(d, difference), count);
             v16_put(dx + i, v16_mul(d, g), count);
             v16_put(dc + i, v16_mul(d, v16_sub(one, g)), count));
}
