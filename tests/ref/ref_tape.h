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
/* max(a, 0) */
ref_var ref_open(ref_tape *tape, ref_var a);
/* sum of a[i*a_step] * b[i*b_step] */
ref_var ref_dot(ref_tape *tape, const ref_var *a, int64_t a_step, const ref_var *b, int64_t b_step, int64_t n);
/* p = softmax(z); places of z that are REF_ZERO take no part and get REF_ZERO. */
void ref_soft(ref_tape *tape, ref_var *p, const ref_var *z, int64_t n);

/* gradients of sum over i of seed[i] * y[i] */
void ref_tape_back(ref_tape *tape, const ref_var *y, const float *seed, int64_t n);

#endif
