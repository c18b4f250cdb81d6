/* Sixteen lanes in one 512-bit register (AVX-512 F, BW, VL and DQ). */
#ifndef THOR_SIMD_V16_AVX512_H
#define THOR_SIMD_V16_AVX512_H

#include <immintrin.h>

typedef __m512 v16;
typedef __m512i i16;
typedef __mmask16 m16;

static inline m16 m16_first(int count) { return (m16)((1u << count) - 1u); }
static inline m16 m16_or(m16 a, m16 b) { return (m16)(a | b); }
static inline bool m16_any(m16 a) { return a != 0; }

static inline m16 m16_load_bytes_part(const uint8_t *p, int count)
{
    return _mm_test_epi8_mask(_mm_maskz_loadu_epi8(m16_first(count), p), _mm_set1_epi8(-1));
}

static inline v16 v16_set1(float x) { return _mm512_set1_ps(x); }
static inline v16 v16_zero(void) { return _mm512_setzero_ps(); }
static inline v16 v16_load(const float *p) { return _mm512_loadu_ps(p); }
static inline v16 v16_load_part(const float *p, int count) { return _mm512_maskz_loadu_ps(m16_first(count), p); }
static inline void v16_store(float *p, v16 v) { _mm512_storeu_ps(p, v); }
static inline void v16_store_part(float *p, v16 v, int count) { _mm512_mask_storeu_ps(p, m16_first(count), v); }
static inline v16 v16_add(v16 a, v16 b) { return _mm512_add_ps(a, b); }
static inline v16 v16_sub(v16 a, v16 b) { return _mm512_sub_ps(a, b); }
static inline v16 v16_mul(v16 a, v16 b) { return _mm512_mul_ps(a, b); }
static inline v16 v16_div(v16 a, v16 b) { return _mm512_div_ps(a, b); }
static inline v16 v16_sqrt(v16 a) { return _mm512_sqrt_ps(a); }
static inline v16 v16_fma(v16 a, v16 b, v16 c) { return _mm512_fmadd_ps(a, b, c); }
static inline m16 v16_less(v16 a, v16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static inline m16 v16_equal(v16 a, v16 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
static inline m16 v16_is_nan(v16 a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
static inline v16 v16_select(m16 m, v16 a, v16 b) { return _mm512_mask_blend_ps(m, b, a); }

static inline float v16_fold_add(v16 v)
{
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/* maxps returns its second operand unless the first is greater: a > b ? a : b. */
static inline float v16_fold_max(v16 v)
{
    __m256 eight = _mm256_max_ps(_mm512_extractf32x8_ps(v, 1), _mm512_castps512_ps256(v));
    __m128 four = _mm_max_ps(_mm256_extractf128_ps(eight, 1), _mm256_castps256_ps128(eight));
    __m128 two = _mm_max_ps(_mm_movehl_ps(four, four), four);
    return _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(two), two));
}

/* In every 128-bit quarter: x[i] place j <-> x[j] place i. */
static ALWAYS_INLINE void v16_transpose4(v16 x[4])
{
    v16 a = _mm512_unpacklo_ps(x[0], x[1]), b = _mm512_unpackhi_ps(x[0], x[1]);
    v16 c = _mm512_unpacklo_ps(x[2], x[3]), d = _mm512_unpackhi_ps(x[2], x[3]);
    x[0] = _mm512_shuffle_ps(a, c, 0x44);
    x[1] = _mm512_shuffle_ps(a, c, 0xee);
    x[2] = _mm512_shuffle_ps(b, d, 0x44);
    x[3] = _mm512_shuffle_ps(b, d, 0xee);
}

/* Quarters, then where they go. The first eight come first, so that their use need not wait for the others. */
static ALWAYS_INLINE void v16_transpose(v16 x[16])
{
    v16 t[16];
    UNROLL for (int i = 0; i < 16; i++)
        t[i] = x[i];
    UNROLL for (int i = 0; i < 16; i += 4)
        v16_transpose4(t + i);
    UNROLL for (int i = 0; i < 4; i++) {
        v16 a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x44), b = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x44);
        x[i] = _mm512_shuffle_f32x4(a, b, 0x88);
        x[i + 4] = _mm512_shuffle_f32x4(a, b, 0xdd);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        v16 a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xee), b = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xee);
        x[i + 8] = _mm512_shuffle_f32x4(a, b, 0x88);
        x[i + 12] = _mm512_shuffle_f32x4(a, b, 0xdd);
    }
}

static inline i16 i16_set1(uint32_t x) { return _mm512_set1_epi32((int)x); }
static inline i16 i16_lanes(void) { return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15); }
static inline i16 i16_add(i16 a, i16 b) { return _mm512_add_epi32(a, b); }
static inline i16 i16_sub(i16 a, i16 b) { return _mm512_sub_epi32(a, b); }
static inline i16 i16_and(i16 a, i16 b) { return _mm512_and_si512(a, b); }
static inline i16 i16_or(i16 a, i16 b) { return _mm512_or_si512(a, b); }
static inline i16 i16_xor(i16 a, i16 b) { return _mm512_xor_si512(a, b); }
static inline i16 i16_shift_left(i16 a, int n) { return _mm512_sll_epi32(a, _mm_cvtsi32_si128(n)); }
static inline i16 i16_shift_right(i16 a, int n) { return _mm512_srl_epi32(a, _mm_cvtsi32_si128(n)); }
static inline i16 i16_select(m16 m, i16 a, i16 b) { return _mm512_mask_blend_epi32(m, b, a); }
static inline i16 i16_load_part(const int32_t *p, int count) { return _mm512_maskz_loadu_epi32(m16_first(count), p); }
static inline void i16_store_part(int32_t *p, i16 v, int count) { _mm512_mask_storeu_epi32(p, m16_first(count), v); }
static inline i16 i16_bits(v16 v) { return _mm512_castps_si512(v); }
static inline v16 v16_from_bits(i16 i) { return _mm512_castsi512_ps(i); }
static inline v16 v16_from_int(i16 i) { return _mm512_cvtepi32_ps(i); }

static inline void i16_multiply_wide(i16 a, uint32_t constant, i16 *high, i16 *low)
{
    i16 c = i16_set1(constant);
    i16 even = _mm512_mul_epu32(a, c), odd = _mm512_mul_epu32(_mm512_srli_epi64(a, 32), c);
    *high = _mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
    *low = _mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
}

#endif
