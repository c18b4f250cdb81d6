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

typedef struct {
    const thor_kernels *kernels;
    float *y;
    const float *residual, *a;
    const thor_dropout *dropout;        /* NULL: off */
    const thor_next_norm *next;
    const thor_packing *packing;
    int64_t n;
} dropout_job;

static void drop_row(const dropout_job *job, int64_t row)
{
    const thor_packing *packing = job->packing;
    int64_t n = job->n, b = packing->sentence[row], t = row - packing->offset[b];
    uint64_t first = (uint64_t)((b * packing->width + t) * n);
    uint8_t *keep = job->dropout->keep + row * n;
    job->kernels->dropout_mask(keep, &job->dropout->rule, first, n);
    if (job->residual)
        job->kernels->dropout_add(job->y + row * n, job->residual + row * n, job->a + row * n, keep,
                                  job->dropout->rule.scale, n);
    else
        job->kernels->dropout_apply(job->y + row * n, job->a + row * n, keep, job->dropout->rule.scale, n);
}

static void dropout_body(void *context, int64_t begin, int64_t end, int thread)
{
    const dropout_job *job = context;
    int64_t n = job->n;
    (void)thread;
    for (int64_t row = begin; row < end; row++) {
        if (job->dropout)
            drop_row(job, row);
        else if (job->residual)
            job->kernels->add(job->y + row * n, job->residual + row * n, job->a + row * n, n);
        else if (job->y != job->a)
            memcpy(job->y + row * n, job->a + row * n, (size_t)n * sizeof *job->y);
        if (job->next)
            thor_layernorm_row(job->kernels, job->next, job->y, row, n);
    }
}

void thor_rows_dropout(const thor_compute *compute, float *y, const float *residual, const float *a,
                       const thor_dropout *dropout, const thor_next_norm *next, const thor_packing *packing, int64_t n)
{
    bool drops = dropout && dropout->keep;
    dropout_job job = { compute->kernels, y, residual, a, drops ? dropout : NULL, next, packing, n };
    if (drops || residual || next || y != a)
        thor_par_for(&compute->par, packing->rows, FLOATS_A_PART / (n + 1) + 1, dropout_body, &job);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_a;
    const float *d_y;
    const thor_dropout *dropout;
} dropout_backward_job;

static void dropout_backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const dropout_backward_job *job = context;
    (void)thread;
    job->kernels->dropout_apply(job->d_a + begin, job->d_y + begin, job->dropout->keep + begin,
                                job->dropout->rule.scale, end - begin);
}

void thor_rows_dropout_backward(const thor_compute *compute, float *d_a, const float *d_y, const thor_dropout *dropout,
                                int64_t rows, int64_t n)
{
    if (dropout && dropout->keep) {
        dropout_backward_job job = { compute->kernels, d_a, d_y, dropout };
        thor_par_for(&compute->par, rows * n, FLOATS_A_PART, dropout_backward_body, &job);
    } else if (d_a != d_y) {
        memcpy(d_a, d_y, (size_t)(rows * n) * sizeof *d_a);
    }
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
