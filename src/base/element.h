/* Elements of tensors of any type as binary64, which holds every one of them but 64-bit whole numbers beyond 2^53. */
#ifndef THOR_BASE_ELEMENT_H
#define THOR_BASE_ELEMENT_H

#include <stdbool.h>

#include "base/tensor.h"

/* IEEE 754 binary16, and bfloat16 (binary32's upper half). */
double thor_from_f16(uint16_t bits);
double thor_from_bf16(uint16_t bits);

/* Element `index` of the row-major data, which stands in the machine's own byte order. */
double thor_element(const thor_tensor *tensor, int64_t index);

bool thor_dtype_is_float(thor_dtype dtype);

/* The distance between neighbours of a floating-point type at |x| (of the larger exponent at a power of two); its
 * smallest subnormal number near 0. 1 for whole numbers. NaN where x is not finite. */
double thor_spacing(thor_dtype dtype, double x);

#endif
