#include "base/fpenv.h"

#include <float.h>

#if FLT_RADIX != 2 || FLT_MANT_DIG != 24 || FLT_MAX_EXP != 128 || DBL_MANT_DIG != 53 || DBL_MAX_EXP != 1024
#error "thor needs float and double to be IEEE 754's binary32 and binary64"
#endif
#if FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16      /* 16: only half floats are widened */
#error "thor needs floats computed as floats: add -fexcess-precision=fast (32-bit x86: -msse2 -mfpmath=sse) to CFLAGS"
#endif

/* To nearest even, in both directions: up and down are told apart by a sum and its negative. */
static bool rounds_to_nearest_even(void)
{
    volatile float one = 1.0f, half_step = 0x1p-24f, odd = 0x1.000002p0f;
    volatile float tie_down = one + half_step, tie_up = odd + half_step;
    volatile float negative = -one - half_step, above = one + 0x1.8p-24f;
    return tie_down == 1.0f && tie_up == 0x1.000004p0f && negative == -1.0f && above == 0x1.000002p0f;
}

static bool keeps_subnormal_results(void)
{
    volatile float smallest_normal = FLT_MIN, half = 0.5f;
    volatile float product = smallest_normal * half;
    return product > 0.0f;
}

static bool keeps_subnormal_operands(void)
{
    volatile float subnormal = 0x1p-149f, large = 0x1p100f;
    volatile float product = subnormal * large;
    return product == 0x1p-49f;
}

thor_status thor_fpenv_check(thor_error *error)
{
    static const char differs[] = "results would differ from every other machine's";
    if (!rounds_to_nearest_even())
        return thor_fail(error, THOR_E_FAILED,
                         "arithmetic does not round to nearest even, so %s; whoever changed the rounding "
                         "mode (fesetround) has to restore it",
                         differs);
    if (!keeps_subnormal_results() || !keeps_subnormal_operands())
        return thor_fail(error, THOR_E_FAILED,
                         "arithmetic flushes subnormal numbers to zero, so %s; a library linked with "
                         "-ffast-math or -Ofast does that: link without",
                         differs);
    if (thor_fp_contracts())
        return thor_fail(error, THOR_E_FAILED,
                         "the compiler fused a product and a sum that the source keeps apart, so %s; "
                         "build with -ffp-contract=off, which configure adds",
                         differs);
    if (thor_fp_reorders())
        return thor_fail(error, THOR_E_FAILED,
                         "the compiler reordered a sum, so %s; build without -fassociative-math and "
                         "-funsafe-math-optimizations",
                         differs);
    return THOR_OK;
}
