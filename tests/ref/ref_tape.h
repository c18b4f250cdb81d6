/* Gradients without anybody's formula: a tape of scalars in double. Whoever computes a layer with these operations has
 * its gradient for nothing, and the layers' hand-written backward passes are judged by it. */
#ifndef REF_TAPE_H
#define REF_TAPE_H

#include <stdint.h>

typedef int64_t ref_var;        /* place on the tape; REF_ZERO is the constant 0 */
enum { REF_ZERO = 0 };

typedef struct ref_node {
    double value, gradient;
    ref_var from[2];            /* what it was computed from, REF_ZERO where there is nothing */
    double slope[2];            /* d value / d from */
} ref_node;

typedef struct ref_tape {
    ref_node *nodes;
    int64_t count, room;
} ref_tape;

/* Forgets everything and keeps the memory. */
void ref_tape_start(ref_tape *tape);
void ref_tape_free(ref_tape *tape);

ref_var ref_leaf(ref_tape *tape, double value);
double ref_value_of(const ref_tape *tape, ref_var a);

ref_var ref_add(ref_tape *tape, ref_var a, ref_var b);
ref_var ref_subtract(ref_tape *tape, ref_var a, ref_var b);
ref_var ref_multiply(ref_tape *tape, ref_var a, ref_var b);
ref_var ref_divide(ref_tape *tape, ref_var a, ref_var b);
ref_var ref_scale(ref_tape *tape, ref_var a, double s);
ref_var ref_exp(ref_tape *tape, ref_var a);
ref_var ref_log(ref_tape *tape, ref_var a);
ref_var ref_root(ref_tape *tape, ref_var a);
ref_var ref_erf(ref_tape *tape, ref_var a);
/* |a|, with the slope 0 at 0 */
ref_var ref_size(ref_tape *tape, ref_var a);
/* max(a, 0) */
ref_var ref_open(ref_tape *tape, ref_var a);
/* sum of a[i*a_step] * b[i*b_step] */
ref_var ref_dot(ref_tape *tape, const ref_var *a, int64_t a_step, const ref_var *b, int64_t b_step, int64_t n);
/* p = softmax(z); places of z that are REF_ZERO take no part and get REF_ZERO. */
void ref_soft(ref_tape *tape, ref_var *p, const ref_var *z, int64_t n);

/* --- parts of the systems (ref_tape_systems.c), rows [n,d] --- */

/* 1 / (1 + e^-a) */
ref_var ref_sigmoid(ref_tape *tape, ref_var a);
/* x * 0.5 * (1 + erf(x / sqrt 2)) */
ref_var ref_gelu(ref_tape *tape, ref_var x);
/* t = LN(W2 gelu(W1 e + b1) + b2) of n languages; the parameters in this order, norm's weight and bias last */
void ref_language_tape(ref_tape *tape, ref_var *t, const ref_var *e, const ref_var *const parameters[6], int64_t n,
                       int64_t d);
/* L_family of n languages with logits l[n,experts] and families as ref_families numbers them. */
ref_var ref_family_tape(ref_tape *tape, const ref_var *l, const int64_t *family, int64_t n, int64_t experts);
/* cmr: y = (1 - q) s + q m, q[rows] = sigmoid(z);  softmax: y = w_0 m + w_1 s, w[rows,2] = softmax(z) */
void ref_blend_cmr_tape(ref_tape *tape, ref_var *y, ref_var *q, const ref_var *z, const ref_var *s, const ref_var *m,
                        int64_t rows, int64_t d);
void ref_blend_softmax_tape(ref_tape *tape, ref_var *y, ref_var *w, const ref_var *z, const ref_var *s,
                            const ref_var *m, int64_t rows, int64_t d);
/* |mean q - budget| */
ref_var ref_budget_tape(ref_tape *tape, const ref_var *q, int64_t rows, double budget);

/* gradients of sum over i of seed[i] * y[i] */
void ref_tape_back(ref_tape *tape, const ref_var *y, const float *seed, int64_t n);

#endif
