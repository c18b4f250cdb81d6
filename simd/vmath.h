/* exp, log, sigmoid, tanh, erf: fixed sequences of single operations, so every instruction set returns the same bits.
 *
 * Coefficients: interpolation at the Chebyshev points of the stated interval, rounded to binary32. Worst errors are
 * those of tests/simd/check_vmath.c, which sweeps the range against the C library in binary64. */
#ifndef THOR_SIMD_VMATH_H
#define THOR_SIMD_VMATH_H

#include "simd/v16.h"

/* log 2 in two parts: n * high is exact for |n| < 2^9. */
#define V16_LN2_HIGH 0x1.62e4p-1f
#define V16_LN2_LOW 0x1.7f7d1cp-20f

/* c[count-1] x^(count-1) + … + c[0], by Horner's rule. */
static inline v16 v16_polynomial(v16 x, const float *c, int count)
{
    v16 y = v16_set1(c[count - 1]);
    for (int j = count - 2; j >= 0; j--)
        y = v16_fma(y, x, v16_set1(c[j]));
    return y;
}

static inline v16 v16_negate(v16 x)
{
    return v16_from_bits(i16_xor(i16_bits(x), i16_set1(UINT32_C(0x80000000))));
}

/* x = n log 2 + r with |r| <= log(2)/2, e^x = 2^n (1 + (r + r^2 q(r))). 2^n is applied in two factors, so that
 * subnormal results round once. Below -104 the result is +0, above 89 infinity. Worst error 1.0 ulp. */
static inline v16 v16_exp(v16 x)
{
    static const float q[] = {
        0x1p-1f, 0x1.555556p-3f, 0x1.5554eap-5f, 0x1.1110ep-7f, 0x1.6d4324p-10f, 0x1.a124f2p-13f
    };
    const v16 least = v16_set1(-104.0f), most = v16_set1(89.0f), round = v16_set1(0x1.8p23f), one = v16_set1(1.0f);
    x = v16_select(v16_less(x, least), least, x);
    x = v16_select(v16_less(most, x), most, x);
    v16 shifted = v16_fma(x, v16_set1(0x1.715476p+0f), round);      /* n stands in the low bits */
    v16 n = v16_sub(shifted, round);
    v16 r = v16_fma(n, v16_set1(-V16_LN2_LOW), v16_fma(n, v16_set1(-V16_LN2_HIGH), x));
    v16 p = v16_add(one, v16_fma(v16_mul(r, r), v16_polynomial(r, q, 6), r));
    i16 biased = i16_add(i16_sub(i16_bits(shifted), i16_bits(round)), i16_set1(254));   /* n + 2 * 127 */
    i16 half = i16_shift_right(biased, 1);
    v16 first = v16_from_bits(i16_shift_left(half, 23));
    v16 second = v16_from_bits(i16_shift_left(i16_sub(biased, half), 23));
    return v16_mul(v16_mul(p, first), second);
}

/* x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); log x = e log 2 + (f - f^2/2 + f^3 P(f)). -inf at 0, NaN below.
 * Worst error 0.9 ulp. */
static inline v16 v16_log(v16 x)
{
    static const float c[] = { 0x1.555554p-2f, -0x1.fffffcp-3f, 0x1.999d5ap-3f, -0x1.555b4ap-3f, 0x1.23d21ap-3f,
                               -0x1.fcf4c6p-4f, 0x1.dea282p-4f, -0x1.d635bcp-4f, 0x1.1d8ea6p-4f };
    const v16 zero = v16_zero(), infinity = v16_from_bits(i16_set1(UINT32_C(0x7f800000)));
    m16 tiny = v16_less(x, v16_set1(FLT_MIN));
    v16 normal = v16_select(tiny, v16_mul(x, v16_set1(0x1p23f)), x);
    /* Adding the distance from sqrt(1/2) to 1 makes the exponent field count from sqrt(1/2). */
    i16 shifted = i16_add(i16_bits(normal), i16_set1(UINT32_C(0x3f800000) - UINT32_C(0x3f3504f3)));
    i16 exponent = i16_sub(i16_shift_right(shifted, 23), i16_select(tiny, i16_set1(127 + 23), i16_set1(127)));
    i16 mantissa = i16_add(i16_and(shifted, i16_set1(UINT32_C(0x007fffff))), i16_set1(UINT32_C(0x3f3504f3)));
    v16 e = v16_from_int(exponent), f = v16_sub(v16_from_bits(mantissa), v16_set1(1.0f));
    v16 square = v16_mul(f, f);
    v16 y = v16_fma(v16_mul(f, square), v16_polynomial(f, c, 9), v16_mul(e, v16_set1(V16_LN2_LOW)));
    y = v16_fma(v16_set1(-0.5f), square, y);
    y = v16_fma(e, v16_set1(V16_LN2_HIGH), v16_add(f, y));
    y = v16_select(v16_less(x, infinity), y, x);                                /* infinity, NaN */
    y = v16_select(v16_less(x, zero), v16_sub(infinity, infinity), y);
    return v16_select(v16_equal(x, zero), v16_negate(infinity), y);
}

/* t = e^-|x|; 1 / (1 + t) for x >= 0, t / (1 + t) below: small results keep their digits. Worst error 2.41 ulp. */
static inline v16 v16_sigmoid(v16 x)
{
    const v16 one = v16_set1(1.0f);
    m16 negative = v16_less(x, v16_zero());
    v16 t = v16_exp(v16_select(negative, x, v16_negate(x)));
    return v16_div(v16_select(negative, t, one), v16_add(one, t));
}

/* The sign of x times x + x^3 P(x^2) of |x| below 0.625, 1 - 2 / (e^(2|x|) + 1) above. Worst error 1.34 ulp. */
static inline v16 v16_tanh(v16 x)
{
    static const float c[] = { -0x1.555556p-2f, 0x1.1110eap-3f, -0x1.ba08c4p-5f, 0x1.64a976p-6f, -0x1.116a16p-7f,
                               0x1.2c83cp-9f };
    const v16 one = v16_set1(1.0f);
    i16 sign = i16_and(i16_bits(x), i16_set1(UINT32_C(0x80000000)));
    v16 size = v16_from_bits(i16_xor(i16_bits(x), sign)), square = v16_mul(size, size);
    v16 inner = v16_fma(v16_mul(square, size), v16_polynomial(square, c, 6), size);
    v16 outer = v16_sub(one, v16_div(v16_set1(2.0f), v16_add(v16_exp(v16_add(size, size)), one)));
    v16 y = v16_select(v16_less(size, v16_set1(0.625f)), inner, outer);
    return v16_from_bits(i16_xor(i16_bits(y), sign));
}

/* The sign of x times x + x P(x^2) of |x| below 0.875, 1 - e^-(|x| Q(|x|)) up to 4 and beyond, where it is 1. Worst
 * error 1.35 ulp. */
static inline v16 v16_erf(v16 x)
{
    static const float p[] = { 0x1.06eba8p-3f, -0x1.812744p-2f, 0x1.ce2e8ap-4f, -0x1.b81a2ap-6f, 0x1.553fc8p-8f,
                               -0x1.aeae1ap-11f, 0x1.6c8020p-14f };
    static const float q[] = { 0x1.20f2aap+0f, 0x1.4519a4p-1f, 0x1.b4180ap-4f, -0x1.8694d2p-6f, 0x1.d3edeap-9f,
                               -0x1.fd6836p-13f, -0x1.496026p-16f, 0x1.625c74p-18f, -0x1.52c6cep-22f };
    const v16 one = v16_set1(1.0f), most = v16_set1(4.0f);
    i16 sign = i16_and(i16_bits(x), i16_set1(UINT32_C(0x80000000)));
    v16 size = v16_from_bits(i16_xor(i16_bits(x), sign));
    size = v16_select(v16_less(most, size), most, size);
    v16 inner = v16_fma(size, v16_polynomial(v16_mul(size, size), p, 7), size);
    v16 outer = v16_sub(one, v16_exp(v16_negate(v16_mul(size, v16_polynomial(size, q, 9)))));
    v16 y = v16_select(v16_less(size, v16_set1(0.875f)), inner, outer);
    return v16_from_bits(i16_xor(i16_bits(y), sign));
}

#endif
