/* Every kernel beside the matrix product: bytes a second, against the machine's own triad of the same size in the same
 * run, on arrays that the caches hold and on arrays that only memory holds. Bytes are those that a kernel has to read
 * and write once; element-by-element kernels run over whole arrays, the others over rows of 512 floats.
 *
 *   bench_kernels [--isa NAME] [--threads N] [--kernel TEXT] [--json] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_machine.h"

enum { ARRAYS = 6, ROW = 512, ROUNDS = 7, CACHED = 1 << 12, LARGE = 1 << 23 };

typedef struct arrays {
    const thor_kernels *k;
    float *f[ARRAYS];
    uint8_t *keep;
    int32_t *from;
    int64_t n;
} arrays;

/* One pass over elements `at` … at + n - 1. */
typedef void pass_body(const arrays *a, int64_t at, int64_t n);

static const thor_adam_scalars scalars = { 0.9f, 0.1f, 0.98f, 0.02f, 1e-8f, 1e-4f, 1.0f, 1.0f };
static const thor_dropout_rule rule = { { { 1, 2 }, 3, 4, 5 }, 0.1f, 1.0f / 0.9f };

#define Y(i) (a->f[i] + at)
#define PASS(name, call)                                            \
    static void name(const arrays *a, int64_t at, int64_t n)        \
    {                                                               \
        call;                                                       \
    }
#define ROWS(name, call)                                            \
    static void name(const arrays *a, int64_t from, int64_t n)      \
    {                                                               \
        for (int64_t at = from; at < from + n; at += ROW)           \
            call;                                                   \
    }

PASS(pass_add, a->k->add(Y(0), Y(1), Y(2), n))
PASS(pass_subtract, a->k->subtract(Y(0), Y(1), Y(2), n))
PASS(pass_multiply, a->k->multiply(Y(0), Y(1), Y(2), n))
PASS(pass_scale, a->k->scale(Y(0), Y(1), 0.5f, n))
PASS(pass_divide, a->k->divide(Y(0), Y(1), 2.0f, n))
PASS(pass_add_scaled, a->k->add_scaled(Y(0), Y(1), 0.0f, n))
PASS(pass_add_product, a->k->add_product(Y(3), Y(1), Y(2), n))
PASS(pass_maximum, a->k->maximum(Y(0), Y(1), a->from + at, 1, n))
PASS(pass_relu, a->k->relu(Y(0), Y(1), n))
PASS(pass_relu_backward, a->k->relu_backward(Y(0), Y(1), Y(2), n))
PASS(pass_exp, a->k->exp(Y(0), Y(1), n))
PASS(pass_log, a->k->log(Y(0), Y(2), n))
PASS(pass_sigmoid, a->k->sigmoid(Y(0), Y(1), n))
PASS(pass_tanh, a->k->tanh(Y(0), Y(1), n))
PASS(pass_sigmoid_backward, a->k->sigmoid_backward(Y(0), Y(1), Y(2), n))
PASS(pass_interpolate, a->k->interpolate(Y(0), Y(1), Y(2), Y(3), n))
PASS(pass_interpolate_backward, a->k->interpolate_backward(Y(0), Y(1), Y(2), Y(3), Y(3), Y(4), Y(5), n))
PASS(pass_dropout_mask, a->k->dropout_mask(a->keep + at, &rule, (uint64_t)at, n))
PASS(pass_dropout_apply, a->k->dropout_apply(Y(0), Y(1), a->keep + at, 1.1f, n))
PASS(pass_dropout_add, a->k->dropout_add(Y(0), Y(1), Y(2), a->keep + at, 1.1f, n))
ROWS(pass_sum, Y(0)[0] = a->k->sum(Y(1), ROW))
ROWS(pass_sum_squares, Y(0)[0] = a->k->sum_squares(Y(1), ROW))
ROWS(pass_sum_products, Y(0)[0] = a->k->sum_products(Y(1), Y(2), ROW))
ROWS(pass_largest, Y(0)[0] = a->k->largest(Y(1), ROW))
ROWS(pass_argmax, a->from[at] = (int32_t)a->k->argmax(Y(1), ROW))
PASS(pass_sum_rows, a->k->sum_rows(Y(0), Y(1), n / ROW, ROW, ROW, false))
PASS(pass_sum_row_products, a->k->sum_row_products(Y(0), Y(1), Y(2), n / ROW, ROW, ROW, false))
PASS(pass_relu_backward_sum, a->k->relu_backward_sum(Y(3), Y(0), Y(1), 1.0f, n / ROW, ROW, ROW))
ROWS(pass_layer_norm, a->k->layer_norm(Y(0), Y(3), Y(4), Y(1), a->f[2], a->f[5], 1e-5f, ROW))
ROWS(pass_layer_norm_backward, a->k->layer_norm_backward(Y(0), Y(1), Y(3), 0.5f, a->f[2], ROW))
ROWS(pass_layer_norm_backward_add, a->k->layer_norm_backward_add(Y(0), Y(1), Y(3), 0.5f, a->f[2], ROW))
ROWS(pass_softmax, a->k->softmax(Y(0), Y(1), ROW, NULL, NULL))
ROWS(pass_softmax_backward, a->k->softmax_backward(Y(0), Y(1), Y(2), ROW))
ROWS(pass_cross_entropy, a->k->cross_entropy(Y(1), ROW, 7, 0.0f, 1.0f, NULL))
ROWS(pass_cross_entropy_smooth, a->k->cross_entropy(Y(1), ROW, 7, 0.1f, 1.0f, Y(0)))
PASS(pass_adam, a->k->adam(Y(0), Y(3), Y(4), Y(1), &scalars, n))

/* Bytes are those of one element. */
static const struct { const char *name; pass_body *body; double bytes; } passes[] = {
    { "add", pass_add, 12 }, { "subtract", pass_subtract, 12 }, { "multiply", pass_multiply, 12 },
    { "scale", pass_scale, 8 }, { "divide", pass_divide, 8 }, { "add_scaled", pass_add_scaled, 12 },
    { "add_product", pass_add_product, 16 },
    { "maximum", pass_maximum, 20 }, { "relu", pass_relu, 8 }, { "relu_backward", pass_relu_backward, 12 },
    { "exp", pass_exp, 8 }, { "log", pass_log, 8 }, { "sigmoid", pass_sigmoid, 8 }, { "tanh", pass_tanh, 8 },
    { "sigmoid_backward", pass_sigmoid_backward, 12 }, { "interpolate", pass_interpolate, 16 },
    { "interpolate_backward", pass_interpolate_backward, 24 }, { "dropout_mask", pass_dropout_mask, 1 },
    { "dropout_apply", pass_dropout_apply, 9 }, { "dropout_add", pass_dropout_add, 13 }, { "sum", pass_sum, 4 },
    { "sum_squares", pass_sum_squares, 4 }, { "sum_products", pass_sum_products, 8 }, { "largest", pass_largest, 4 },
    { "argmax", pass_argmax, 4 }, { "sum_rows", pass_sum_rows, 4 }, { "sum_row_products", pass_sum_row_products, 8 },
    { "relu_backward_sum", pass_relu_backward_sum, 12 }, { "layer_norm", pass_layer_norm, 12 },
    { "layer_norm_backward", pass_layer_norm_backward, 12 },
    { "layer_norm_backward_add", pass_layer_norm_backward_add, 16 },
    { "softmax", pass_softmax, 8 }, { "softmax_backward", pass_softmax_backward, 12 },
    { "cross_entropy", pass_cross_entropy, 8 }, { "cross_entropy, smooth", pass_cross_entropy_smooth, 8 },
    { "adam", pass_adam, 28 },
};

typedef struct settings {
    const char *isa, *kernel;
    int threads;
    bool json;
} settings;

typedef struct run {
    const arrays *a;
    pass_body *body;
    int64_t repeats;
} run;

static void run_body(void *context, int64_t begin, int64_t end, int thread)
{
    const run *r = context;
    (void)thread;
    for (int64_t i = 0; i < r->repeats; i++)
        r->body(r->a, begin * ROW, (end - begin) * ROW);
}

static void fill_body(void *context, int64_t begin, int64_t end, int thread)
{
    const arrays *a = context;
    (void)thread;
    for (int64_t i = begin * ROW; i < end * ROW; i++) {
        for (int j = 0; j < ARRAYS; j++)
            a->f[j][i] = (float)(i % 13 + 1) / 16.0f;
        a->from[i] = 0;
        a->keep[i] = i % 10 != 0;
    }
}

static bool take(arrays *a, const thor_compute *compute, int64_t n)
{
    bool made = true;
    *a = (arrays){ .k = compute->kernels, .n = n, .keep = malloc((size_t)n), .from = malloc((size_t)n * 4) };
    for (int i = 0; i < ARRAYS; i++) {
        a->f[i] = aligned_alloc(64, (size_t)n * sizeof(float));
        made = made && a->f[i];
    }
    made = made && a->keep && a->from;
    if (made)
        thor_par_for(&compute->par, n / ROW, 1, fill_body, a);
    return made;
}

static void release(arrays *a)
{
    for (int i = 0; i < ARRAYS; i++)
        free(a->f[i]);
    free(a->keep);
    free(a->from);
}

static double measure(const thor_compute *compute, const arrays *a, pass_body *body, double bytes)
{
    run r = { a, body, ((int64_t)1 << 22) / a->n + 1 };
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = machine_seconds();
        thor_par_for(&compute->par, a->n / ROW, 1, run_body, &r);
        double speed = bytes * (double)a->n * (double)r.repeats / (machine_seconds() - start) * 1e-9;
        best = speed > best ? speed : best;
    }
    return best;
}

static void report(const settings *set, const thor_compute *compute, size_t i, const double speed[2],
                   const double triad[2])
{
    if (set->json)
        printf("{\"bench\":\"kernels\",\"isa\":\"%s\",\"threads\":%d,\"kernel\":\"%s\",\"cached_gbs\":%.2f,"
               "\"memory_gbs\":%.2f,\"cached_triad_gbs\":%.1f,\"memory_triad_gbs\":%.1f}\n", compute->kernels->name,
               compute->par.threads, passes[i].name, speed[0], speed[1], triad[0], triad[1]);
    else
        printf("%-24s %10.2f %7.0f %% %10.2f %7.0f %%\n", passes[i].name, speed[0], 100 * speed[0] / triad[0],
               speed[1], 100 * speed[1] / triad[1]);
    fflush(stdout);
}

static bool bench(const settings *set, const thor_compute *compute)
{
    int64_t sizes[2] = { (int64_t)CACHED * compute->par.threads, LARGE };
    double triad[2];
    arrays a[2];
    bool made = take(&a[0], compute, sizes[0]);
    made = take(&a[1], compute, sizes[1]) && made;
    for (int s = 0; s < 2; s++)
        triad[s] = machine_triad(compute, sizes[s]);
    if (!set->json)
        printf("kernels %s, threads %d, triad %.1f GB/s in the caches, %.1f in memory\n%-24s %10s %9s %10s %9s\n",
               compute->kernels->name, compute->par.threads, triad[0], triad[1], "kernel", "cached", "of triad",
               "memory", "of triad");
    for (size_t i = 0; made && i < sizeof passes / sizeof *passes; i++) {
        double speed[2];
        if (!strstr(passes[i].name, set->kernel))
            continue;
        for (int s = 0; s < 2; s++)
            speed[s] = measure(compute, &a[s], passes[i].body, passes[i].bytes);
        report(set, compute, i, speed, triad);
    }
    release(&a[0]);
    release(&a[1]);
    return made;
}

static bool read_options(settings *set, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--json") == 0)
            set->json = true;
        else if (strcmp(argv[i], "--isa") == 0 && more)
            set->isa = argv[++i];
        else if (strcmp(argv[i], "--kernel") == 0 && more)
            set->kernel = argv[++i];
        else if (strcmp(argv[i], "--threads") == 0 && more)
            set->threads = atoi(argv[++i]);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    settings set = { .kernel = "" };
    thor_compute compute;
    thor_error error;
    if (!read_options(&set, argc, argv)) {
        fprintf(stderr, "usage: bench_kernels [--isa NAME] [--threads N] [--kernel TEXT] [--json]\n");
        return 2;
    }
    if (thor_compute_open(&compute, set.isa, set.threads, &error) != THOR_OK) {
        fprintf(stderr, "bench_kernels: %s\n", error.text);
        return thor_exit_code(error.code);
    }
    bool made = bench(&set, &compute);
    if (!made)
        fprintf(stderr, "bench_kernels: no memory for arrays of %d floats\n", LARGE);
    thor_compute_close(&compute);
    return made ? 0 : 1;
}
