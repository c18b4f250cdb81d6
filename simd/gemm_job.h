/* One matrix product with its operands in the roles that they will have, and how it is cut up. Internal to the product
 * and its memory. */
#ifndef THOR_SIMD_GEMM_JOB_H
#define THOR_SIMD_GEMM_JOB_H

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
    bool few;                           /* the kernel for a few rows takes it, B = W^T where it lies */
    bool pack_a, pack_b;
    int64_t block_k, block_n;           /* steps and columns of a block of B */
    int64_t row_parts, column_parts;    /* tasks that it is cut into */
    int64_t together;                   /* row parts one after another with one part of the columns, whose packed B
                                         * stays */
} thor_gemm_job;

/* Roles, packing and blocks; one task. */
thor_gemm_job thor_gemm_plan(const thor_compute *compute, const thor_gemm *product);

/* Cuts the job by rows and columns into at most `parts` tasks, so that the threads are done soonest: equal tasks, few
 * copies. */
void thor_gemm_cut(const thor_compute *compute, thor_gemm_job *job, int64_t parts);

/* Computes task 0 <= task < row_parts * column_parts with the memory of `thread`. `follows`: the last task that this
 * memory was used for was the one before, of the same job. */
void thor_gemm_task(const thor_compute *compute, const thor_gemm_job *job, int64_t task, bool follows, int thread);

/* c cannot hold the chain between two blocks of k where it holds another term, or lies across. */
static inline bool thor_gemm_sums_wait(const thor_gemm_job *job)
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
    return job->few ? 16 : compute->kernels->tile_columns;
}

static inline int64_t thor_gemm_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
