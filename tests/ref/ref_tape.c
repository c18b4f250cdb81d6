#include "ref_tape.h"

#include <math.h>
#include <stdlib.h>

#include "reference.h"

static ref_var push(ref_tape *tape, double value, ref_var a, double slope_a, ref_var b, double slope_b)
{
    if (tape->count == tape->room) {
        tape->room = tape->room ? 2 * tape->room : 4096;
        tape->nodes = realloc(tape->nodes, (size_t)tape->room * sizeof *tape->nodes);
        if (!tape->nodes)
            ref_die("no memory for a tape");
    }
    tape->nodes[tape->count] = (ref_node){ value, 0, { a, b }, { slope_a, slope_b } };
    return tape->count++;
}

void ref_tape_start(ref_tape *tape)
{
    tape->count = 0;
    push(tape, 0, REF_ZERO, 0, REF_ZERO, 0);
}

void ref_tape_free(ref_tape *tape)
{
    free(tape->nodes);
    *tape = (ref_tape){ 0 };
}

ref_var ref_leaf(ref_tape *tape, double value)
{
    return push(tape, value, REF_ZERO, 0, REF_ZERO, 0);
}

double ref_value_of(const ref_tape *tape, ref_var a)
{
    return tape->nodes[a].value;
}

#define VALUE(a) (tape->nodes[a].value)

ref_var ref_add(ref_tape *tape, ref_var a, ref_var b)
{
    return push(tape, VALUE(a) + VALUE(b), a, 1, b, 1);
}

ref_var ref_subtract(ref_tape *tape, ref_var a, ref_var b)
{
    return push(tape, VALUE(a) - VALUE(b), a, 1, b, -1);
}

ref_var ref_multiply(ref_tape *tape, ref_var a, ref_var b)
{
    return push(tape, VALUE(a) * VALUE(b), a, VALUE(b), b, VALUE(a));
}

ref_var ref_divide(ref_tape *tape, ref_var a, ref_var b)
{
    double quotient = VALUE(a) / VALUE(b);
    return push(tape, quotient, a, 1 / VALUE(b), b, -quotient / VALUE(b));
}

ref_var ref_scale(ref_tape *tape, ref_var a, double s)
{
    return push(tape, VALUE(a) * s, a, s, REF_ZERO, 0);
}

ref_var ref_exp(ref_tape *tape, ref_var a)
{
    double e = exp(VALUE(a));
    return push(tape, e, a, e, REF_ZERO, 0);
}

ref_var ref_log(ref_tape *tape, ref_var a)
{
    return push(tape, log(VALUE(a)), a, 1 / VALUE(a), REF_ZERO, 0);
}

ref_var ref_root(ref_tape *tape, ref_var a)
{
    double root = sqrt(VALUE(a));
    return push(tape, root, a, 0.5 / root, REF_ZERO, 0);
}

ref_var ref_erf(ref_tape *tape, ref_var a)
{
    return push(tape, erf(VALUE(a)), a, 2 / sqrt(acos(-1)) * exp(-VALUE(a) * VALUE(a)), REF_ZERO, 0);
}

ref_var ref_size(ref_tape *tape, ref_var a)
{
    return push(tape, fabs(VALUE(a)), a, VALUE(a) > 0 ? 1 : VALUE(a) < 0 ? -1 : 0, REF_ZERO, 0);
}

ref_var ref_open(ref_tape *tape, ref_var a)
{
    return VALUE(a) > 0 ? ref_scale(tape, a, 1) : ref_scale(tape, a, 0);
}

ref_var ref_dot(ref_tape *tape, const ref_var *a, int64_t a_step, const ref_var *b, int64_t b_step, int64_t n)
{
    ref_var sum = REF_ZERO;
    for (int64_t i = 0; i < n; i++)
        sum = ref_add(tape, sum, ref_multiply(tape, a[i * a_step], b[i * b_step]));
    return sum;
}

void ref_soft(ref_tape *tape, ref_var *p, const ref_var *z, int64_t n)
{
    ref_var sum = REF_ZERO;
    for (int64_t i = 0; i < n; i++)
        if ((p[i] = z[i]) != REF_ZERO)
            sum = ref_add(tape, sum, p[i] = ref_exp(tape, z[i]));
    for (int64_t i = 0; i < n; i++)
        if (p[i] != REF_ZERO)
            p[i] = ref_divide(tape, p[i], sum);
}

void ref_tape_back(ref_tape *tape, const ref_var *y, const float *seed, int64_t n)
{
    for (int64_t i = 0; i < tape->count; i++)
        tape->nodes[i].gradient = 0;
    for (int64_t i = 0; i < n; i++)
        tape->nodes[y[i]].gradient += (double)seed[i];
    for (int64_t i = tape->count - 1; i > 0; i--)
        for (int side = 0; side < 2; side++)
            tape->nodes[tape->nodes[i].from[side]].gradient += tape->nodes[i].gradient * tape->nodes[i].slope[side];
}
