#include "simd/compute.h"

#include <stdlib.h>

#include "base/fpenv.h"
#include "base/numbers.h"
#include "simd/cache.h"
#include "simd/gemm_job.h"

/* Bytes; steps of k: so many that C is seldom put away between two blocks. */
enum { LINE = 64, BLOCK_K = 512 };

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Bytes of A's block: a quarter of the second-level cache. Packing memory grows with its square, so beyond 4 MiB a
 * larger cache is left to others. */
static int64_t bytes_of_a(const thor_caches *caches)
{
    return thor_smaller(caches->l2_bytes, 4 << 20) / 4;
}

/* Bytes of B's block: the thread's share of the third level, from half to twice the second level. Where nobody tells
 * of a third level, as if it were large. */
static int64_t bytes_of_b(const thor_caches *caches)
{
    int64_t l2 = 4 * bytes_of_a(caches), most = 2 * l2;
    return caches->l3_share > 0 ? thor_larger(l2 / 2, thor_smaller(caches->l3_share, most)) : most;
}

void thor_compute_block(thor_compute *compute, const thor_caches *caches)
{
    const int64_t line = BLOCK_K * (int64_t)sizeof(float);
    compute->block_k = BLOCK_K;
    compute->block_m = thor_gemm_whole(bytes_of_a(caches) / line, compute->kernels->tile_rows);
    compute->block_n = thor_gemm_whole(bytes_of_b(caches) / line, compute->kernels->tile_columns);
    compute->pack_floats = (size_t)round_up(thor_gemm_memory(compute), LINE / (int64_t)sizeof(float));
}

static thor_status allocate(thor_compute *compute, thor_error *error)
{
    size_t bytes = compute->pack_floats * sizeof(float);
    compute->pack = calloc((size_t)compute->par.threads, sizeof *compute->pack);
    compute->packed_task = calloc((size_t)compute->par.threads * THOR_LINE_WORDS, sizeof *compute->packed_task);
    for (int t = 0; compute->pack && compute->packed_task && t < compute->par.threads; t++) {
        void *memory = NULL;
        if (posix_memalign(&memory, LINE, bytes) != 0)
            break;
        compute->pack[t] = memory;
        if (t == compute->par.threads - 1)
            return THOR_OK;
    }
    thor_fail(error, THOR_E_MEMORY, "no memory for %d packing buffers of %zu KiB; use fewer threads",
              compute->par.threads, bytes / 1024);
    thor_compute_close(compute);
    return THOR_E_MEMORY;
}

static void probe_body(void *context, int64_t begin, int64_t end, int thread)
{
    thor_error *errors = context;
    (void)begin;
    (void)end;
    errors[thread].code = thor_fpenv_check(&errors[thread]);
}

/* Threads that a host program has used before us have an environment of their own. */
static thor_status probe_threads(const thor_par *par, thor_error *error)
{
    thor_error *errors = calloc((size_t)par->threads, sizeof *errors);
    if (!errors)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d threads; use fewer", par->threads);
    thor_status status = THOR_OK;
    thor_par_all(par, probe_body, errors);
    for (int t = 0; t < par->threads && status == THOR_OK; t++)
        if (errors[t].code != THOR_OK)
            status = thor_fail(error, errors[t].code, "%s", errors[t].text);
    free(errors);
    return status;
}

thor_status thor_compute_open(thor_compute *compute, const char *isa, int threads, thor_error *error)
{
    *compute = (thor_compute){ .kernels = NULL };
    THOR_TRY(thor_kernels_choose(&compute->kernels, isa, error));
    compute->par = thor_par_make(threads);
    THOR_TRY(probe_threads(&compute->par, error));
    if (!compute->kernels->exact())
        return thor_fail(error, THOR_E_FAILED,
                         "the kernels '%s' were compiled so that operations are fused or reordered; build "
                         "with -ffp-contract=off and without -ffast-math",
                         compute->kernels->name);
    thor_caches caches = thor_caches_ask();
    thor_compute_block(compute, &caches);
    return allocate(compute, error);
}

void thor_compute_close(thor_compute *compute)
{
    for (int t = 0; compute->pack && t < compute->par.threads; t++)
        free(compute->pack[t]);
    free(compute->pack);
    free(compute->packed_task);
    *compute = (thor_compute){ .kernels = NULL };
}
