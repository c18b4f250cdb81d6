/* What a layer computes with: a kernel table, threads, the matrix back end and packing memory. Passed to every layer;
 * nothing of it is global. One computation at a time may use it. */
#ifndef THOR_SIMD_COMPUTE_H
#define THOR_SIMD_COMPUTE_H

#include <stddef.h>

#include "base/par.h"
#include "base/status.h"
#include "simd/kernels.h"

struct thor_gemm;
struct thor_caches;

/* Another matrix back end (OpenBLAS): computes one product on all threads; its bits are its own, never golden. */
typedef void thor_gemm_backend(const struct thor_gemm *product, int threads);

/* The most steps of k in one block, where few columns leave room for more than block_k. */
enum { THOR_MOST_STEPS = 2048 };

/* A cache line between what two threads write: numbers of 64 bits in one. */
enum { THOR_LINE_WORDS = 8 };

typedef struct thor_compute {
    const thor_kernels *kernels;
    thor_par par;
    thor_gemm_backend *backend;     /* NULL: the reference product */
    float **pack;                   /* [threads] packing memory, 64-byte aligned */
    size_t pack_floats;             /* floats in each */
    int64_t *packed_task;           /* [threads * THOR_LINE_WORDS] the task whose operands lie there, or -1 */
    /* Cache blocking, from the machine's cache sizes; invisible in the bits: KC steps, MC rows of A, NC columns of B
     * at a time (simd/gemm_job.h has the drawing). */
    int64_t block_k, block_m, block_n;
} thor_compute;

/* `isa` as in thor_kernels_choose; threads 0: as many as the machine has. Free with thor_compute_close. */
thor_status thor_compute_open(thor_compute *compute, const char *isa, int threads, thor_error *error);
void thor_compute_close(thor_compute *compute);

/* Chooses block sizes, and with them pack_floats, for these caches; thor_compute_open does it. */
void thor_compute_block(thor_compute *compute, const struct thor_caches *caches);

#endif
