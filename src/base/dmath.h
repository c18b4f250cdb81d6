/* exp, log, sin, cos and pow in binary64 from correctly rounded operations only (no libm, no fma): the same bits on
 * every machine. For initial values, positions, the learning rate and the shares of the sampler, never inside a kernel.
 *
 * The worst errors were found against the C library on dense sweeps (tests/base/check_dmath.c holds them to it). */
#ifndef THOR_BASE_DMATH_H
#define THOR_BASE_DMATH_H

#include <stdint.h>

/* Below 1 ulp; +inf above 709.79, +0 below -745.14. */
double thor_exp(double x);

/* Natural logarithm, below 1 ulp. -inf at 0, NaN below. */
double thor_ln(double x);

/* Below 1 ulp for |x| up to 2^20; NaN beyond. */
double thor_sin(double x);
double thor_cos(double x);

/* exp(y log x) for x >= 0: relative error below (2 + |y log x|) * 2^-52. 0 to a positive power is 0;
 * anything to 0 is 1. */
double thor_pow(double x, double y);

/* x^n by squaring and multiplying, n >= 0, from the lowest bit of n upwards. */
double thor_power(double x, int64_t n);

#endif
