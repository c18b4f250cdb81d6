#include "tests/simd/cases.h"

#include <math.h>
#include <string.h>

#define A(i) ((double)o->in[0][i])
#define B(i) ((double)o->in[1][i])
#define C(i) ((double)o->in[2][i])
#define D(i) ((double)o->in[3][i])
#define EACH for (int64_t i = 0; i < o->n; i++)

static const float factor = 0.7f;
static const int64_t label_of_five = 5;
static void run_add(const thor_kernels *k, operands *o) { k->add(o->out[0], o->in[0], o->in[1], o->n); }
static void oracle_add(const operands *o, expected *e) { EACH e->out[0][i] = A(i) + B(i); }

static void run_subtract(const thor_kernels *k, operands *o) { k->subtract(o->out[0], o->in[0], o->in[1], o->n); }
static void oracle_subtract(const operands *o, expected *e) { EACH e->out[0][i] = A(i) - B(i); }

static void run_multiply(const thor_kernels *k, operands *o) { k->multiply(o->out[0], o->in[0], o->in[1], o->n); }
static void oracle_multiply(const operands *o, expected *e) { EACH e->out[0][i] = A(i) * B(i); }

static void run_scale(const thor_kernels *k, operands *o) { k->scale(o->out[0], o->in[0], factor, o->n); }
static void oracle_scale(const operands *o, expected *e) { EACH e->out[0][i] = A(i) * (double)factor; }

static void run_divide(const thor_kernels *k, operands *o) { k->divide(o->out[0], o->in[0], factor, o->n); }
static void oracle_divide(const operands *o, expected *e) { EACH e->out[0][i] = A(i) / (double)factor; }

static void run_add_scaled(const thor_kernels *k, operands *o) { k->add_scaled(o->out[0], o->in[0], factor, o->n); }
static void oracle_add_scaled(const operands *o, expected *e)
{
    EACH e->out[0][i] = (double)o->out[0][i] + (double)(o->in[0][i] * factor);
}

static void run_add_product(const thor_kernels *k, operands *o) { k->add_product(o->out[0], o->in[0], o->in[1], o->n); }
static void oracle_add_product(const operands *o, expected *e)
{
    EACH e->out[0][i] = (double)o->out[0][i] + (double)(o->in[0][i] * o->in[1][i]);
}

static void run_relu(const thor_kernels *k, operands *o) { k->relu(o->out[0], o->in[0], o->n); }
static void oracle_relu(const operands *o, expected *e) { EACH e->out[0][i] = A(i) > 0 ? A(i) : 0; }

static void run_relu_backward(const thor_kernels *k, operands *o)
{
    k->relu_backward(o->out[0], o->in[0], o->in[1], o->n);
}
static void oracle_relu_backward(const operands *o, expected *e) { EACH e->out[0][i] = B(i) > 0 ? A(i) : 0; }

static void run_exp(const thor_kernels *k, operands *o) { k->exp(o->out[0], o->in[0], o->n); }
static void oracle_exp(const operands *o, expected *e) { EACH e->out[0][i] = exp(A(i)); }

static void run_log(const thor_kernels *k, operands *o) { k->log(o->out[0], o->in[0], o->n); }
static void oracle_log(const operands *o, expected *e) { EACH e->out[0][i] = log(A(i)); }

static void run_sigmoid(const thor_kernels *k, operands *o) { k->sigmoid(o->out[0], o->in[0], o->n); }
static void oracle_sigmoid(const operands *o, expected *e) { EACH e->out[0][i] = 1 / (1 + exp(-A(i))); }

static void run_tanh(const thor_kernels *k, operands *o) { k->tanh(o->out[0], o->in[0], o->n); }
static void oracle_tanh(const operands *o, expected *e) { EACH e->out[0][i] = tanh(A(i)); }

static void run_sigmoid_backward(const thor_kernels *k, operands *o)
{
    k->sigmoid_backward(o->out[0], o->in[0], o->in[1], o->n);
}
static void oracle_sigmoid_backward(const operands *o, expected *e) { EACH e->out[0][i] = A(i) * B(i) * (1 - B(i)); }

static void run_interpolate(const thor_kernels *k, operands *o)
{
    k->interpolate(o->out[0], o->in[0], o->in[1], o->in[2], o->n);
}
static void oracle_interpolate(const operands *o, expected *e) { EACH e->out[0][i] = A(i) * B(i) + (1 - A(i)) * C(i); }

static void run_dropout_apply(const thor_kernels *k, operands *o)
{
    k->dropout_apply(o->out[0], o->in[0], o->keep, factor, o->n);
}
static void oracle_dropout_apply(const operands *o, expected *e)
{
    EACH e->out[0][i] = o->keep[i] ? A(i) * (double)factor : 0;
}

static void run_dropout_add(const thor_kernels *k, operands *o)
{
    k->dropout_add(o->out[0], o->in[0], o->in[1], o->keep, factor, o->n);
}
static void oracle_dropout_add(const operands *o, expected *e)
{
    EACH e->out[0][i] = A(i) + (o->keep[i] ? (double)(o->in[1][i] * factor) : 0);
}

static void run_interpolate_backward(const thor_kernels *k, operands *o)
{
    k->interpolate_backward(o->out[0], o->out[1], o->out[2], o->in[0], o->in[1], o->in[2], o->in[3], o->n);
}

static void oracle_interpolate_backward(const operands *o, expected *e)
{
    EACH {
        e->out[0][i] = A(i) * (C(i) - D(i));
        e->out[1][i] = A(i) * B(i);
        e->out[2][i] = A(i) * (1 - B(i));
    }
}

static void run_maximum(const thor_kernels *k, operands *o) { k->maximum(o->out[0], o->in[0], o->rows, 7, o->n); }

static void oracle_maximum(const operands *o, expected *e)
{
    EACH e->out[0][i] = A(i) > (double)o->out[0][i] ? A(i) : (double)o->out[0][i];
}

static void run_dropout_mask(const thor_kernels *k, operands *o)
{
    thor_dropout_rule rule = { .rng = { { 1, 2 }, 3, 4, 5 }, .p = 0.3f, .scale = 1.0f };
    k->dropout_mask(o->mask, &rule, (uint64_t)(1000 + o->n % 7), o->n);
}

static void oracle_dropout_mask(const operands *o, expected *e) { (void)o; (void)e; }

static void run_sums(const thor_kernels *k, operands *o)
{
    o->scalar[0] = k->sum(o->in[0], o->n);
    o->scalar[1] = k->sum_squares(o->in[0], o->n);
    o->scalar[2] = k->sum_products(o->in[0], o->in[1], o->n);
}

static void oracle_sums(const operands *o, expected *e)
{
    EACH {
        e->scalar[0] += A(i);
        e->scalar[1] += A(i) * A(i);
        e->scalar[2] += A(i) * B(i);
    }
}

static void run_maxima(const thor_kernels *k, operands *o)
{
    o->scalar[0] = k->largest(o->in[0], o->n);
    o->index = k->argmax(o->in[0], o->n);
}

static void oracle_maxima(const operands *o, expected *e)
{
    e->scalar[0] = -(double)INFINITY;
    e->index = o->n ? 0 : -1;
    EACH if (A(i) > e->scalar[0]) {
        e->scalar[0] = A(i);
        e->index = i;
    }
}

static void run_sum_rows(const thor_kernels *k, operands *o)
{
    k->sum_rows(o->out[0], o->block[0], ROWS, o->n, o->n, false);
    k->sum_rows(o->out[1], o->block[0], ROWS, o->n, o->n, true);
    k->sum_row_products(o->out[2], o->block[0], o->block[1], ROWS, o->n, o->n, true);
}

static void oracle_sum_rows(const operands *o, expected *e)
{
    EACH {
        e->out[0][i] = 0;
        e->out[1][i] = (double)o->out[1][i];
        e->out[2][i] = (double)o->out[2][i];
        for (int64_t r = 0; r < ROWS; r++) {
            double x = (double)o->block[0][r * o->n + i];
            e->out[0][i] += x;
            e->out[1][i] += x;
            e->out[2][i] += x * (double)o->block[1][r * o->n + i];
        }
    }
}

static void run_layer_norm(const thor_kernels *k, operands *o)
{
    k->layer_norm(o->out[0], o->out[1], &o->scalar[0], o->in[0], o->in[1], o->in[2], 1e-5f, o->n);
}

static void oracle_layer_norm(const operands *o, expected *e)
{
    double mean = 0, variance = 0;
    EACH mean += A(i) / (double)o->n;
    EACH variance += (A(i) - mean) * (A(i) - mean) / (double)o->n;
    e->scalar[0] = 1 / sqrt(variance + 1e-5);
    EACH {
        e->out[1][i] = (A(i) - mean) * e->scalar[0];
        e->out[0][i] = e->out[1][i] * B(i) + C(i);
    }
}

static void run_layer_norm_alone(const thor_kernels *k, operands *o)
{
    k->layer_norm(o->out[0], NULL, &o->scalar[0], o->out[0], o->in[1], o->in[2], 1e-5f, o->n);
}

static void run_layer_norm_backward(const thor_kernels *k, operands *o)
{
    k->layer_norm_backward(o->out[0], o->in[0], o->in[1], 1.5f, o->in[2], o->n);
}

static void oracle_layer_norm_backward(const operands *o, expected *e)
{
    double m1 = 0, m2 = 0;
    EACH {
        m1 += A(i) * C(i) / (double)o->n;
        m2 += A(i) * C(i) * B(i) / (double)o->n;
    }
    EACH e->out[0][i] = (A(i) * C(i) - m1 - B(i) * m2) * 1.5;
}

static void run_layer_norm_backward_add(const thor_kernels *k, operands *o)
{
    k->layer_norm_backward_add(o->out[0], o->in[0], o->in[1], 1.5f, o->in[2], o->n);
}

static void oracle_layer_norm_backward_add(const operands *o, expected *e)
{
    oracle_layer_norm_backward(o, e);
    EACH e->out[0][i] += (double)o->out[0][i];
}

static void run_layer_norm_backward_in_place(const thor_kernels *k, operands *o)
{
    if (o->n > 0)
        memcpy(o->out[0], o->in[0], (size_t)o->n * sizeof(float));
    k->layer_norm_backward(o->out[0], o->out[0], o->in[1], 1.5f, o->in[2], o->n);
}

/* A stride of 0 runs twice over the same row, so that the order of rows shows in both outputs. */
static void run_relu_backward_sum(const thor_kernels *k, operands *o)
{
    k->relu_backward_sum(o->out[0], o->out[1], o->in[1], 1.25f, 2, 0, o->n);
}

static void oracle_relu_backward_sum(const operands *o, expected *e)
{
    EACH {
        double once = B(i) > 0 ? (double)o->out[1][i] * 1.25 : 0, twice = B(i) > 0 ? (double)(float)once * 1.25 : 0;
        e->out[0][i] = once + twice;
        e->out[1][i] = twice;
    }
}

static void run_softmax(const thor_kernels *k, operands *o)
{
    k->softmax(o->out[0], o->in[0], o->n, &o->scalar[0], &o->scalar[1]);
}

static double log_of_sum(const operands *o, double *largest)
{
    double sum = 0;
    *largest = -(double)INFINITY;
    EACH *largest = A(i) > *largest ? A(i) : *largest;
    EACH sum += exp(A(i) - *largest);
    return log(sum);
}

static void oracle_softmax(const operands *o, expected *e)
{
    e->scalar[1] = log_of_sum(o, &e->scalar[0]);
    EACH e->out[0][i] = exp(A(i) - e->scalar[0] - e->scalar[1]);
}

static void run_softmax_backward(const thor_kernels *k, operands *o)
{
    k->softmax_backward(o->out[0], o->in[0], o->in[1], o->n);
}

static void oracle_softmax_backward(const operands *o, expected *e)
{
    double d = 0;
    EACH d += A(i) * B(i);
    EACH e->out[0][i] = B(i) * (A(i) - d);
}

static void run_cross_entropy(const thor_kernels *k, operands *o)
{
    for (int form = 0; form < 3; form++)
        memcpy(o->out[form], o->in[0], (size_t)o->n * sizeof(float));
    int64_t label = label_of_five % o->n;
    o->scalar[0] = k->cross_entropy(o->out[0], o->n, label, 0.0f, 0.5f, NULL);
    o->scalar[1] = k->cross_entropy(o->out[1], o->n, label, 0.1f, 0.5f, &o->scalar[2]);
    k->cross_entropy(o->out[2], o->n, label, 0.1f, 0.0f, NULL);
}

static void oracle_cross_entropy(const operands *o, expected *e)
{
    double largest, log_sum = log_of_sum(o, &largest);
    int64_t label = label_of_five % o->n;
    e->scalar[0] = e->scalar[1] = log_sum - (A(label) - largest);
    EACH {
        double log_p = A(i) - largest - log_sum, p = exp(log_p);
        e->out[0][i] = (p - (i == label ? 1 : 0)) * 0.5;
        e->out[1][i] = (p - (i == label ? 0.9 : 0.1 / (double)(o->n - 1))) * 0.5;
        e->out[2][i] = A(i);
        e->scalar[2] -= log_p;
    }
}

static const thor_adam_scalars adam = { 0.9f, 0.1f, 0.98f, 0.02f, 1e-9f, 0.01f, 0.5f, 0.999f };

/* The second moment is a square: never negative. */
static void run_adam(const thor_kernels *k, operands *o)
{
    EACH o->out[2][i] = o->out[2][i] * o->out[2][i];
    k->adam(o->out[0], o->out[1], o->out[2], o->in[0], &adam, o->n);
}

static void oracle_adam(const operands *o, expected *e)
{
    EACH {
        double g = A(i) * 0.5, v = (double)(o->out[2][i] * o->out[2][i]);
        e->out[1][i] = (double)adam.beta1 * (double)o->out[1][i] + (double)adam.one_minus_beta1 * g;
        e->out[2][i] = (double)adam.beta2 * v + (double)adam.one_minus_beta2 * g * g;
        e->out[0][i] = (double)o->out[0][i] * (double)adam.decay
                       - (double)adam.step_size * e->out[1][i] / (sqrt(e->out[2][i]) + (double)adam.eps);
    }
}

static void run_in_place_0(const thor_kernels *k, operands *o) { k->add(o->out[0], o->out[0], o->in[0], o->n); }
static void run_in_place_1(const thor_kernels *k, operands *o) { k->add(o->out[0], o->in[0], o->out[0], o->n); }
static void run_in_place_2(const thor_kernels *k, operands *o) { k->multiply(o->out[0], o->out[0], o->out[0], o->n); }
static void run_in_place_3(const thor_kernels *k, operands *o) { k->relu(o->out[0], o->out[0], o->n); }
static void run_in_place_4(const thor_kernels *k, operands *o)
{
    k->relu_backward(o->out[0], o->out[0], o->in[0], o->n);
}
static void run_in_place_5(const thor_kernels *k, operands *o) { k->exp(o->out[0], o->out[0], o->n); }
static void run_in_place_6(const thor_kernels *k, operands *o)
{
    k->dropout_apply(o->out[0], o->out[0], o->keep, factor, o->n);
}
static void run_in_place_7(const thor_kernels *k, operands *o)
{
    k->dropout_add(o->out[0], o->out[0], o->in[0], o->keep, factor, o->n);
}
static void run_in_place_8(const thor_kernels *k, operands *o) { k->softmax(o->out[0], o->out[0], o->n, NULL, NULL); }
static void run_in_place_9(const thor_kernels *k, operands *o)
{
    k->softmax_backward(o->out[0], o->out[0], o->in[0], o->n);
}

const kernel_case kernel_cases[] = {
    { "add", run_add, oracle_add, 0, 0 },
    { "subtract", run_subtract, oracle_subtract, 0, 0 },
    { "multiply", run_multiply, oracle_multiply, 0, 0 },
    { "scale", run_scale, oracle_scale, 0, 0 },
    { "divide", run_divide, oracle_divide, 0, 0 },
    { "add_scaled", run_add_scaled, oracle_add_scaled, 0, 0 },
    { "add_product", run_add_product, oracle_add_product, 0, 0 },
    { "relu", run_relu, oracle_relu, 0, 0 },
    { "relu_backward", run_relu_backward, oracle_relu_backward, 0, 0 },
    { "exp", run_exp, oracle_exp, 1.5e-07, 0 },
    { "log", run_log, oracle_log, 1.5e-07, 0 },
    { "sigmoid", run_sigmoid, oracle_sigmoid, 2e-07, 0 },
    { "tanh", run_tanh, oracle_tanh, 2e-07, 0 },
    { "sigmoid_backward", run_sigmoid_backward, oracle_sigmoid_backward, 3e-07, 0 },
    { "interpolate", run_interpolate, oracle_interpolate, 3e-07, 0 },
    { "dropout_apply", run_dropout_apply, oracle_dropout_apply, 0, 0 },
    { "dropout_add", run_dropout_add, oracle_dropout_add, 0, 0 },
    { "interpolate_backward", run_interpolate_backward, oracle_interpolate_backward, 3e-07, 0 },
    { "maximum", run_maximum, oracle_maximum, 0, 0 },
    { "dropout_mask", run_dropout_mask, oracle_dropout_mask, 0, 0 },
    { "sum, sum_squares, sum_products", run_sums, oracle_sums, 1e-06, 0 },
    { "largest, argmax", run_maxima, oracle_maxima, 0, 0 },
    { "sum_rows, sum_row_products", run_sum_rows, oracle_sum_rows, 1e-06, 0 },
    { "layer_norm", run_layer_norm, oracle_layer_norm, 4e-06, 2 },
    { "layer_norm in place, nothing kept", run_layer_norm_alone, NULL, 0, 1 },
    { "layer_norm_backward", run_layer_norm_backward, oracle_layer_norm_backward, 2e-06, 1 },
    { "layer_norm_backward_add", run_layer_norm_backward_add, oracle_layer_norm_backward_add, 2e-06, 1 },
    { "layer_norm_backward in place", run_layer_norm_backward_in_place, NULL, 0, 1 },
    { "relu_backward_sum", run_relu_backward_sum, oracle_relu_backward_sum, 1e-06, 0 },
    { "softmax", run_softmax, oracle_softmax, 2e-06, 1 },
    { "softmax_backward", run_softmax_backward, oracle_softmax_backward, 2e-06, 0 },
    { "cross_entropy", run_cross_entropy, oracle_cross_entropy, 2e-06, 2 },
    { "adam", run_adam, oracle_adam, 2e-06, 0 },
    { "add in place", run_in_place_0, NULL, 0, 0 },
    { "add, the second in place", run_in_place_1, NULL, 0, 0 },
    { "multiply in place", run_in_place_2, NULL, 0, 0 },
    { "relu in place", run_in_place_3, NULL, 0, 0 },
    { "relu_backward in place", run_in_place_4, NULL, 0, 0 },
    { "exp in place", run_in_place_5, NULL, 0, 0 },
    { "dropout_apply in place", run_in_place_6, NULL, 0, 0 },
    { "dropout_add in place", run_in_place_7, NULL, 0, 0 },
    { "softmax in place", run_in_place_8, NULL, 0, 1 },
    { "softmax_backward in place", run_in_place_9, NULL, 0, 0 },
};

const int kernel_case_count = (int)(sizeof kernel_cases / sizeof *kernel_cases);
