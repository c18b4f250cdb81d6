#include "simd/compute.h"

#include <stdlib.h>

#include "base/fpenv.h"
#include "simd/cpu.h"

enum { LINE = 64, BLOCK_K = 256, BLOCK_M = 512 };     /* bytes; steps, rows */

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* A block of B fills half of the second-level cache; what is packed of A and sums that wait for more of k lie beside
 * it. */
static void choose_blocks(thor_compute *compute)
{
    int64_t width = compute->kernels->tile_columns;
    int64_t fit = thor_cpu_ask().l2_bytes / 2 / (BLOCK_K * 4);
    compute->block_k = BLOCK_K;
    compute->block_n = fit < 4 * width ? 4 * width : fit / width * width;
    compute->block_m = BLOCK_M;
    compute->pack_floats = (size_t)round_up(compute->block_k * (compute->block_n + 2 * width) +
                                                (THOR_MOST_STEPS + 32) * THOR_PACKED_ROWS +
                                                compute->block_m * compute->block_n,
                                            LINE);
}

static thor_status allocate(thor_compute *compute, thor_error *error)
{
    size_t bytes = compute->pack_floats * sizeof(float);
    compute->pack = calloc((size_t)compute->par.threads, sizeof *compute->pack);
    for (int t = 0; compute->pack && t < compute->par.threads; t++) {
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

thor_status thor_compute_open(thor_compute *compute, const char *isa, int threads, thor_error *error)
{
    *compute = (thor_compute){ .kernels = NULL };
    THOR_TRY(thor_kernels_choose(&compute->kernels, isa, error));
    THOR_TRY(thor_fpenv_check(error));
    if (!compute->kernels->exact())
        return thor_fail(error, THOR_E_FAILED,
                         "the kernels '%s' were compiled so that operations are fused or reordered; build "
                         "with -ffp-contract=off and without -ffast-math",
                         compute->kernels->name);
    compute->par = thor_par_make(threads);
    choose_blocks(compute);
    return allocate(compute, error);
}

void thor_compute_close(thor_compute *compute)
{
    for (int t = 0; compute->pack && t < compute->par.threads; t++)
        free(compute->pack[t]);
    free(compute->pack);
    *compute = (thor_compute){ .kernels = NULL };
}
