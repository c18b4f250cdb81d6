/* Sixteen lanes as an array: the definition that every other body returns the bits of. */
#ifndef THOR_SIMD_V16_SCALAR_H
#define THOR_SIMD_V16_SCALAR_H

#include <math.h>

#include "simd/fma32.h"

typedef struct { float lane[16]; } v16;
typedef struct { uint32_t lane[16]; } i16;
typedef struct { uint32_t lane[16]; } m16;      /* 0 or all ones */

#define V16_LANES for (int l = 0; l < 16; l++)
#define V16_MAP(type, expression)       \
    type r;                             \
    V16_LANES r.lane[l] = (expression); \
    return r

static inline v16 v16_set1(float x) { V16_MAP(v16, x); }
static inline v16 v16_zero(void) { return v16_set1(0.0f); }
static inline v16 v16_load(const float *p) { V16_MAP(v16, p[l]); }
static inline v16 v16_load_part(const float *p, int count) { V16_MAP(v16, l < count ? p[l] : 0.0f); }
static inline void v16_store(float *p, v16 v) { V16_LANES p[l] = v.lane[l]; }
static inline void v16_store_part(float *p, v16 v, int count) { for (int l = 0; l < count; l++) p[l] = v.lane[l]; }
static inline v16 v16_add(v16 a, v16 b) { V16_MAP(v16, a.lane[l] + b.lane[l]); }
static inline v16 v16_sub(v16 a, v16 b) { V16_MAP(v16, a.lane[l] - b.lane[l]); }
static inline v16 v16_mul(v16 a, v16 b) { V16_MAP(v16, a.lane[l] * b.lane[l]); }
static inline v16 v16_div(v16 a, v16 b) { V16_MAP(v16, a.lane[l] / b.lane[l]); }
static inline v16 v16_sqrt(v16 a) { V16_MAP(v16, sqrtf(a.lane[l])); }
static inline v16 v16_fma(v16 a, v16 b, v16 c) { V16_MAP(v16, thor_fma32(a.lane[l], b.lane[l], c.lane[l])); }

static inline m16 m16_first(int count) { V16_MAP(m16, l < count ? ~UINT32_C(0) : 0); }
static inline m16 m16_or(m16 a, m16 b) { V16_MAP(m16, a.lane[l] | b.lane[l]); }
static inline bool m16_any(m16 a) { uint32_t any = 0; V16_LANES any |= a.lane[l]; return any != 0; }
static inline m16 m16_load_bytes_part(const uint8_t *p, int count)
{
    V16_MAP(m16, l < count && p[l] ? ~UINT32_C(0) : 0);
}
static inline m16 v16_less(v16 a, v16 b) { V16_MAP(m16, a.lane[l] < b.lane[l] ? ~UINT32_C(0) : 0); }
static inline m16 v16_equal(v16 a, v16 b) { V16_MAP(m16, a.lane[l] == b.lane[l] ? ~UINT32_C(0) : 0); }
static inline m16 v16_is_nan(v16 a) { V16_MAP(m16, isnan(a.lane[l]) ? ~UINT32_C(0) : 0); }
static inline v16 v16_select(m16 m, v16 a, v16 b) { V16_MAP(v16, m.lane[l] ? a.lane[l] : b.lane[l]); }

static inline float v16_fold_add(v16 v)
{
    for (int half = 8; half; half /= 2)
        for (int l = 0; l < half; l++)
            v.lane[l] += v.lane[l + half];
    return v.lane[0];
}

static inline float v16_fold_max(v16 v)
{
    for (int half = 8; half; half /= 2)
        for (int l = 0; l < half; l++)
            v.lane[l] = v.lane[l + half] > v.lane[l] ? v.lane[l + half] : v.lane[l];
    return v.lane[0];
}

static inline void v16_transpose(v16 x[16])
{
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < i; j++) {
            float t = x[i].lane[j];
            x[i].lane[j] = x[j].lane[i];
            x[j].lane[i] = t;
        }
}

static inline i16 i16_set1(uint32_t x) { V16_MAP(i16, x); }
static inline i16 i16_lanes(void) { V16_MAP(i16, (uint32_t)l); }
static inline i16 i16_add(i16 a, i16 b) { V16_MAP(i16, a.lane[l] + b.lane[l]); }
static inline i16 i16_sub(i16 a, i16 b) { V16_MAP(i16, a.lane[l] - b.lane[l]); }
static inline i16 i16_and(i16 a, i16 b) { V16_MAP(i16, a.lane[l] & b.lane[l]); }
static inline i16 i16_or(i16 a, i16 b) { V16_MAP(i16, a.lane[l] | b.lane[l]); }
static inline i16 i16_xor(i16 a, i16 b) { V16_MAP(i16, a.lane[l] ^ b.lane[l]); }
static inline i16 i16_shift_left(i16 a, int n) { V16_MAP(i16, a.lane[l] << n); }
static inline i16 i16_shift_right(i16 a, int n) { V16_MAP(i16, a.lane[l] >> n); }
static inline i16 i16_select(m16 m, i16 a, i16 b) { V16_MAP(i16, m.lane[l] ? a.lane[l] : b.lane[l]); }
static inline i16 i16_load_part(const int32_t *p, int count) { V16_MAP(i16, l < count ? (uint32_t)p[l] : 0); }
static inline void i16_store_part(int32_t *p, i16 v, int count) { memcpy(p, v.lane, (size_t)count * sizeof *p); }
static inline i16 i16_bits(v16 v) { i16 r; memcpy(&r, &v, sizeof r); return r; }
static inline v16 v16_from_bits(i16 i) { v16 r; memcpy(&r, &i, sizeof r); return r; }
static inline v16 v16_from_int(i16 i) { V16_MAP(v16, (float)(int32_t)i.lane[l]); }

static inline void i16_multiply_wide(i16 a, uint32_t constant, i16 *high, i16 *low)
{
    V16_LANES {
        uint64_t product = (uint64_t)a.lane[l] * constant;
        high->lane[l] = (uint32_t)(product >> 32);
        low->lane[l] = (uint32_t)product;
    }
}

#endif
