/* Sixteen binary32 lanes, whatever the machine: the only vector type that kernels are written in.
 *
 * The width is part of the definition of every sum (kernels.h: lanes), so it is never visible in the result. A body per
 * instruction set offers the types v16 (binary32), i16 (32-bit integers, unsigned arithmetic) and m16 (lane masks) with
 * the functions listed here; each is one correctly rounded operation in every lane.
 *
 *   v16_zero() v16_set1(x) v16_load(p) v16_store(p, v)
 *   v16_load_part(p, count)     lanes from `count` on are +0 and not read; 0 <= count <= 16
 *   v16_store_part(p, v, count) lanes from `count` on are not written
 *   v16_add sub mul div sqrt    v16_fma(a, b, c) = a*b + c rounded once
 *   v16_less(a, b) v16_equal    a < b, a == b; false for NaN  v16_is_nan(a)
 *   v16_select(m, a, b)         m ? a : b
 *   v16_fold_add(v)             s[l] += s[l+8], then 4, 2, 1; returns s[0]
 *   v16_fold_max(v)             s[l] = s[l+8] > s[l] ? s[l+8] : s[l], then 4, 2, 1
 *   v16_transpose(x)            x[i] lane j <-> x[j] lane i of v16 x[16]
 *   v16_load_transposed(x, w, row)
 *                               x[s] lane l = w[l*row + s] for s < V16_TRANSPOSED, a divisor of 16 that registers hold
 *   m16_first(count) m16_or m16_any m16_load_bytes_part(p, count)
 *   i16_set1 i16_lanes() (0 1 … 15) i16_add sub and or xor i16_shift_left(a, n) i16_shift_right(a, n) (zeros come in)
 *   i16_select i16_load_part i16_store_part i16_multiply_wide(a, constant, &high, &low)
 *   i16_bits(v) v16_from_bits(i) v16_from_int(i) (signed) */
#ifndef THOR_SIMD_V16_H
#define THOR_SIMD_V16_H

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/fpenv.h"
#include "simd/unroll.h"

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "thor needs binary32 arithmetic that rounds every operation (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif

#if defined(THOR_ISA_AVX512)
#include "simd/v16_avx512.h"
#elif defined(THOR_ISA_AVX2)
#include "simd/v16_avx2.h"
#elif defined(THOR_ISA_NEON)
#include "simd/v16_neon.h"
#elif defined(THOR_ISA_SCALAR)
#include "simd/v16_scalar.h"
#else
#error "compile kernels with one of -DTHOR_ISA_SCALAR=1, -DTHOR_ISA_AVX2=1, -DTHOR_ISA_AVX512=1, -DTHOR_ISA_NEON=1"
#endif

#if !defined(V16_TRANSPOSED)
#define V16_TRANSPOSED 16

static ALWAYS_INLINE void v16_load_transposed(v16 x[V16_TRANSPOSED], const float *w, int64_t row)
{
    UNROLL for (int r = 0; r < 16; r += 4) {
        const float *four = w + r * row;
        OPAQUE(four);
        UNROLL for (int i = 0; i < 4; i++)
            x[r + i] = v16_load(four + i * row);
    }
    v16_transpose(x);
}
#endif

static inline v16 v16_get(const float *p, int count)
{
    return count == 16 ? v16_load(p) : v16_load_part(p, count);
}

static inline void v16_put(float *p, v16 v, int count)
{
    if (count == 16)
        v16_store(p, v);
    else
        v16_store_part(p, v, count);
}

/* Lanes from `count` on become +0. */
static inline v16 v16_keep(v16 v, int count)
{
    return count == 16 ? v : v16_select(m16_first(count), v, v16_zero());
}

/* Runs a statement for every sixteen elements with `i`, the first, and `count`, how many: 16 but for the last. */
#define V16_EACH(n, ...)                                    \
    do {                                                    \
        int64_t i = 0;                                      \
        for (; i + 16 <= (n); i += 16) {                    \
            enum { count = 16 };                            \
            __VA_ARGS__;                                    \
        }                                                   \
        if (i < (n)) {                                      \
            const int count = (int)((n) - i);               \
            __VA_ARGS__;                                    \
        }                                                   \
    } while (0)

#endif
