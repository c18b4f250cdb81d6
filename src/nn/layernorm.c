/* Layer norm over the d values of a row, eps = 1e-5 inside the root, variance divided by d.
 *
 *   forward    normal = (x - mean(x)) * rstd,  rstd = 1 / sqrt(var(x) + eps),  y = normal * gain + bias
 *   backward   g = d_y * gain;  with normal = (x - m) rstd, mean and variance depend on every x_i, so
 *              d_x = (g - mean(g) - normal * mean(g * normal)) * rstd
 *              d_gain = sum over rows of d_y * normal,  d_bias = sum over rows of d_y   (rows ascending) */
#include "nn/nn.h"

static const float layernorm_eps = 1e-5f;

void thor_layernorm_row(const thor_kernels *kernels, const thor_next_norm *norm, const float *x, int64_t row,
                        int64_t d)
{
    float rstd;
    kernels->layer_norm(norm->y + row * d, norm->normal ? norm->normal + row * d : NULL, &rstd, x + row * d,
                        norm->scaling->gain, norm->scaling->bias, layernorm_eps, d);
    if (norm->rstd)
        norm->rstd[row] = rstd;
}

typedef struct {
    const thor_kernels *kernels;
    thor_next_norm norm;
    const float *x;                     /* or normal, where y is made again */
    int64_t d;
} forward_job;

static void forward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        thor_layernorm_row(job->kernels, &job->norm, job->x, r, job->d);
}

void thor_layernorm_forward(const thor_compute *compute, float *y, float *normal, float *rstd, const float *x,
                            const thor_scaling *scaling, int64_t rows, int64_t d)
{
    forward_job job = { compute->kernels, { y, normal, rstd, scaling }, x, d };
    thor_par_for(&compute->par, rows, 16, forward_body, &job);
}

static void again_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    const thor_scaling *scaling = job->norm.scaling;
    float *y = job->norm.y;
    int64_t d = job->d;
    (void)thread;
    for (int64_t i = begin * d; i < end * d; i += d) {
        job->kernels->multiply(y + i, job->x + i, scaling->gain, d);
        job->kernels->add(y + i, y + i, scaling->bias, d);
    }
}

void thor_layernorm_again(const thor_compute *compute, float *y, const float *normal, const thor_scaling *scaling,
                          int64_t rows, int64_t d)
{
    forward_job job = { compute->kernels, { y, NULL, NULL, scaling }, normal, d };
    thor_par_for(&compute->par, rows, 16, again_body, &job);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_x;
    bool add;
    const float *d_y, *normal, *rstd, *gain;
    int64_t d;
} backward_job;

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        if (job->add)
            job->kernels->layer_norm_backward_add(job->d_x + r * d, job->d_y + r * d, job->normal + r * d,
                                                  job->rstd[r], job->gain, d);
        else
            job->kernels->layer_norm_backward(job->d_x + r * d, job->d_y + r * d, job->normal + r * d, job->rstd[r],
                                              job->gain, d);
}

void thor_layernorm_backward(const thor_compute *compute, float *d_x, bool add, float *d_gain, float *d_bias,
                             const float *d_y, const float *normal, const float *rstd, const thor_scaling *scaling,
                             int64_t rows, int64_t d)
{
    const thor_rows_term sums[2] = { { d_gain, d_y, normal }, { d_bias, d_y, NULL } };
    thor_rows_sums(compute, sums, 2, rows, d);
    backward_job job = { compute->kernels, d_x, add, d_y, normal, rstd, scaling->gain, d };
    thor_par_for(&compute->par, rows, 16, backward_body, &job);
}
