/* One step of Adam (Kingma and Ba 2015) with clipping and decoupled decay, all in one pass. */
#include "simd/isa.h"

void THOR_K(adam)(float *p, float *m, float *v, const float *g, const thor_adam_scalars *s, int64_t n)
{
    const v16 beta1 = v16_set1(s->beta1), rest1 = v16_set1(s->one_minus_beta1), beta2 = v16_set1(s->beta2);
    const v16 rest2 = v16_set1(s->one_minus_beta2), eps = v16_set1(s->eps), size = v16_set1(s->step_size);
    const v16 clip = v16_set1(s->clip), decay = v16_set1(s->decay);
    V16_EACH(n, v16 gradient = v16_mul(v16_get(g + i, count), clip);
             v16 mean = v16_add(v16_mul(beta1, v16_get(m + i, count)), v16_mul(rest1, gradient));
             v16 square = v16_add(v16_mul(beta2, v16_get(v + i, count)), v16_mul(v16_mul(rest2, gradient), gradient));
             v16 step = v16_div(v16_mul(size, mean), v16_add(v16_sqrt(square), eps));
             v16_put(m + i, mean, count);
             v16_put(v + i, square, count);
             v16_put(p + i, v16_sub(v16_mul(v16_get(p + i, count), decay), step), count));
}
