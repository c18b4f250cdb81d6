/* One matrix product with its operands in the roles that they will have, and how it is cut up. Internal to the product
 * and its memory.
 *
 * The loops are those of GotoBLAS and BLIS, whose names for the sizes are MC, KC, NC, MR and NR. One task computes a
 * rectangle of C, on one thread:
 *
 *                          columns, NC at a time
 *                       +-----------------------+
 *              KC at a  |  NR | NR | NR | …     |   B's block [KC, NC] in panels of NR columns, packed: in the
 *                time   +-----------------------+   third-level cache
 *      KC
 *   +------+            +-----------------------+
 *   |  MR  |            |  MR x NR: one tile,   |   a tile's sums stay in registers for KC steps
 * MC|  MR  |            |  kernels->tile        |
 *   |  …   |            |                       |
 *   +------+            +-----------------------+
 *   A's block [MC, KC]:          C
 *   in the second-level cache, read where it lies or packed in panels of MR rows
 *
 *   for NC columns          compute_rectangle      thor_compute.block_n    NC
 *     for KC steps          compute_block          thor_compute.block_k    KC
 *       pack B
 *       for MC rows         compute_steps          thor_compute.block_m    MC
 *         pack A
 *         for NR columns    compute_panels         kernels->tile_columns   NR
 *           for MR rows     compute_panels         kernels->tile_rows      MR
 *             tile          compute_tile
 *
 * The two inner loops change places where A is not packed: then its rows stay in the first-level cache and panels
 * pass. Up to THOR_FEW_ROWS rows go another way (kernels->few_rows). */
#ifndef THOR_SIMD_GEMM_JOB_H
#define THOR_SIMD_GEMM_JOB_H

#include "base/numbers.h"
#include "simd/gemm.h"

typedef struct thor_gemm_job {
    int64_t rows, columns, k;
    const float *a;
    int64_t a_row, a_step;
    const float *b;
    int64_t b_step, b_column;
    float *c;
    int64_t c_row;
    const float *bias;
    bool chain, add, relu;
    bool transposed;                    /* C^T = B^T A^T is computed: c lies across */
    bool few_rows;                      /* the kernel for a few rows takes it, B = W^T where it lies */
    bool pack_a, pack_b;
    int64_t block_k, block_n;           /* steps and columns of a block of B */
    int64_t row_parts, column_parts;    /* tasks that it is cut into */
    int64_t row_run;                    /* row parts one after another with one part of the columns, whose packed B
                                         * stays */
} thor_gemm_job;

/* Roles, packing and blocks; one task. */
thor_gemm_job thor_gemm_plan(const thor_compute *compute, const thor_gemm *product);

/* What the cut is chosen by: multiply-adds and copies, for each step of k, until the last thread is done. */
int64_t thor_gemm_time(const thor_compute *compute, const thor_gemm_job *job, int64_t row_parts, int64_t column_parts);

/* Cuts the job by rows and columns into at most `parts` tasks, so that the threads are done soonest: equal tasks, few
 * copies. */
void thor_gemm_cut(const thor_compute *compute, thor_gemm_job *job, int64_t parts);

/* Computes task 0 <= task < row_parts * column_parts with the memory of `thread`. `follows`: the last task that this
 * memory was used for was the one before, of the same job. */
void thor_gemm_task(const thor_compute *compute, const thor_gemm_job *job, int64_t task, bool follows, int thread);

/* c cannot hold the chain between two blocks of k where it holds another term, or lies across. */
static inline bool thor_gemm_sums_aside(const thor_gemm_job *job)
{
    return job->k > job->block_k && (job->add || job->transposed);
}

static inline int64_t thor_gemm_parts(int64_t n, int64_t size)
{
    return (n + size - 1) / size;
}

/* The most whole units that n holds, but one at least. */
static inline int64_t thor_gemm_whole(int64_t n, int64_t unit)
{
    return n < unit ? unit : n / unit * unit;
}

/* Columns of a task come in these. */
static inline int64_t thor_gemm_column_unit(const thor_compute *compute, const thor_gemm_job *job)
{
    return job->few_rows ? 16 : compute->kernels->tile_columns;
}

#endif
