/* Dropout: masks from Philox4x32-10 (rng.h), sixteen counters at a time, and their use. */
#include "simd/isa.h"

/* Words 0 … 3 of sixteen blocks. */
typedef struct { i16 c0, c1, c2, c3; } words;

static inline words counters(uint32_t first, const thor_rng *rng)
{
    return (words){ i16_add(i16_set1(first), i16_lanes()), i16_set1(rng->site), i16_set1(rng->step),
                    i16_set1(rng->shard) };
}

static inline words philox_round(words w, i16 k0, i16 k1)
{
    i16 high0, low0, high1, low1;
    i16_multiply_wide(w.c0, UINT32_C(0xD2511F53), &high0, &low0);
    i16_multiply_wide(w.c2, UINT32_C(0xCD9E8D57), &high1, &low1);
    return (words){ i16_xor(i16_xor(high1, w.c1), k0), low1, i16_xor(i16_xor(high0, w.c3), k1), low0 };
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_SHIFT(w) (24 - 8 * (w))
#else
#define BYTE_SHIFT(w) (8 * (w))
#endif

/* 1 in byte `w` of every lane whose word is kept. */
static inline i16 kept(i16 word, int w, v16 p)
{
    v16 u = v16_mul(v16_from_int(i16_shift_right(word, 8)), v16_set1(0x1p-24f));
    return i16_select(v16_less(u, p), i16_set1(0), i16_set1(UINT32_C(1) << BYTE_SHIFT(w)));
}

/* Byte w of 32-bit lane l belongs to element 4 * l + w. */
static inline void store_masks(uint8_t keep[64], words w, v16 p)
{
    i16 bytes = i16_or(i16_or(kept(w.c0, 0, p), kept(w.c1, 1, p)), i16_or(kept(w.c2, 2, p), kept(w.c3, 3, p)));
    int32_t lanes[16];
    i16_store_part(lanes, bytes, 16);
    memcpy(keep, lanes, 64);
}

enum { BATCH = 128 };   /* masks made at a time: two vectors of blocks, since one would wait for itself every round */

/* keep[0 … 127] of the elements 4 * block … */
static inline void draw(uint8_t keep[BATCH], uint32_t block, const thor_dropout_rule *rule)
{
    const v16 p = v16_set1(rule->p);
    words a = counters(block, &rule->rng), b = counters(block + 16, &rule->rng);
    uint32_t k0 = rule->rng.key[0], k1 = rule->rng.key[1];
    for (int round = 0; round < 10; round++) {
        const i16 key0 = i16_set1(k0), key1 = i16_set1(k1);
        a = philox_round(a, key0, key1);
        b = philox_round(b, key0, key1);
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    store_masks(keep, a, p);
    store_masks(keep + 64, b, p);
}

void THOR_K(dropout_mask)(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n)
{
    int64_t done = 0, skip = (int64_t)(first % 4);
    uint64_t block = first / 4;
    for (; skip == 0 && done + BATCH <= n; done += BATCH, block += BATCH / 4)
        draw(keep + done, (uint32_t)block, rule);
    for (; done < n; block += BATCH / 4) {
        uint8_t bytes[BATCH];
        draw(bytes, (uint32_t)block, rule);
        int64_t here = n - done < BATCH - skip ? n - done : BATCH - skip;
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
