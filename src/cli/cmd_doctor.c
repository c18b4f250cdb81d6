/* thor doctor: what was found on this machine, what is missing, and what that costs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fpenv.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/par.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "simd/compute.h"
#include "simd/gemm.h"
#include "text/unpack.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* "ok   threads   2 …" */
static void line(const char *state, const char *what, const char *format, ...) THOR_PRINTF(3, 4);

static void line(const char *state, const char *what, const char *format, ...)
{
    va_list arguments;
    printf("%-8s %-18s ", state, what);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static thor_status tell_arithmetic(thor_error *error)
{
    thor_status status = thor_fpenv_check(error);
    if (status == THOR_OK)
        line("ok", "arithmetic", "rounding, subnormals and the order of sums are as they have to be");
    else
        line("wrong", "arithmetic", "%s", error->text);
    return status;
}

static bool is_able(const thor_kernels *const *able, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(able[i]->name, name) == 0)
            return true;
    return false;
}

static void tell_kernels(void)
{
    const thor_kernels *able[8];
    int count = thor_kernels_list(able, (int)(sizeof able / sizeof *able));
    line("ok", "instruction set", "%s", able[count - 1]->name);
    if (is_able(able, count, "neon") || is_able(able, count, "avx512"))
        return;
    if (is_able(able, count, "avx2"))
        line("missing", "AVX-512", "AVX2 computes; with it some processors are up to twice as fast");
    else
        line("missing", "AVX2, NEON", "plain C computes; training and translating take about ten times as long");
}

static void tell_threads(void)
{
    int threads = thor_par_make(0).threads;
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    const char *wanted = getenv("OMP_NUM_THREADS");
#ifndef _OPENMP
    line("missing", "OpenMP", "one thread computes, however many processors there are");
#endif
    if (wanted)
        line("ok", "threads", "%d, as OMP_NUM_THREADS=%s says, of %ld processors", threads, wanted, online);
    else
        line(threads < online ? "note" : "ok", "threads", "%d of %ld processors%s", threads, online,
             threads < online ? "; this process may not use the others" : "");
}

static void tell_memory(void)
{
    char all[32], limit[32];
    size_t group = thor_machine_group_limit(""), memory = thor_machine_memory();
    if (memory == 0)
        line("note", "memory", "this system does not say how much there is");
    else if (group > 0 && group <= memory)
        line("note", "memory", "%s, the limit of this job or container", thor_bytes_text(limit, (double)group));
    else
        line("ok", "memory", "%s", thor_bytes_text(all, (double)memory));
}

static void tell_compressions(void)
{
    size_t count;
    const thor_compression *list = thor_compressions(&count);
    for (size_t i = 0; i < count; i++)
        if (list[i].make)
            line("ok", list[i].suffix, "corpora are read as they are");
        else
            line("missing", list[i].suffix, "built without %s; unpack such corpora first: %s FILE", list[i].library,
                 list[i].tool);
}

static void tell_blas(void)
{
#ifdef THOR_HAVE_OPENBLAS
    line("ok", "OpenBLAS", "may be chosen with --backend=openblas; its bits are its own");
#else
    line("missing", "OpenBLAS", "--backend=openblas is not offered; nothing else needs it");
#endif
}

enum { SIDE = 512, ROUNDS = 5 };

static double best_time(const thor_compute *compute, const thor_gemm *product)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = thor_seconds();
        thor_gemm_run(compute, product, 1);
        double taken = thor_seconds() - start;
        best = round == 0 || taken < best ? taken : best;
    }
    return best;
}

/* Times one product; bench_gemm does it with care. */
static thor_status tell_speed(thor_error *error)
{
    int threads[] = { 1, thor_par_make(0).threads };
    double speed[2] = { 0, 0 };
    float *room = calloc(3 * (size_t)SIDE * SIDE, sizeof *room);
    if (!room)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a product of %d rows", SIDE);
    thor_gemm product = thor_gemm_forward(room, room + SIDE * SIDE, room + 2 * SIDE * SIDE, NULL, SIDE, SIDE, SIDE);
    thor_status status = THOR_OK;
    for (int i = 0; i < 2 && status == THOR_OK; i++) {
        thor_compute compute;
        status = thor_compute_open(&compute, NULL, threads[i], error);
        if (status != THOR_OK)
            break;
        speed[i] = 2.0 * SIDE * SIDE * SIDE / best_time(&compute, &product) / 1e9;
        thor_compute_close(&compute);
    }
    free(room);
    THOR_TRY(status);
    bool poor = threads[1] > 1 && speed[1] < 0.6 * threads[1] * speed[0];
    line(poor ? "note" : "ok", "speed", "%.0f GFLOP/s with one thread, %.0f with %d%s", speed[0], speed[1], threads[1],
         poor ? "; is the machine busy, or its processors shared? Fewer threads (-j) may be faster" : "");
    return THOR_OK;
}

/* Programs that other commands speak of; none is needed. */
static void tell_tools(void)
{
    static const struct { const char *name, *use; } tools[] = {
        { "comet-score", "scores what 'thor score --comet' writes" },
        { "man", "shows the pages: man thor" } };
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        char path[4096];
        const char *at = getenv("PATH");
        bool found = false;
        while (at && *at && !found) {
            size_t length = strcspn(at, ":");
            snprintf(path, sizeof path, "%.*s/%s", (int)(length < 2048 ? length : 2048), at, tools[i].name);
            found = access(path, X_OK) == 0;
            at += length + (at[length] == ':');
        }
        line(found ? "ok" : "missing", tools[i].name, "%s%s", tools[i].use, found ? "" : "; not needed otherwise");
    }
}

int thor_cmd_doctor(int argc, char **argv)
{
    static const thor_opt options[] = { { NULL, 0, THOR_OPT_FLAG, NULL, NULL, NULL, 0, 0 } };
    thor_error error = { .code = THOR_OK };
    thor_opt_list operands = { .items = NULL };
    bool help = false;
    thor_status status = thor_opt_parse(options, argc, argv, &operands, &help, &error);
    if (status == THOR_OK && help)
        thor_opt_help(thor_command_find("doctor"), options);
    else if (status == THOR_OK && operands.count > 0)
        status = thor_fail(&error, THOR_E_USAGE, "'%s' is one word too many", operands.items[0]);
    thor_opt_list_free(&operands);
    if (status == THOR_OK && !help) {
        printf("thor " PACKAGE_VERSION "\n");
        status = tell_arithmetic(&error);
        tell_kernels();
        tell_threads();
        tell_memory();
        tell_compressions();
        tell_blas();
        tell_tools();
        if (status == THOR_OK)
            status = tell_speed(&error);
    }
    return status == THOR_OK ? 0 : thor_cli_fail("doctor", &error);
}
