/* Element by element over packed rows: the same value whatever the number of threads, since every element is written by
 * one thread and sums over rows keep their order within a column. */
#include <string.h>

#include "nn/nn.h"

enum { FLOATS_A_PART = 8192 };

typedef struct { const thor_kernels *kernels; float *y; const float *a, *b; float s; } element_job;

static void add_body(void *context, int64_t begin, int64_t end, int thread)
{
    const element_job *job = context;
    (void)thread;
    job->kernels->add(job->y + begin, job->a + begin, job->b + begin, end - begin);
}

void thor_rows_add(const thor_compute *compute, float *y, const float *a, const float *b, int64_t n)
{
    element_job job = { compute->kernels, y, a, b, 0.0f };
    thor_par_for(&compute->par, n, FLOATS_A_PART, add_body, &job);
}

static void scale_body(void *context, int64_t begin, int64_t end, int thread)
{
    const element_job *job = context;
    (void)thread;
    job->kernels->scale(job->y + begin, job->a + begin, job->s, end - begin);
}

void thor_rows_scale(const thor_compute *compute, float *y, const float *a, float s, int64_t n)
{
    element_job job = { compute->kernels, y, a, NULL, s };
    thor_par_for(&compute->par, n, FLOATS_A_PART, scale_body, &job);
}

typedef struct { float *y; const float *a; } copy_job;

static void copy_body(void *context, int64_t begin, int64_t end, int thread)
{
    const copy_job *job = context;
    (void)thread;
    memcpy(job->y + begin, job->a + begin, (size_t)(end - begin) * sizeof *job->y);
}

void thor_rows_copy(const thor_compute *compute, float *y, const float *a, int64_t n)
{
    copy_job job = { y, a };
    thor_par_for(&compute->par, n, FLOATS_A_PART, copy_body, &job);
}

typedef struct { const thor_kernels *kernels; const thor_rows_term *terms; int64_t count, rows, n; } sum_job;

/* Parts are blocks of columns, so that every part starts on a vector; sums that share an operand take the same block
 * one after the other. */
enum { COLUMNS = 128 };

static void sum_body(void *context, int64_t begin, int64_t end, int thread)
{
    const sum_job *job = context;
    const thor_kernels *kernels = job->kernels;
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        const thor_rows_term *term = &job->terms[part % job->count];
        int64_t first = part / job->count * COLUMNS, n = job->n - first < COLUMNS ? job->n - first : COLUMNS;
        if (term->b)
            kernels->sum_row_products(term->y + first, term->a + first, term->b + first, job->rows, job->n, n, false);
        else
            kernels->sum_rows(term->y + first, term->a + first, job->rows, job->n, n, false);
    }
}

void thor_rows_sums(const thor_compute *compute, const thor_rows_term *terms, int64_t count, int64_t rows, int64_t n)
{
    sum_job job = { compute->kernels, terms, count, rows, n };
    thor_par_for(&compute->par, (n + COLUMNS - 1) / COLUMNS * count, 1, sum_body, &job);
}

void thor_rows_sum(const thor_compute *compute, float *y, const float *a, int64_t rows, int64_t n)
{
    const thor_rows_term term = { y, a, NULL };
    thor_rows_sums(compute, &term, 1, rows, n);
}
