/* rusage is no part of POSIX 2008's base. */
#define _DEFAULT_SOURCE
#include "bench_machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define WITH_INTRINSICS 1
#include <immintrin.h>
#endif

enum { RUNS = 9, CHAINS = 12, PEAK_K = 128, LARGEST_TILE = PEAK_K * 64 };

double machine_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double machine_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

double machine_peak_memory(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss * 1024;
}

/* ---- peak ------------------------------------------------------------------------------------------------------ */

/* One way to keep the multipliers busy: does `repeats` rounds and stores something that depends on all of them. */
typedef struct peak_run {
    void (*body)(const struct peak_run *run, float *sink);
    const thor_kernels *kernels;
    int64_t repeats;
    double operations;          /* of one round */
} peak_run;

#ifdef WITH_INTRINSICS
#define EACH_CHAIN(X, p)                                                                 \
    X(p, 0) X(p, 1) X(p, 2) X(p, 3) X(p, 4) X(p, 5) X(p, 6) X(p, 7) X(p, 8) X(p, 9) X(p, 10) X(p, 11)

#define START(p, i) vector s##i = p##_set1_ps((float)i);
#define STEP(p, i) s##i = p##_fmadd_ps(a, s##i, b);
#define STORE(p, i) p##_storeu_ps(sink + 16 * i, s##i);

/* One loop for each width of a register. */
#define CHAINS_OF(width, features, type, prefix)                                                        \
    __attribute__((target(features))) static void chains_of_##width(const peak_run *run, float *sink)   \
    {                                                                                                   \
        typedef type vector;                                                                            \
        const vector a = prefix##_set1_ps(0.5f), b = prefix##_set1_ps(0.25f);                           \
        EACH_CHAIN(START, prefix)                                                                       \
        for (int64_t i = 0; i < run->repeats; i++) {                                                    \
            EACH_CHAIN(STEP, prefix)                                                                    \
        }                                                                                               \
        EACH_CHAIN(STORE, prefix)                                                                       \
    }
CHAINS_OF(16, "avx512f", __m512, _mm512)
CHAINS_OF(8, "avx2,fma", __m256, _mm256)
#endif

static void tiles(const peak_run *run, float *sink)
{
    static const float zeros[2 * LARGEST_TILE];
    int64_t rows = run->kernels->tile_rows, columns = run->kernels->tile_columns;
    float c[16 * 64];
    thor_tile tile = { .rows = rows, .columns = columns, .k = PEAK_K, .a = zeros, .a_row = 1, .a_step = rows,
                       .next = zeros, .b = zeros + LARGEST_TILE, .b_step = columns, .c = c, .c_row = columns };
    for (int64_t i = 0; i < run->repeats; i++)
        run->kernels->tile(&tile);
    *sink = c[0];
}

static peak_run tile_run(const thor_kernels *kernels)
{
    return (peak_run){ .body = tiles, .kernels = kernels,
                       .operations = 2.0 * PEAK_K * (double)(kernels->tile_rows * kernels->tile_columns) };
}

static peak_run chain_run(const thor_kernels *kernels)
{
#ifdef WITH_INTRINSICS
    if (strcmp(kernels->name, "avx512") == 0)
        return (peak_run){ .body = chains_of_16, .kernels = kernels, .operations = 2.0 * CHAINS * 16 };
    if (strcmp(kernels->name, "avx2") == 0)
        return (peak_run){ .body = chains_of_8, .kernels = kernels, .operations = 2.0 * CHAINS * 8 };
#endif
    return tile_run(kernels);
}

static void peak_body(void *context, int64_t begin, int64_t end, int thread)
{
    const peak_run *run = context;
    float sink[16 * CHAINS];    /* all of them: a chain that nobody reads is not computed */
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        run->body(run, sink);
        __asm__ volatile("" : : "r"(sink) : "memory");
    }
}

double machine_peak_once(const thor_compute *compute)
{
    peak_run run = chain_run(compute->kernels);
    run.repeats = (int64_t)(4e9 / run.operations);
    double start = machine_seconds();
    thor_par_for(&compute->par, compute->par.threads, 1, peak_body, &run);
    return run.operations * (double)run.repeats * compute->par.threads / (machine_seconds() - start) * 1e-9;
}

double machine_peak(const thor_compute *compute)
{
    double best = 0;
    for (int i = 0; i < RUNS; i++) {
        double speed = machine_peak_once(compute);
        best = speed > best ? speed : best;
    }
    return best;
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

typedef struct {
    float *a, *b, *c;
    float s;
    bool fill;
    int64_t repeats;
} triad_job;

static void triad_body(void *context, int64_t begin, int64_t end, int thread)
{
    const triad_job *job = context;
    float *restrict a = job->a;
    const float *restrict b = job->b, *restrict c = job->c;
    float s = job->s;
    (void)thread;
    if (job->fill)
        for (int64_t i = begin; i < end; i++)
            job->a[i] = job->b[i] = job->c[i] = 1.0f;
    for (int64_t repeat = 0; !job->fill && repeat < job->repeats; repeat++) {
        for (int64_t i = begin; i < end; i++)
            a[i] = b[i] + s * c[i];
        __asm__ volatile("" : : "r"(a) : "memory");
    }
}

double machine_triad(const thor_compute *compute, int64_t floats)
{
    triad_job job = { malloc((size_t)floats * sizeof(float)), malloc((size_t)floats * sizeof(float)),
                      malloc((size_t)floats * sizeof(float)), 0.5f, true, ((int64_t)1 << 25) / floats + 1 };
    double best = 0;
    bool made = job.a && job.b && job.c;
    if (made)
        thor_par_for(&compute->par, floats, 1, triad_body, &job);
    job.fill = false;
    for (int run = 0; made && run < RUNS; run++) {
        double start = machine_seconds();
        thor_par_for(&compute->par, floats, 1, triad_body, &job);
        double speed = 12.0 * (double)floats * (double)job.repeats / (machine_seconds() - start) * 1e-9;
        best = speed > best ? speed : best;
    }
    free(job.a);
    free(job.b);
    free(job.c);
    return best;
}
