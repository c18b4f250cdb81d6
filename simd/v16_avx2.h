/* Sixteen lanes in two 256-bit registers (AVX2 and FMA). */
#ifndef THOR_SIMD_V16_AVX2_H
#define THOR_SIMD_V16_AVX2_H

#include <immintrin.h>

typedef struct { __m256 lo, hi; } v16;
typedef struct { __m256i lo, hi; } i16;
typedef struct { __m256 lo, hi; } m16;      /* 0 or all ones in a lane */

#define V16_PAIR(type, lower, upper) return (type){ .lo = (lower), .hi = (upper) }

static inline __m256i v16_count_mask(int count, int first)
{
    __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count - first), lanes);
}

static inline m16 m16_first(int count)
{
    V16_PAIR(m16, _mm256_castsi256_ps(v16_count_mask(count, 0)), _mm256_castsi256_ps(v16_count_mask(count, 8)));
}

static inline m16 m16_or(m16 a, m16 b) { V16_PAIR(m16, _mm256_or_ps(a.lo, b.lo), _mm256_or_ps(a.hi, b.hi)); }
static inline bool m16_any(m16 a) { return (_mm256_movemask_ps(a.lo) | _mm256_movemask_ps(a.hi)) != 0; }

static inline m16 m16_load_bytes_part(const uint8_t *p, int count)
{
    uint8_t bytes[16] = { 0 };
    memcpy(bytes, p, (size_t)count);
    __m128i packed = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m256i lower = _mm256_cvtepu8_epi32(packed), upper = _mm256_cvtepu8_epi32(_mm_srli_si128(packed, 8));
    __m256i zero = _mm256_setzero_si256();
    V16_PAIR(m16, _mm256_castsi256_ps(_mm256_cmpgt_epi32(lower, zero)),
             _mm256_castsi256_ps(_mm256_cmpgt_epi32(upper, zero)));
}

static inline v16 v16_set1(float x) { __m256 v = _mm256_set1_ps(x); V16_PAIR(v16, v, v); }
static inline v16 v16_zero(void) { return v16_set1(0.0f); }
static inline v16 v16_load(const float *p) { V16_PAIR(v16, _mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)); }

static inline v16 v16_load_part(const float *p, int count)
{
    V16_PAIR(v16, _mm256_maskload_ps(p, v16_count_mask(count, 0)),
             count > 8 ? _mm256_maskload_ps(p + 8, v16_count_mask(count, 8)) : _mm256_setzero_ps());
}

static inline void v16_store(float *p, v16 v)
{
    _mm256_storeu_ps(p, v.lo);
    _mm256_storeu_ps(p + 8, v.hi);
}

static inline void v16_store_part(float *p, v16 v, int count)
{
    _mm256_maskstore_ps(p, v16_count_mask(count, 0), v.lo);
    if (count > 8)
        _mm256_maskstore_ps(p + 8, v16_count_mask(count, 8), v.hi);
}

static inline v16 v16_add(v16 a, v16 b) { V16_PAIR(v16, _mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)); }
static inline v16 v16_sub(v16 a, v16 b) { V16_PAIR(v16, _mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)); }
static inline v16 v16_mul(v16 a, v16 b) { V16_PAIR(v16, _mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)); }
static inline v16 v16_div(v16 a, v16 b) { V16_PAIR(v16, _mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)); }
static inline v16 v16_sqrt(v16 a) { V16_PAIR(v16, _mm256_sqrt_ps(a.lo), _mm256_sqrt_ps(a.hi)); }

static inline v16 v16_fma(v16 a, v16 b, v16 c)
{
    V16_PAIR(v16, _mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi));
}

static inline m16 v16_less(v16 a, v16 b)
{
    V16_PAIR(m16, _mm256_cmp_ps(a.lo, b.lo, _CMP_LT_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_LT_OQ));
}

static inline m16 v16_equal(v16 a, v16 b)
{
    V16_PAIR(m16, _mm256_cmp_ps(a.lo, b.lo, _CMP_EQ_OQ), _mm256_cmp_ps(a.hi, b.hi, _CMP_EQ_OQ));
}

static inline m16 v16_is_nan(v16 a)
{
    V16_PAIR(m16, _mm256_cmp_ps(a.lo, a.lo, _CMP_UNORD_Q), _mm256_cmp_ps(a.hi, a.hi, _CMP_UNORD_Q));
}

static inline v16 v16_select(m16 m, v16 a, v16 b)
{
    V16_PAIR(v16, _mm256_blendv_ps(b.lo, a.lo, m.lo), _mm256_blendv_ps(b.hi, a.hi, m.hi));
}

static inline float v16_fold_add(v16 v)
{
    __m256 eight = _mm256_add_ps(v.lo, v.hi);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* maxps returns its second operand unless the first is greater: a > b ? a : b. */
static inline float v16_fold_max(v16 v)
{
    __m256 eight = _mm256_max_ps(v.hi, v.lo);
    __m128 four = _mm_max_ps(_mm256_extractf128_ps(eight, 1), _mm256_castps256_ps128(eight));
    __m128 two = _mm_max_ps(_mm_movehl_ps(four, four), four);
    return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(two), two));
}

static inline void v16_transpose8(__m256 x[8])
{
    __m256 t[8];
    UNROLL for (int i = 0; i < 8; i += 4) {
        __m256 a = _mm256_unpacklo_ps(x[i], x[i + 1]), b = _mm256_unpackhi_ps(x[i], x[i + 1]);
        __m256 c = _mm256_unpacklo_ps(x[i + 2], x[i + 3]), d = _mm256_unpackhi_ps(x[i + 2], x[i + 3]);
        t[i] = _mm256_shuffle_ps(a, c, 0x44);
        t[i + 1] = _mm256_shuffle_ps(a, c, 0xee);
        t[i + 2] = _mm256_shuffle_ps(b, d, 0x44);
        t[i + 3] = _mm256_shuffle_ps(b, d, 0xee);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        x[i] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
        x[i + 4] = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
    }
}

/* Four blocks of 8 by 8; the two off the diagonal change places. */
static inline void v16_transpose(v16 x[16])
{
    __m256 a[8], b[8], c[8], d[8];
    UNROLL for (int i = 0; i < 8; i++) {
        a[i] = x[i].lo;
        b[i] = x[i].hi;
        c[i] = x[i + 8].lo;
        d[i] = x[i + 8].hi;
    }
    v16_transpose8(a);
    v16_transpose8(b);
    v16_transpose8(c);
    v16_transpose8(d);
    UNROLL for (int i = 0; i < 8; i++) {
        x[i] = (v16){ .lo = a[i], .hi = c[i] };
        x[i + 8] = (v16){ .lo = b[i], .hi = d[i] };
    }
}

#define V16_TRANSPOSED 4      /* eight vectors of steps leave registers for sums */

/* Eight columns: rows that are four apart share a register from the start, since 128-bit halves cost as much to load as
 * to exchange. */
static ALWAYS_INLINE void v16_turn8(__m256 x[4], const float *w, int64_t row)
{
    const float *lower = w, *upper = w + 4 * row;
    OPAQUE(upper);
    UNROLL for (int i = 0; i < 4; i++)
        x[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(lower + i * row)),
                                    _mm_loadu_ps(upper + i * row), 1);
    __m256 a = _mm256_unpacklo_ps(x[0], x[1]), b = _mm256_unpackhi_ps(x[0], x[1]);
    __m256 c = _mm256_unpacklo_ps(x[2], x[3]), d = _mm256_unpackhi_ps(x[2], x[3]);
    x[0] = _mm256_shuffle_ps(a, c, 0x44);
    x[1] = _mm256_shuffle_ps(a, c, 0xee);
    x[2] = _mm256_shuffle_ps(b, d, 0x44);
    x[3] = _mm256_shuffle_ps(b, d, 0xee);
}

static ALWAYS_INLINE void v16_load_transposed(v16 x[V16_TRANSPOSED], const float *w, int64_t row)
{
    const float *middle = w + 8 * row;
    __m256 lower[4], upper[4];
    OPAQUE(middle);
    v16_turn8(lower, w, row);
    v16_turn8(upper, middle, row);
    UNROLL for (int s = 0; s < V16_TRANSPOSED; s++)
        x[s] = (v16){ .lo = lower[s], .hi = upper[s] };
}

static inline i16 i16_set1(uint32_t x) { __m256i v = _mm256_set1_epi32((int)x); V16_PAIR(i16, v, v); }

static inline i16 i16_lanes(void)
{
    V16_PAIR(i16, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15));
}

static inline i16 i16_add(i16 a, i16 b) { V16_PAIR(i16, _mm256_add_epi32(a.lo, b.lo), _mm256_add_epi32(a.hi, b.hi)); }
static inline i16 i16_sub(i16 a, i16 b) { V16_PAIR(i16, _mm256_sub_epi32(a.lo, b.lo), _mm256_sub_epi32(a.hi, b.hi)); }
static inline i16 i16_and(i16 a, i16 b) { V16_PAIR(i16, _mm256_and_si256(a.lo, b.lo), _mm256_and_si256(a.hi, b.hi)); }
static inline i16 i16_or(i16 a, i16 b) { V16_PAIR(i16, _mm256_or_si256(a.lo, b.lo), _mm256_or_si256(a.hi, b.hi)); }
static inline i16 i16_xor(i16 a, i16 b) { V16_PAIR(i16, _mm256_xor_si256(a.lo, b.lo), _mm256_xor_si256(a.hi, b.hi)); }

static inline i16 i16_shift_left(i16 a, int n)
{
    V16_PAIR(i16, _mm256_sll_epi32(a.lo, _mm_cvtsi32_si128(n)), _mm256_sll_epi32(a.hi, _mm_cvtsi32_si128(n)));
}

static inline i16 i16_shift_right(i16 a, int n)
{
    V16_PAIR(i16, _mm256_srl_epi32(a.lo, _mm_cvtsi32_si128(n)), _mm256_srl_epi32(a.hi, _mm_cvtsi32_si128(n)));
}

static inline i16 i16_bits(v16 v) { V16_PAIR(i16, _mm256_castps_si256(v.lo), _mm256_castps_si256(v.hi)); }
static inline v16 v16_from_bits(i16 i) { V16_PAIR(v16, _mm256_castsi256_ps(i.lo), _mm256_castsi256_ps(i.hi)); }
static inline v16 v16_from_int(i16 i) { V16_PAIR(v16, _mm256_cvtepi32_ps(i.lo), _mm256_cvtepi32_ps(i.hi)); }
static inline i16 i16_select(m16 m, i16 a, i16 b)
{
    return i16_bits(v16_select(m, v16_from_bits(a), v16_from_bits(b)));
}

static inline i16 i16_load_part(const int32_t *p, int count)
{
    V16_PAIR(i16, _mm256_maskload_epi32(p, v16_count_mask(count, 0)),
             count > 8 ? _mm256_maskload_epi32(p + 8, v16_count_mask(count, 8)) : _mm256_setzero_si256());
}

static inline void i16_store_part(int32_t *p, i16 v, int count)
{
    _mm256_maskstore_epi32(p, v16_count_mask(count, 0), v.lo);
    if (count > 8)
        _mm256_maskstore_epi32(p + 8, v16_count_mask(count, 8), v.hi);
}

static inline void i16_multiply_wide8(__m256i a, __m256i c, __m256i *high, __m256i *low)
{
    __m256i even = _mm256_mul_epu32(a, c), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), c);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
}

static inline void i16_multiply_wide(i16 a, uint32_t constant, i16 *high, i16 *low)
{
    __m256i c = _mm256_set1_epi32((int)constant);
    i16_multiply_wide8(a.lo, c, &high->lo, &low->lo);
    i16_multiply_wide8(a.hi, c, &high->hi, &low->hi);
}

#endif
