/* Parts of the systems on the tape, from thor-model(7). */
#include <math.h>
#include <stdlib.h>

#include "ref_parts.h"
#include "ref_tape.h"

ref_var ref_sigmoid(ref_tape *tape, ref_var a)
{
    ref_var one = ref_leaf(tape, 1);
    return ref_divide(tape, one, ref_add(tape, one, ref_exp(tape, ref_scale(tape, a, -1))));
}

ref_var ref_gelu(ref_tape *tape, ref_var x)
{
    ref_var wave = ref_erf(tape, ref_scale(tape, x, 1 / (double)(float)sqrt(2)));
    return ref_multiply(tape, ref_scale(tape, x, 0.5), ref_add(tape, ref_leaf(tape, 1), wave));
}

/* y[i] = dot(row i of W, x) + b[i] */
static void linear(ref_tape *tape, ref_var *y, const ref_var *x, const ref_var *W, const ref_var *b, int64_t d)
{
    for (int64_t i = 0; i < d; i++)
        y[i] = ref_add(tape, ref_dot(tape, x, 1, W + i * d, 1, d), b[i]);
}

static void layer_norm(ref_tape *tape, ref_var *y, const ref_var *x, const ref_var *weight, const ref_var *bias,
                       int64_t d)
{
    ref_var mean = REF_ZERO;
    for (int64_t i = 0; i < d; i++)
        mean = ref_add(tape, mean, ref_scale(tape, x[i], 1 / (double)d));
    for (int64_t i = 0; i < d; i++)
        y[i] = ref_subtract(tape, x[i], mean);
    ref_var variance = ref_scale(tape, ref_dot(tape, y, 1, y, 1, d), 1 / (double)d);
    ref_var root = ref_root(tape, ref_add(tape, variance, ref_leaf(tape, 1e-5)));
    for (int64_t i = 0; i < d; i++)
        y[i] = ref_add(tape, ref_multiply(tape, ref_divide(tape, y[i], root), weight[i]), bias[i]);
}

void ref_language_tape(ref_tape *tape, ref_var *t, const ref_var *e, const ref_var *const parameters[6], int64_t n,
                       int64_t d)
{
    ref_var *hidden = ref_alloc(2 * d, sizeof *hidden), *sum = hidden + d;
    for (int64_t i = 0; i < n; i++) {
        linear(tape, hidden, e + i * d, parameters[0], parameters[1], d);
        for (int64_t k = 0; k < d; k++)
            hidden[k] = ref_gelu(tape, hidden[k]);
        linear(tape, sum, hidden, parameters[2], parameters[3], d);
        layer_norm(tape, t + i * d, sum, parameters[4], parameters[5], d);
    }
    free(hidden);
}

/* v[i] = l[i] / |l[i]| */
static void directions(ref_tape *tape, ref_var *v, const ref_var *l, int64_t n, int64_t experts)
{
    for (int64_t i = 0; i < n; i++) {
        ref_var square = ref_dot(tape, l + i * experts, 1, l + i * experts, 1, experts);
        bool any = ref_value_of(tape, square) > 0;
        ref_var length = any ? ref_root(tape, square) : REF_ZERO;
        for (int64_t e = i * experts; e < (i + 1) * experts; e++)
            v[e] = any ? ref_divide(tape, l[e], length) : REF_ZERO;
    }
}

/* The mean of 1 - s over the pairs with counted = 1 and that of s over those with -1. */
static ref_var mean_of_pairs(ref_tape *tape, const ref_var *s, const double *counted, int64_t pairs)
{
    ref_var sum[2] = { REF_ZERO, REF_ZERO };
    double number[2] = { 0, 0 };
    for (int64_t i = 0; i < pairs; i++) {
        if (counted[i] == 0)
            continue;
        int negative = counted[i] < 0;
        sum[negative] = ref_add(tape, sum[negative], negative ? s[i] : ref_subtract(tape, ref_leaf(tape, 1), s[i]));
        number[negative]++;
    }
    return ref_add(tape, ref_scale(tape, sum[0], 1 / fmax(number[0], 1)),
                   ref_scale(tape, sum[1], 1 / fmax(number[1], 1)));
}

ref_var ref_family_tape(ref_tape *tape, const ref_var *l, const int64_t *family, int64_t n, int64_t experts)
{
    ref_var *v = ref_alloc(n * experts, sizeof *v), *s = ref_alloc(n * n, sizeof *s);
    double *cosine = ref_alloc(n * n, sizeof *cosine), *counted = ref_alloc(n * n, sizeof *counted);
    directions(tape, v, l, n, experts);
    for (int64_t i = 0; i < n * n; i++) {
        s[i] = ref_dot(tape, v + i / n * experts, 1, v + i % n * experts, 1, experts);
        cosine[i] = ref_value_of(tape, s[i]);
    }
    ref_count_pairs(counted, cosine, family, n);
    ref_var loss = mean_of_pairs(tape, s, counted, n * n);
    free(v);
    free(s);
    free(cosine);
    free(counted);
    return loss;
}

static ref_var two_products(ref_tape *tape, ref_var a, ref_var x, ref_var b, ref_var y)
{
    return ref_add(tape, ref_multiply(tape, a, x), ref_multiply(tape, b, y));
}

void ref_blend_cmr_tape(ref_tape *tape, ref_var *y, ref_var *q, const ref_var *z, const ref_var *s, const ref_var *m,
                        int64_t rows, int64_t d)
{
    ref_var one = ref_leaf(tape, 1);
    for (int64_t i = 0; i < rows * d; i++) {
        if (i % d == 0)
            q[i / d] = ref_sigmoid(tape, z[i / d]);
        y[i] = two_products(tape, ref_subtract(tape, one, q[i / d]), s[i], q[i / d], m[i]);
    }
}

void ref_blend_softmax_tape(ref_tape *tape, ref_var *y, ref_var *w, const ref_var *z, const ref_var *s,
                            const ref_var *m, int64_t rows, int64_t d)
{
    for (int64_t i = 0; i < rows * d; i++) {
        ref_var *pair = w + 2 * (i / d);
        if (i % d == 0)
            ref_soft(tape, pair, z + 2 * (i / d), 2);
        y[i] = two_products(tape, pair[0], m[i], pair[1], s[i]);
    }
}

ref_var ref_budget_tape(ref_tape *tape, const ref_var *q, int64_t rows, double budget)
{
    ref_var mean = REF_ZERO;
    for (int64_t row = 0; row < rows; row++)
        mean = ref_add(tape, mean, ref_scale(tape, q[row], 1 / (double)rows));
    return ref_size(tape, ref_subtract(tape, mean, ref_leaf(tape, budget)));
}
