/* gelu, each operation rounded, with a = sqrt 2 and b = 1 / sqrt(2 pi) as binary32 numbers.
 *
 *   forward    y = (x * 0.5) * (1 + erf(x / a))
 *   backward   d_x = d_y * ((0.5 * (1 + erf(x / a))) + ((x * b) * exp((x * x) * -0.5))) */
#include "nn/gelu.h"

static const float root_of_2 = 0x1.6a09e6p+0f, root_of_half_over_pi = 0x1.988454p-2f;

/* y = 1 + erf(x / a) */
static void one_and_erf(const thor_kernels *kernels, float *y, const float *x, int64_t n)
{
    kernels->divide(y, x, root_of_2, n);
    kernels->erf(y, y, n);
    for (int64_t i = 0; i < n; i++)
        y[i] = 1.0f + y[i];
}

void thor_gelu_forward(const thor_kernels *kernels, float *y, const float *x, int64_t n)
{
    one_and_erf(kernels, y, x, n);
    for (int64_t i = 0; i < n; i++) {
        float half = x[i] * 0.5f;
        y[i] = half * y[i];
    }
}

void thor_gelu_backward(const thor_kernels *kernels, float *d_x, const float *d_y, const float *x, float *scratch,
                        int64_t n)
{
    float *wave = scratch, *bell = scratch + n;
    one_and_erf(kernels, wave, x, n);
    for (int64_t i = 0; i < n; i++) {
        float square = x[i] * x[i];
        bell[i] = square * -0.5f;
    }
    kernels->exp(bell, bell, n);
    for (int64_t i = 0; i < n; i++) {
        float share = 0.5f * wave[i], slope = x[i] * root_of_half_over_pi;
        float rest = slope * bell[i], whole = share + rest;
        d_x[i] = d_y[i] * whole;
    }
}
