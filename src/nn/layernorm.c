/* Layer norm over the d values of a row, eps = 1e-5 inside the root, variance divided by d.
 *
 *   forward    normal = (x - mean(x)) * rstd,  rstd = 1 / sqrt(var(x) + eps),  y = normal * gain + bias
 *   backward   g = d_y * gain;  with normal = (x - m) rstd, mean and variance depend on every x_i, so
 *              d_x = (g - mean(g) - normal * mean(g * normal)) * rstd
 *              d_gain = sum over rows of d_y * normal,  d_bias = sum over rows of d_y   (rows ascending) */
#include "nn/nn.h"

static const float layernorm_eps = 1e-5f;

typedef struct {
    const thor_kernels *kernels;
    float *y, *normal, *rstd;
    const float *x;
    const thor_scaling *scaling;
    int64_t d;
} forward_job;

static void forward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        float rstd;
        job->kernels->layer_norm(job->y + r * d, job->normal ? job->normal + r * d : NULL, &rstd, job->x + r * d,
                                 job->scaling->gain, job->scaling->bias, layernorm_eps, d);
        if (job->rstd)
            job->rstd[r] = rstd;
    }
}

void thor_layernorm_forward(const thor_compute *compute, float *y, float *normal, float *rstd, const float *x,
                            const thor_scaling *scaling, int64_t rows, int64_t d)
{
    forward_job job = { compute->kernels, y, normal, rstd, x, scaling, d };
    thor_par_for(&compute->par, rows, 16, forward_body, &job);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_x;
    const float *d_y, *normal, *rstd, *gain;
    int64_t d;
} backward_job;

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        job->kernels->layer_norm_backward(job->d_x + r * d, job->d_y + r * d, job->normal + r * d, job->rstd[r],
                                          job->gain, d);
}

void thor_layernorm_backward(const thor_compute *compute, float *d_x, float *d_gain, float *d_bias, const float *d_y,
                             const float *normal, const float *rstd, const thor_scaling *scaling, int64_t rows,
                             int64_t d)
{
    thor_rows_sum_products(compute, d_gain, d_y, normal, rows, d);
    thor_rows_sum(compute, d_bias, d_y, rows, d);
    backward_job job = { compute->kernels, d_x, d_y, normal, rstd, scaling->gain, d };
    thor_par_for(&compute->par, rows, 16, backward_body, &job);
}
