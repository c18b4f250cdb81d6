/* Dropout: masks from Philox4x32-10 (rng.h), sixteen counters at a time, and their use. */
#include "simd/isa.h"

/* Words w0 … w3 of the sixteen blocks first … first + 15. */
static inline void philox16(i16 word[4], uint32_t first, const thor_rng *rng)
{
    i16 c0 = i16_add(i16_set1(first), i16_lanes()), c1 = i16_set1(rng->site), c2 = i16_set1(rng->step);
    i16 c3 = i16_set1(rng->shard);
    uint32_t k0 = rng->key[0], k1 = rng->key[1];
    for (int round = 0; round < 10; round++) {
        i16 high0, low0, high1, low1;
        i16_multiply_wide(c0, UINT32_C(0xD2511F53), &high0, &low0);
        i16_multiply_wide(c2, UINT32_C(0xCD9E8D57), &high1, &low1);
        c0 = i16_xor(i16_xor(high1, c1), i16_set1(k0));
        c1 = low1;
        c2 = i16_xor(i16_xor(high0, c3), i16_set1(k1));
        c3 = low0;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    word[0] = c0;
    word[1] = c1;
    word[2] = c2;
    word[3] = c3;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_SHIFT(w) (24 - 8 * (w))
#else
#define BYTE_SHIFT(w) (8 * (w))
#endif

/* keep[0 … 63] of the elements 4 * block …: byte w of 32-bit lane l belongs to element 4 * l + w. */
static inline void mask64(uint8_t keep[64], uint32_t block, const thor_dropout_rule *rule)
{
    const v16 p = v16_set1(rule->p), unit = v16_set1(0x1p-24f);
    i16 word[4], bytes = i16_set1(0);
    philox16(word, block, &rule->rng);
    for (int w = 0; w < 4; w++) {
        v16 u = v16_mul(v16_from_int(i16_shift_right(word[w], 8)), unit);
        bytes = i16_or(bytes, i16_select(v16_less(u, p), i16_set1(0), i16_set1(UINT32_C(1) << BYTE_SHIFT(w))));
    }
    int32_t lanes[16];
    i16_store_part(lanes, bytes, 16);
    memcpy(keep, lanes, 64);
}

void THOR_K(dropout_mask)(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n)
{
    int64_t done = 0, skip = (int64_t)(first % 4);
    for (uint64_t block = first / 4; done < n; block += 16) {
        uint8_t bytes[64];
        mask64(bytes, (uint32_t)block, rule);
        int64_t here = n - done < 64 - skip ? n - done : 64 - skip;
        memcpy(keep + done, bytes + skip, (size_t)here);
        done += here;
        skip = 0;
    }
}

void THOR_K(dropout_apply)(float *y, const float *a, const uint8_t *keep, float scale, int64_t n)
{
    const v16 factor = v16_set1(scale), zero = v16_zero();
    V16_EACH(n, v16 scaled = v16_mul(v16_get(a + i, count), factor);
             v16_put(y + i, v16_select(m16_load_bytes_part(keep + i, count), scaled, zero), count));
}

void THOR_K(dropout_add)(float *y, const float *residual, const float *a, const uint8_t *keep, float scale, int64_t n)
{
    const v16 factor = v16_set1(scale), zero = v16_zero();
    V16_EACH(n, v16 scaled = v16_mul(v16_get(a + i, count), factor);
             v16 kept = v16_select(m16_load_bytes_part(keep + i, count), scaled, zero);
             v16_put(y + i, v16_add(v16_get(residual + i, count), kept), count));
}
