/* Sixteen lanes in four 128-bit registers (64-bit ARM, whose vectors round and keep subnormals as IEEE 754 asks). */
#ifndef THOR_SIMD_V16_NEON_H
#define THOR_SIMD_V16_NEON_H

#include <arm_neon.h>

typedef struct { float32x4_t q[4]; } v16;
typedef struct { uint32x4_t q[4]; } i16;
typedef struct { uint32x4_t q[4]; } m16;        /* 0 or all ones in a lane */

#define V16_QUARTERS for (int h = 0; h < 4; h++)
#define V16_MAP(type, expression)               \
    type r;                                     \
    V16_QUARTERS r.q[h] = (expression);         \
    return r

static inline v16 v16_set1(float x) { V16_MAP(v16, vdupq_n_f32(x)); }
static inline v16 v16_zero(void) { return v16_set1(0.0f); }
static inline v16 v16_load(const float *p) { V16_MAP(v16, vld1q_f32(p + 4 * h)); }
static inline void v16_store(float *p, v16 v) { V16_QUARTERS vst1q_f32(p + 4 * h, v.q[h]); }

static inline v16 v16_load_part(const float *p, int count)
{
    float lanes[16] = { 0.0f };
    memcpy(lanes, p, (size_t)count * sizeof *p);
    return v16_load(lanes);
}

static inline void v16_store_part(float *p, v16 v, int count)
{
    float lanes[16];
    v16_store(lanes, v);
    memcpy(p, lanes, (size_t)count * sizeof *p);
}

static inline v16 v16_add(v16 a, v16 b) { V16_MAP(v16, vaddq_f32(a.q[h], b.q[h])); }
static inline v16 v16_sub(v16 a, v16 b) { V16_MAP(v16, vsubq_f32(a.q[h], b.q[h])); }
static inline v16 v16_mul(v16 a, v16 b) { V16_MAP(v16, vmulq_f32(a.q[h], b.q[h])); }
static inline v16 v16_div(v16 a, v16 b) { V16_MAP(v16, vdivq_f32(a.q[h], b.q[h])); }
static inline v16 v16_sqrt(v16 a) { V16_MAP(v16, vsqrtq_f32(a.q[h])); }
static inline v16 v16_fma(v16 a, v16 b, v16 c) { V16_MAP(v16, vfmaq_f32(c.q[h], a.q[h], b.q[h])); }

static inline uint32x4_t v16_lane_numbers(int h)
{
    static const uint32_t lanes[4] = { 0, 1, 2, 3 };
    return vaddq_u32(vld1q_u32(lanes), vdupq_n_u32((uint32_t)(4 * h)));
}

static inline m16 m16_first(int count) { V16_MAP(m16, vcltq_u32(v16_lane_numbers(h), vdupq_n_u32((uint32_t)count))); }
static inline m16 m16_or(m16 a, m16 b) { V16_MAP(m16, vorrq_u32(a.q[h], b.q[h])); }

static inline bool m16_any(m16 a)
{
    return vmaxvq_u32(vorrq_u32(vorrq_u32(a.q[0], a.q[1]), vorrq_u32(a.q[2], a.q[3]))) != 0;
}

static inline m16 m16_load_bytes_part(const uint8_t *p, int count)
{
    uint8_t bytes[16] = { 0 };
    memcpy(bytes, p, (size_t)count);
    uint8x16_t all = vld1q_u8(bytes);
    uint16x8_t lower = vmovl_u8(vget_low_u8(all)), upper = vmovl_u8(vget_high_u8(all));
    uint32x4_t wide[4] = { vmovl_u16(vget_low_u16(lower)), vmovl_u16(vget_high_u16(lower)),
                           vmovl_u16(vget_low_u16(upper)), vmovl_u16(vget_high_u16(upper)) };
    V16_MAP(m16, vcgtq_u32(wide[h], vdupq_n_u32(0)));
}

static inline m16 v16_less(v16 a, v16 b) { V16_MAP(m16, vcltq_f32(a.q[h], b.q[h])); }
static inline m16 v16_equal(v16 a, v16 b) { V16_MAP(m16, vceqq_f32(a.q[h], b.q[h])); }
static inline m16 v16_is_nan(v16 a) { V16_MAP(m16, vmvnq_u32(vceqq_f32(a.q[h], a.q[h]))); }
static inline v16 v16_select(m16 m, v16 a, v16 b) { V16_MAP(v16, vbslq_f32(m.q[h], a.q[h], b.q[h])); }

static inline float v16_fold_add(v16 v)
{
    float32x4_t four = vaddq_f32(vaddq_f32(v.q[0], v.q[2]), vaddq_f32(v.q[1], v.q[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

static inline float v16_fold_max(v16 v)
{
    float lane[16];
    v16_store(lane, v);
    for (int half = 8; half; half /= 2)
        for (int l = 0; l < half; l++)
            lane[l] = lane[l + half] > lane[l] ? lane[l + half] : lane[l];
    return lane[0];
}

static inline void v16_transpose4(float32x4_t x[4])
{
    float32x4x2_t a = vtrnq_f32(x[0], x[1]), b = vtrnq_f32(x[2], x[3]);
    x[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    x[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    x[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    x[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

static inline void v16_transpose(v16 x[16])
{
    v16 y[16];
    for (int block = 0; block < 4; block++)
        V16_QUARTERS {
            float32x4_t t[4];
            for (int l = 0; l < 4; l++)
                t[l] = x[4 * block + l].q[h];
            v16_transpose4(t);
            for (int l = 0; l < 4; l++)
                y[4 * h + l].q[block] = t[l];
        }
    for (int i = 0; i < 16; i++)
        x[i] = y[i];
}

static inline i16 i16_set1(uint32_t x) { V16_MAP(i16, vdupq_n_u32(x)); }
static inline i16 i16_lanes(void) { V16_MAP(i16, v16_lane_numbers(h)); }
static inline i16 i16_add(i16 a, i16 b) { V16_MAP(i16, vaddq_u32(a.q[h], b.q[h])); }
static inline i16 i16_sub(i16 a, i16 b) { V16_MAP(i16, vsubq_u32(a.q[h], b.q[h])); }
static inline i16 i16_and(i16 a, i16 b) { V16_MAP(i16, vandq_u32(a.q[h], b.q[h])); }
static inline i16 i16_or(i16 a, i16 b) { V16_MAP(i16, vorrq_u32(a.q[h], b.q[h])); }
static inline i16 i16_xor(i16 a, i16 b) { V16_MAP(i16, veorq_u32(a.q[h], b.q[h])); }
static inline i16 i16_shift_left(i16 a, int n) { V16_MAP(i16, vshlq_u32(a.q[h], vdupq_n_s32(n))); }
static inline i16 i16_shift_right(i16 a, int n) { V16_MAP(i16, vshlq_u32(a.q[h], vdupq_n_s32(-n))); }
static inline i16 i16_select(m16 m, i16 a, i16 b) { V16_MAP(i16, vbslq_u32(m.q[h], a.q[h], b.q[h])); }
static inline i16 i16_bits(v16 v) { V16_MAP(i16, vreinterpretq_u32_f32(v.q[h])); }
static inline v16 v16_from_bits(i16 i) { V16_MAP(v16, vreinterpretq_f32_u32(i.q[h])); }
static inline v16 v16_from_int(i16 i) { V16_MAP(v16, vcvtq_f32_s32(vreinterpretq_s32_u32(i.q[h]))); }

static inline i16 i16_load_part(const int32_t *p, int count)
{
    uint32_t lanes[16] = { 0 };
    memcpy(lanes, p, (size_t)count * sizeof *p);
    V16_MAP(i16, vld1q_u32(lanes + 4 * h));
}

static inline void i16_store_part(int32_t *p, i16 v, int count)
{
    uint32_t lanes[16];
    V16_QUARTERS vst1q_u32(lanes + 4 * h, v.q[h]);
    memcpy(p, lanes, (size_t)count * sizeof *p);
}

static inline void i16_multiply_wide(i16 a, uint32_t constant, i16 *high, i16 *low)
{
    uint32x2_t c = vdup_n_u32(constant);
    V16_QUARTERS {
        uint64x2_t lower = vmull_u32(vget_low_u32(a.q[h]), c), upper = vmull_u32(vget_high_u32(a.q[h]), c);
        high->q[h] = vcombine_u32(vshrn_n_u64(lower, 32), vshrn_n_u64(upper, 32));
        low->q[h] = vcombine_u32(vmovn_u64(lower), vmovn_u64(upper));
    }
}

#endif
