/* Is this the arithmetic that results are defined in? IEEE 754 binary32, to nearest even, subnormals kept, nothing
 * fused or reordered that the source does not fuse or reorder. */
#ifndef THOR_BASE_FPENV_H
#define THOR_BASE_FPENV_H

#include <stdbool.h>

#include "base/status.h"

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__) ||                               \
    defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "thor's results are defined bit by bit: build without -ffast-math, -Ofast and their parts; -O3 is fine"
#endif

/* Does the compiler fuse a multiplication and an addition in the file that includes this? Each table of kernels asks
 * for itself, for its flags are its own. a * a is 1 + 2^-11 + 2^-24 and rounds to 1 + 2^-11. */
static inline bool thor_fp_contracts(void)
{
    volatile float a = 0x1.001p0f, c = -0x1.002p0f;
    float x = a, z = c;
    return x * x + z != 0.0f;
}

/* Does it reorder sums? (1 + 2^-24) - 1 is 0 in binary32. */
static inline bool thor_fp_reorders(void)
{
    volatile float one = 1.0f, small = 0x1p-24f;
    float x = one, y = small;
    return (x + y) - x != 0.0f;
}

/* Probes rounding, subnormals, precision, fusing and order on the calling thread. THOR_E_FAILED with a sentence when
 * one of them is not as it has to be. For the start of a program, and for a library's first call from a foreign one. */
thor_status thor_fpenv_check(thor_error *error);

#endif
