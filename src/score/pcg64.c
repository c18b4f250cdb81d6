#include "score/pcg64.h"

enum { POOL = 4, SHIFT = 16 };

/* Seeds of randutils' seed_seq_fe (O'Neill 2015), as SeedSequence has them. */
static const uint32_t init_a = 0x43B0D7E5, mult_a = 0x931E8875, init_b = 0x8B51F9DD, mult_b = 0x58F38DED;
static const uint32_t mix_left = 0xCA01F9DD, mix_right = 0x4973F715;

static const thor_wide multiplier = { 0x2360ED051FC65DA4u, 0x4385DF649FCCF645u };

static uint32_t hash_mix(uint32_t value, uint32_t *constant, uint32_t factor)
{
    value ^= *constant;
    *constant *= factor;
    value *= *constant;
    return value ^ (value >> SHIFT);
}

static void fill_pool(uint32_t pool[POOL], uint64_t seed)
{
    const uint32_t entropy[POOL] = { (uint32_t)seed, (uint32_t)(seed >> 32), 0, 0 };
    uint32_t constant = init_a;
    for (int i = 0; i < POOL; i++)
        pool[i] = hash_mix(entropy[i], &constant, mult_a);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++) {
            if (from == to)
                continue;
            uint32_t mixed = mix_left * pool[to] - mix_right * hash_mix(pool[from], &constant, mult_a);
            pool[to] = mixed ^ (mixed >> SHIFT);
        }
}

/* a * b, all 128 bits */
static thor_wide multiply64(uint64_t a, uint64_t b)
{
    uint64_t a0 = a & 0xFFFFFFFFu, a1 = a >> 32, b0 = b & 0xFFFFFFFFu, b1 = b >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xFFFFFFFFu);
    return (thor_wide){ a1 * b1 + (middle >> 32) + (other >> 32), (other << 32) | (low & 0xFFFFFFFFu) };
}

static thor_wide multiply(thor_wide a, thor_wide b)
{
    thor_wide product = multiply64(a.low, b.low);
    product.high += a.high * b.low + a.low * b.high;
    return product;
}

static thor_wide add(thor_wide a, thor_wide b)
{
    thor_wide sum = { a.high + b.high, a.low + b.low };
    sum.high += sum.low < a.low;
    return sum;
}

static void step(thor_pcg64 *generator)
{
    generator->state = add(multiply(generator->state, multiplier), generator->increment);
}

thor_pcg64 thor_pcg64_make(uint64_t seed)
{
    uint32_t pool[POOL], constant = init_b, words[8];
    fill_pool(pool, seed);
    for (int i = 0; i < 8; i++)
        words[i] = hash_mix(pool[i % POOL], &constant, mult_b);
    uint64_t wide[4];
    for (int i = 0; i < 4; i++)
        wide[i] = (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
    thor_pcg64 generator = { .has_spare = false };
    generator.increment = (thor_wide){ wide[2] << 1 | wide[3] >> 63, wide[3] << 1 | 1 };
    step(&generator);
    generator.state = add(generator.state, (thor_wide){ wide[0], wide[1] });
    step(&generator);
    return generator;
}

uint64_t thor_pcg64_next(thor_pcg64 *generator)
{
    step(generator);
    uint64_t folded = generator->state.high ^ generator->state.low;
    unsigned turn = (unsigned)(generator->state.high >> 58);
    return folded >> turn | folded << ((64 - turn) & 63);
}

/* The lower half of a draw comes first, then its upper half. */
static uint32_t next32(thor_pcg64 *generator)
{
    if (generator->has_spare) {
        generator->has_spare = false;
        return generator->spare;
    }
    uint64_t drawn = thor_pcg64_next(generator);
    generator->spare = (uint32_t)(drawn >> 32);
    generator->has_spare = true;
    return (uint32_t)drawn;
}

uint32_t thor_pcg64_below(thor_pcg64 *generator, uint32_t n)
{
    if (n == 1)
        return 0;
    uint64_t product = (uint64_t)next32(generator) * n;
    if ((uint32_t)product < n) {
        uint32_t least = (0u - n) % n;
        while ((uint32_t)product < least)
            product = (uint64_t)next32(generator) * n;
    }
    return (uint32_t)(product >> 32);
}

bool thor_pcg64_bit(thor_pcg64 *generator, thor_pcg64_bits *bits)
{
    bits->bits >>= 1;
    if (bits->left-- == 0) {
        bits->bits = next32(generator);
        bits->left = 31;
    }
    return bits->bits & 1;
}
