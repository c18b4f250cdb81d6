/* binary32 fused multiply-add for machines without the instruction.
 *
 * The product of two binary32 numbers is exact in binary64. Their sum with the third is rounded to odd (the last bit is
 * set when anything was lost), which makes the second rounding, to binary32, the right one: 53 >= 2 * 24 + 2 bits
 * (Boldo and Melquiond 2008). The bits are fmaf's, and unlike the library's call it is a dozen plain operations. */
#ifndef THOR_SIMD_FMA32_H
#define THOR_SIMD_FMA32_H

#include <stdint.h>
#include <string.h>

static inline float thor_fma32_emulated(float a, float b, float c)
{
    double product = (double)a * (double)b, addend = (double)c;
    double sum = product + addend;
    double of_addend = sum - product;
    double lost = (product - (sum - of_addend)) + (addend - of_addend);
    int64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    /* Away from zero where the lost part has the sum's sign, else towards it; `lost` is NaN beside an infinity. */
    int64_t inexact = (int64_t)(lost > 0.0) | (int64_t)(lost < 0.0);
    int64_t direction = 1 - 2 * ((int64_t)(lost < 0.0) ^ (int64_t)(sum < 0.0));
    bits += (inexact & ~bits & 1) * direction;
    memcpy(&sum, &bits, sizeof sum);
    return (float)sum;
}

static inline float thor_fma32(float a, float b, float c)
{
#ifdef __FP_FAST_FMAF
    return __builtin_fmaf(a, b, c);
#else
    return thor_fma32_emulated(a, b, c);
#endif
}

#endif
