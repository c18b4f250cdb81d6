/* The mean over a sentence, or over the prefix that a decoder has seen.
 *
 *   forward    sentence: c = (x_0 + … + x_{n-1}) / n        prefix: c_t = (x_0 + … + x_t) / (t + 1)
 *   backward   sentence: d_x = (d_c_0 + … + d_c_{n-1}) / n   prefix: d_x_t = d_c_t/(t+1) + d_c_{t+1}/(t+2) + …,
 *              from the end */
#include "nn/context.h"

#include <string.h>

typedef struct {
    const thor_kernels *kernels;
    float *out;
    const float *in;
    const thor_packing *packing;
    int64_t d;
} context_job;

/* Every row of a sentence gets the mean of its rows: forward, and backward alike. */
static void sentence_body(void *context, int64_t begin, int64_t end, int thread)
{
    const context_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        int64_t first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
        float *mean = job->out + first * d;
        job->kernels->sum_rows(mean, job->in + first * d, n, d, d, false);
        job->kernels->divide(mean, mean, (float)n, d);
        for (int64_t t = 1; t < n; t++)
            memcpy(mean + t * d, mean, (size_t)d * sizeof *mean);
    }
}

static void prefix_body(void *context, int64_t begin, int64_t end, int thread)
{
    const context_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        int64_t first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
        const float *x = job->in + first * d;
        float *c = job->out + first * d;
        job->kernels->sum_rows(c, x, 1, d, d, false);
        for (int64_t t = 1; t < n; t++)
            job->kernels->add(c + t * d, c + (t - 1) * d, x + t * d, d);
        for (int64_t t = 0; t < n; t++)
            job->kernels->divide(c + t * d, c + t * d, (float)(t + 1), d);
    }
}

static void prefix_backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const context_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t b = begin; b < end; b++) {
        int64_t first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
        const float *d_c = job->in + first * d;
        float *d_x = job->out + first * d;
        for (int64_t t = n - 1; t >= 0; t--) {
            job->kernels->divide(d_x + t * d, d_c + t * d, (float)(t + 1), d);
            if (t + 1 < n)
                job->kernels->add(d_x + t * d, d_x + (t + 1) * d, d_x + t * d, d);
        }
    }
}

void thor_context_forward(const thor_compute *compute, float *c, const float *x, const thor_packing *packing,
                          bool prefix, int64_t d)
{
    context_job job = { compute->kernels, c, x, packing, d };
    thor_par_each(&compute->par, packing->sentences, prefix ? prefix_body : sentence_body, &job);
}

void thor_context_backward(const thor_compute *compute, float *d_x, const float *d_c, const thor_packing *packing,
                           bool prefix, int64_t d)
{
    context_job job = { compute->kernels, d_x, d_c, packing, d };
    thor_par_each(&compute->par, packing->sentences, prefix ? prefix_backward_body : sentence_body, &job);
}

void thor_context_step(const thor_compute *compute, float *c, float *sum, const float *x, int64_t count, int64_t d)
{
    compute->kernels->add(sum, sum, x, d);
    compute->kernels->divide(c, sum, (float)count, d);
}
