/* Matrix products of training and of translation: the reference beside OpenBLAS and beside the peak of fused
 * multiply-adds.
 *
 *   bench_gemm [--isa NAME] [--threads N] [--shape TEXT] [--kind TEXT] [--rounds N] [--in-out] [--json]
 *
 * A round reads the peak, then times the reference, then OpenBLAS, each for 20 ms or more; figures are medians over
 * the rounds: GFLOP/s, the ratio within a round, the share of the peak within a round. "CPU" is the processor time that
 * the reference had of what its threads could have had; much below 100 %, others used the machine. The peak is also
 * read before and after everything; where the two readings are more than 5 % apart, the last line says so.
 *
 * --shape and --kind: only those whose names contain TEXT. --in-out: weights as [in,out], too, which no layer has.
 * OpenBLAS picks a slow core type on CPUs that it does not know: see its name in the heading, set OPENBLAS_CORETYPE
 * (SkylakeX for AVX-512, Haswell for AVX2). With several threads set no OMP_PROC_BIND: threads that OpenBLAS starts
 * later would share the first one's core. Its idle threads spin for a while, so a pause stands between the two. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_machine.h"
#include "bench_shapes.h"
#include "simd/blas.h"
#include "simd/gemm.h"

enum { MOST_ROUNDS = 99, FEWEST_ROUNDS = 3 };

static const double least_seconds = 0.02, long_work = 4e10;     /* of one timing; operations that need few rounds */

typedef struct settings {
    const char *isa, *shape, *kind;
    int threads, rounds;
    bool json, in_out;
} settings;

/* Medians of one shape and kind. */
typedef struct figures {
    double reference, openblas, ratio, share, cpu;
} figures;

/* Products of one class: the geometric mean of ratios and the smallest. */
typedef struct summary {
    double logarithms, least, least_share;
    int count;
} summary;

typedef struct bench {
    settings set;
    thor_compute reference, openblas;
    double peak;
    summary classes[SHAPE_CLASSES];
} bench;

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void let_threads_sleep(const thor_compute *compute)
{
    if (compute->par.threads > 1)
        nanosleep(&(struct timespec){ .tv_nsec = 40000000 }, NULL);
}

/* Calls until least_seconds are over, after one to warm up unless that is long. Returns GFLOP/s; `cpu` gets the share
 * of processor time. */
static double time_products(const thor_compute *compute, const thor_gemm *products, int64_t count, double work,
                            double *cpu)
{
    let_threads_sleep(compute);
    if (work < long_work / 4)
        thor_gemm_run(compute, products, count);
    double start = machine_seconds(), cpu_start = processor_seconds(), elapsed;
    int64_t calls = 0, batch = (int64_t)(2e8 / work) + 1;
    do {
        for (int64_t i = 0; i < batch; i++)
            thor_gemm_run(compute, products, count);
        calls += batch;
        elapsed = machine_seconds() - start;
    } while (elapsed < least_seconds);
    *cpu = (processor_seconds() - cpu_start) / elapsed / compute->par.threads;
    return work * (double)calls / elapsed * 1e-9;
}

static figures measure(const bench *b, const thor_gemm *products, int64_t count, double work)
{
    double reference[MOST_ROUNDS], openblas[MOST_ROUNDS], ratio[MOST_ROUNDS], share[MOST_ROUNDS], cpu[MOST_ROUNDS];
    int rounds = work > long_work && b->set.rounds > FEWEST_ROUNDS ? FEWEST_ROUNDS : b->set.rounds;
    for (int r = 0; r < rounds; r++) {
        double unused;
        let_threads_sleep(&b->reference);
        double peak = machine_peak_once(&b->reference);
        reference[r] = time_products(&b->reference, products, count, work, &cpu[r]);
        openblas[r] = b->openblas.backend ? time_products(&b->openblas, products, count, work, &unused) : NAN;
        ratio[r] = reference[r] / openblas[r];
        share[r] = reference[r] / peak;
    }
    return (figures){ machine_median(reference, rounds), machine_median(openblas, rounds),
                      machine_median(ratio, rounds), machine_median(share, rounds), machine_median(cpu, rounds) };
}

static void report(const bench *b, const gemm_shape *shape, gemm_kind kind, const figures *f)
{
    bool with = b->openblas.backend != NULL;
    if (!b->set.json) {
        printf("%-26s %-16s %9.1f %9.1f %7.2f %7.0f %% %6.0f %%\n", shape->name, gemm_kind_names[kind], f->reference,
               with ? f->openblas : 0, with ? f->ratio : 0, 100 * f->share, 100 * f->cpu);
    } else {
        printf("{\"bench\":\"gemm\",\"isa\":\"%s\",\"threads\":%d,\"shape\":\"%s\",\"class\":\"%s\",\"kind\":\"%s\","
               "\"rows\":%lld,\"in\":%lld,\"out\":%lld,\"products\":%lld,\"gflops\":%.1f,\"share_of_peak\":%.3f,"
               "\"cpu\":%.3f", b->reference.kernels->name, b->reference.par.threads, shape->name,
               shape_class_names[shape->class], gemm_kind_names[kind], (long long)shape->rows, (long long)shape->in,
               (long long)shape->out, (long long)shape->count, f->reference, f->share, f->cpu);
        if (with)
            printf(",\"openblas_gflops\":%.1f,\"ratio\":%.3f", f->openblas, f->ratio);
        printf("}\n");
    }
    fflush(stdout);
}

/* Few rows and decoding are held to their forward products alone. */
static void count_in(summary *classes, const gemm_shape *shape, gemm_kind kind, const figures *f)
{
    summary *s = &classes[shape->class];
    if (kind == KIND_FORWARD_IN_OUT || (shape->class != SHAPE_TRAINING && kind != KIND_FORWARD))
        return;
    s->logarithms += log(f->ratio);
    s->least = s->count && s->least < f->ratio ? s->least : f->ratio;
    s->least_share = s->count && s->least_share < f->share ? s->least_share : f->share;
    s->count++;
}

static bool bench_shape(bench *b, const gemm_shape *shape)
{
    shape_arrays arrays = shape_open(shape);
    for (int kind = 0; arrays.ready && kind < KINDS; kind++) {
        if ((kind == KIND_FORWARD_IN_OUT && !b->set.in_out) || !strstr(gemm_kind_names[kind], b->set.kind))
            continue;
        thor_gemm products[SHAPE_MOST_PRODUCTS];
        shape_products(products, shape, &arrays, (gemm_kind)kind);
        figures f = measure(b, products, shape->count, shape_work(shape));
        report(b, shape, (gemm_kind)kind, &f);
        count_in(b->classes, shape, (gemm_kind)kind, &f);
    }
    shape_close(&arrays);
    if (!arrays.ready)
        fprintf(stderr, "bench_gemm: no memory for %s; choose other shapes with --shape\n", shape->name);
    return arrays.ready;
}

static void head(const bench *b)
{
    if (b->set.json)
        printf("{\"bench\":\"gemm\",\"isa\":\"%s\",\"threads\":%d,\"peak_gflops\":%.1f,\"openblas\":\"%s\"}\n",
               b->reference.kernels->name, b->reference.par.threads, b->peak,
               b->openblas.backend ? thor_blas_name() : "");
    else
        printf("kernels %s, threads %d, peak %.0f GFLOP/s, %s\n%-26s %-16s %9s %9s %7s %9s %8s\n",
               b->reference.kernels->name, b->reference.par.threads, b->peak,
               b->openblas.backend ? thor_blas_name() : "no OpenBLAS", "rows x in x out", "product", "reference",
               "OpenBLAS", "ratio", "of peak", "CPU");
}

static void sum_up(const bench *b, double after)
{
    bool apart = fabs(after - b->peak) > 0.05 * b->peak;
    if (b->set.json) {
        printf("{\"bench\":\"gemm\",\"peak_gflops_after\":%.1f,\"steady\":%s}\n", after, apart ? "false" : "true");
        return;
    }
    for (int c = 0; c < SHAPE_OTHER; c++)
        if (b->classes[c].count > 0 && b->openblas.backend)
            printf("%-9s %3d products%s: geometric mean of ratios %.3f, least %.2f, least share of the peak %.0f %%\n",
                   shape_class_names[c], b->classes[c].count, c == SHAPE_TRAINING ? "" : " (forward)",
                   exp(b->classes[c].logarithms / b->classes[c].count), b->classes[c].least,
                   100 * b->classes[c].least_share);
    printf("peak before %.0f, after %.0f GFLOP/s%s\n", b->peak, after,
           apart ? ": more than 5 % apart, measure again" : "");
}

/* The number that follows an option, or 0 where it is none between 1 and `most`. */
static int whole_number(const char *text, int most)
{
    char *end;
    long n = strtol(text, &end, 10);
    return *end == '\0' && n >= 1 && n <= most ? (int)n : 0;
}

static bool read_options(settings *set, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        const char **text = strcmp(argv[i], "--isa") == 0     ? &set->isa
                            : strcmp(argv[i], "--shape") == 0 ? &set->shape
                            : strcmp(argv[i], "--kind") == 0  ? &set->kind
                                                              : NULL;
        int *number = strcmp(argv[i], "--threads") == 0 ? &set->threads
                      : strcmp(argv[i], "--rounds") == 0 ? &set->rounds : NULL;
        bool *flag = strcmp(argv[i], "--json") == 0     ? &set->json
                     : strcmp(argv[i], "--in-out") == 0 ? &set->in_out : NULL;
        if (flag) {
            *flag = true;
            continue;
        }
        if (!value || (!text && !number))
            return false;
        if (text)
            *text = value;
        else if ((*number = whole_number(value, number == &set->rounds ? MOST_ROUNDS : 1024)) == 0)
            return false;
        i++;
    }
    return true;
}

int main(int argc, char **argv)
{
    bench b = { .set = { .shape = "", .kind = "", .rounds = 7 } };
    thor_error error;
    if (!read_options(&b.set, argc, argv)) {
        fprintf(stderr, "usage: bench_gemm [--isa NAME] [--threads N] [--shape TEXT] [--kind TEXT] [--rounds N] "
                        "[--in-out] [--json]\n");
        return 2;
    }
    if (thor_compute_open(&b.reference, b.set.isa, b.set.threads, &error) != THOR_OK) {
        fprintf(stderr, "bench_gemm: %s\n", error.text);
        return thor_exit_code(error.code);
    }
    b.openblas = b.reference;
    (void)thor_backend_choose(&b.openblas, "openblas", NULL);
    b.peak = machine_peak(&b.reference);
    head(&b);
    bool made = true;
    for (size_t s = 0; s < gemm_shape_count; s++)
        if (strstr(gemm_shapes[s].name, b.set.shape))
            made = bench_shape(&b, &gemm_shapes[s]) && made;
    let_threads_sleep(&b.reference);
    sum_up(&b, machine_peak(&b.reference));
    thor_compute_close(&b.reference);
    return made ? 0 : 1;
}
