/* Matrix products of a training step and of decoding: the reference against OpenBLAS and against the peak of fused
 * multiply-adds, measured in one run, by turns. Speeds are the best of several runs, in GFLOP/s.
 *
 *   bench_gemm [--isa NAME] [--threads N] [--shape TEXT] [--json] [--cpu-time]
 *
 * --shape: only shapes whose name contains TEXT. --cpu-time: the thread's own time instead of the wall's, for one
 * thread on a machine that others use. OpenBLAS picks a slow core type on CPUs that it does not know: see the name in
 * the heading, and set OPENBLAS_CORETYPE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "simd/blas.h"
#include "simd/gemm.h"

enum { RUNS = 5, FORMS = 3 };

static const char *const form_names[FORMS] = { "forward", "dX", "dW" };

static const struct { const char *name; int64_t rows, in, out, count; } shapes[] = {
    { "training 4096x512x2048", 4096, 512, 2048, 1 },
    { "training 4096x2048x512", 4096, 2048, 512, 1 },
    { "training 4096x512x512", 4096, 512, 512, 1 },
    { "training 1024x512x32000", 1024, 512, 32000, 1 },
    { "small 2048x256x256", 2048, 256, 256, 1 },
    { "small 2048x256x1024", 2048, 256, 1024, 1 },
    { "small 2048x256x8000", 2048, 256, 8000, 1 },
    { "experts 8 of 256x512x2048", 256, 512, 2048, 8 },
    { "experts 8 of 128x512x2048", 128, 512, 2048, 8 },
    { "experts 8 of 32x512x2048", 32, 512, 2048, 8 },
    { "experts 8 of 32x2048x512", 32, 2048, 512, 8 },
    { "experts 8 of 8x512x2048", 8, 512, 2048, 8 },
    { "experts 8 of 8x2048x512", 8, 2048, 512, 8 },
    { "decoding 1x512x32000", 1, 512, 32000, 1 },
    { "decoding 5x512x32000", 5, 512, 32000, 1 },
    { "decoding 32x512x32000", 32, 512, 32000, 1 },
    { "decoding 160x512x32000", 160, 512, 32000, 1 },
    { "attention 25x64x25", 25, 64, 25, 1 },
};

typedef struct settings {
    const char *isa, *shape;
    int threads;
    bool json, cpu_time;
} settings;

static double seconds(const settings *set)
{
    struct timespec t;
    clock_gettime(set->cpu_time ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- peak: the register tile on operands that the first-level cache holds ---- */

typedef struct peak_run {
    const thor_kernels *kernels;
    int64_t repeats;
} peak_run;

enum { PEAK_K = 128, PEAK_LARGEST = PEAK_K * 64 };

static void run_peak(void *context, int64_t begin, int64_t end, int thread)
{
    const peak_run *run = context;
    static const float zeros[2 * PEAK_LARGEST];
    float c[16 * 64];
    int64_t rows = run->kernels->tile_rows, columns = run->kernels->tile_columns;
    thor_tile tile = { .rows = rows,
                       .columns = columns,
                       .k = PEAK_K,
                       .a = zeros,
                       .a_row = 1,
                       .a_step = rows,
                       .next = zeros,
                       .b = zeros + PEAK_LARGEST,
                       .b_step = columns,
                       .c = c,
                       .c_row = columns };
    (void)thread;
    for (int64_t part = begin; part < end; part++)
        for (int64_t i = 0; i < run->repeats; i++)
            run->kernels->tile(&tile);
}

static double measure_peak(const settings *set, const thor_compute *compute)
{
    peak_run run = { compute->kernels, 0 };
    double work = 2.0 * PEAK_K * (double)(compute->kernels->tile_rows * compute->kernels->tile_columns), best = 0;
    run.repeats = (int64_t)(4e8 / work);
    for (int i = 0; i < 3 * RUNS; i++) {
        double start = seconds(set);
        thor_par_for(&compute->par, compute->par.threads, 1, run_peak, &run);
        double speed = work * (double)run.repeats * compute->par.threads / (seconds(set) - start) * 1e-9;
        best = speed > best ? speed : best;
    }
    return best;
}

/* ---- products ---- */

typedef struct arrays {
    float *x, *w, *y;
} arrays;

static float *make_array(int64_t count, int period)
{
    float *p = malloc((size_t)count * sizeof *p);
    for (int64_t i = 0; p && i < count; i++)
        p[i] = (float)(i % period) / (float)period - 0.5f;
    return p;
}

static thor_gemm product(const arrays *a, int form, int64_t rows, int64_t in, int64_t out, int64_t index)
{
    float *x = a->x + index * rows * in, *w = a->w + index * in * out, *y = a->y + index * rows * out;
    return form == 0   ? thor_gemm_forward(y, x, w, NULL, rows, in, out)
           : form == 1 ? thor_gemm_input_gradient(x, y, w, rows, in, out)
                       : thor_gemm_weight_gradient(w, y, x, rows, in, out);
}

/* Best speeds of the reference and of OpenBLAS, by turns. */
static void measure(const settings *set, const thor_compute *compute, const thor_compute *other,
                    const thor_gemm *products, int64_t count, double work, double speed[2])
{
    int64_t repeats = (int64_t)(3e8 / work) + 1;
    speed[0] = speed[1] = 0;
    for (int run = 0; run < RUNS; run++)
        for (int side = 0; side < (other->backend ? 2 : 1); side++) {
            double start = seconds(set);
            for (int64_t i = 0; i < repeats; i++)
                thor_gemm_run(side ? other : compute, products, count);
            double now = work * (double)repeats / (seconds(set) - start) * 1e-9;
            speed[side] = now > speed[side] ? now : speed[side];
        }
}

static void report(const settings *set, const thor_compute *compute, const char *shape, int form, const double speed[2],
                   double peak)
{
    if (set->json)
        printf("{\"bench\":\"gemm\",\"isa\":\"%s\",\"threads\":%d,\"shape\":\"%s\",\"product\":\"%s\",\"gflops\":%.1f,"
               "\"openblas_gflops\":%.1f,\"peak_gflops\":%.1f}\n", compute->kernels->name, compute->par.threads, shape,
               form_names[form], speed[0], speed[1], peak);
    else
        printf("%-28s %-8s %9.1f %9.1f %7.2f %8.0f %%\n", form ? "" : shape, form_names[form], speed[0], speed[1],
               speed[1] > 0 ? speed[0] / speed[1] : 0, 100 * speed[0] / peak);
    fflush(stdout);
}

static bool bench_shape(const settings *set, const thor_compute *compute, const thor_compute *other, size_t s,
                        double peak)
{
    int64_t rows = shapes[s].rows, in = shapes[s].in, out = shapes[s].out, count = shapes[s].count;
    arrays a = { make_array(count * rows * in, 7), make_array(count * in * out, 5), make_array(count * rows * out, 3) };
    bool made = a.x && a.w && a.y;
    for (int form = 0; made && form < FORMS; form++) {
        thor_gemm products[8];
        for (int64_t i = 0; i < count; i++)
            products[i] = product(&a, form, rows, in, out, i);
        double speed[2];
        measure(set, compute, other, products, count, 2.0 * (double)(rows * in * out * count), speed);
        report(set, compute, shapes[s].name, form, speed, peak);
    }
    free(a.x);
    free(a.w);
    free(a.y);
    return made;
}

static bool read_options(settings *set, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--json") == 0)
            set->json = true;
        else if (strcmp(argv[i], "--cpu-time") == 0)
            set->cpu_time = true;
        else if (strcmp(argv[i], "--isa") == 0 && more)
            set->isa = argv[++i];
        else if (strcmp(argv[i], "--shape") == 0 && more)
            set->shape = argv[++i];
        else if (strcmp(argv[i], "--threads") == 0 && more)
            set->threads = atoi(argv[++i]);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    settings set = { .shape = "" };
    if (!read_options(&set, argc, argv)) {
        fprintf(stderr, "usage: bench_gemm [--isa NAME] [--threads N] [--shape TEXT] [--json] [--cpu-time]\n");
        return 2;
    }
    thor_compute compute, other;
    thor_error error;
    if (thor_compute_open(&compute, set.isa, set.threads, &error) != THOR_OK) {
        fprintf(stderr, "bench_gemm: %s\n", error.text);
        return thor_exit_code(error.code);
    }
    other = compute;
    (void)thor_backend_choose(&other, "openblas", NULL);
    double peak = measure_peak(&set, &compute);
    if (!set.json)
        printf("kernels %s, threads %d, peak %.0f GFLOP/s, %s\n%-28s %-8s %9s %9s %7s %10s\n", compute.kernels->name,
               compute.par.threads, peak, other.backend ? thor_blas_name() : "no OpenBLAS", "rows x in x out",
               "product", "reference", "OpenBLAS", "ratio", "of peak");
    bool made = true;
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        if (strstr(shapes[s].name, set.shape))
            made = bench_shape(&set, &compute, &other, s, peak) && made;
    double after = measure_peak(&set, &compute);
    if (!set.json)
        printf("peak at the end %.0f GFLOP/s (more than 5 %% apart: measure again)\n", after);
    thor_compute_close(&compute);
    return made ? 0 : 1;
}
