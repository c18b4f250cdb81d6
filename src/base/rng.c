#include "base/rng.h"

thor_rng thor_rng_make(uint64_t seed, uint32_t site, uint32_t step, uint32_t shard)
{
    return (thor_rng){ .key = { (uint32_t)seed, (uint32_t)(seed >> 32) }, .site = site, .step = step, .shard = shard };
}

void thor_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = UINT64_C(0xD2511F53) * c0, p1 = UINT64_C(0xCD9E8D57) * c2;
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)p1;
        c3 = (uint32_t)p0;
        c0 = n0;
        c2 = n2;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

uint32_t thor_rng_word(const thor_rng *rng, uint64_t index)
{
    uint32_t counter[4] = { (uint32_t)(index / 4), rng->site, rng->step, rng->shard }, block[4];
    thor_philox(block, counter, rng->key);
    return block[index % 4];
}

float thor_rng_uniform(const thor_rng *rng, uint64_t index)
{
    return (float)(thor_rng_word(rng, index) >> 8) * 0x1p-24f;
}

uint64_t thor_rng_below(const thor_rng *rng, uint64_t index, uint64_t n)
{
    uint32_t counter[4] = { (uint32_t)(index / 2), rng->site, rng->step, rng->shard }, block[4];
    thor_philox(block, counter, rng->key);
    const uint32_t *words = block + index % 2 * 2;      /* elements 2 index and 2 index + 1 */
    uint64_t x = (uint64_t)words[0] << 32 | words[1];
    uint64_t low = (x & 0xffffffffu) * (n & 0xffffffffu);
    uint64_t middle_a = (x >> 32) * (n & 0xffffffffu), middle_b = (x & 0xffffffffu) * (n >> 32);
    uint64_t carry = ((low >> 32) + (middle_a & 0xffffffffu) + (middle_b & 0xffffffffu)) >> 32;
    return (x >> 32) * (n >> 32) + (middle_a >> 32) + (middle_b >> 32) + carry;
}
