#include "base/element.h"

#include <math.h>

/* Bits of the fraction, and the exponent of the smallest normal number. */
static const struct { int fraction, least; } forms[] = {
    [THOR_F32] = { 23, -126 }, [THOR_F16] = { 10, -14 }, [THOR_BF16] = { 7, -126 }, [THOR_F64] = { 52, -1022 },
};

/* Sign, exponent and fraction of a 16-bit number. */
static double from_parts(uint16_t bits, int fraction_bits, int bias)
{
    int exponent_bits = 15 - fraction_bits, fraction = bits & ((1 << fraction_bits) - 1);
    int exponent = bits >> fraction_bits & ((1 << exponent_bits) - 1);
    double sign = bits & 0x8000 ? -1 : 1;
    if (exponent == (1 << exponent_bits) - 1)
        return fraction ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * ldexp(fraction, 1 - bias - fraction_bits);
    return sign * ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
}

double thor_from_f16(uint16_t bits)
{
    return from_parts(bits, 10, 15);
}

double thor_from_bf16(uint16_t bits)
{
    return from_parts(bits, 7, 127);
}

double thor_element(const thor_tensor *tensor, int64_t index)
{
    const void *data = tensor->data;
    switch (tensor->dtype) {
    case THOR_F32: return (double)((const float *)data)[index];
    case THOR_F64: return ((const double *)data)[index];
    case THOR_F16: return thor_from_f16(((const uint16_t *)data)[index]);
    case THOR_BF16: return thor_from_bf16(((const uint16_t *)data)[index]);
    case THOR_I32: return ((const int32_t *)data)[index];
    case THOR_I64: return (double)((const int64_t *)data)[index];
    case THOR_I8: return ((const int8_t *)data)[index];
    case THOR_U8: break;
    }
    return ((const uint8_t *)data)[index];
}

bool thor_dtype_is_float(thor_dtype dtype)
{
    return dtype == THOR_F32 || dtype == THOR_F16 || dtype == THOR_BF16 || dtype == THOR_F64;
}

double thor_spacing(thor_dtype dtype, double x)
{
    int exponent;
    if (!thor_dtype_is_float(dtype))
        return 1;
    if (!isfinite(x))
        return NAN;
    frexp(x, &exponent);            /* x = f * 2^exponent, f from 0.5 */
    exponent = x == 0 || exponent - 1 < forms[dtype].least ? forms[dtype].least : exponent - 1;
    return ldexp(1, exponent - forms[dtype].fraction);
}
