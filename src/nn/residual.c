/* Dropout, the residual sum and the layer norm behind it, while a row is at hand. */
#include <string.h>

#include "nn/nn.h"

enum { FLOATS_A_PART = 8192 };

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
        thor_rows_copy(compute, d_a, d_y, rows * n);
    }
}
