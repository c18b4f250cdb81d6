#include "base/hash.h"

#include <string.h>

#include "base/fileio.h"

/* FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

/* FIPS 180-4, 6.2.2 step 1: sixteen words of the block, 48 made of them. */
static void schedule(uint32_t w[64], const unsigned char block[64])
{
    for (int t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 |
               (uint32_t)block[4 * t + 3];
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ w[t - 15] >> 3;
        uint32_t s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ w[t - 2] >> 10;
        w[t] = s1 + w[t - 7] + s0 + w[t - 16];
    }
}

/* Steps 2 to 4. */
static void compress(uint32_t state[8], const unsigned char block[64])
{
    uint32_t w[64];
    schedule(w, block);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int t = 0; t < 64; t++) {
        uint32_t t1 = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + w[t];
        uint32_t t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void thor_sha256_start(thor_sha256 *hash)
{
    *hash = (thor_sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

void thor_sha256_add(thor_sha256 *hash, const void *bytes, size_t count)
{
    const unsigned char *next = bytes;
    size_t filled = (size_t)(hash->length % 64);
    hash->length += count;
    if (filled > 0) {
        size_t fits = count < 64 - filled ? count : 64 - filled;
        if (fits > 0)
            memcpy(hash->block + filled, next, fits);
        if (filled + fits < 64)
            return;
        compress(hash->state, hash->block);
        next += fits;
        count -= fits;
    }
    for (; count >= 64; next += 64, count -= 64)
        compress(hash->state, next);
    if (count > 0)
        memcpy(hash->block, next, count);
}

void thor_sha256_hex(thor_sha256 *hash, char hex[65])
{
    static const unsigned char padding[64] = { 0x80 };
    unsigned char bits[8];
    for (int i = 0; i < 8; i++)
        bits[i] = (unsigned char)(hash->length * 8 >> (56 - 8 * i));
    thor_sha256_add(hash, padding, 1 + (size_t)((119 - hash->length % 64) % 64));
    thor_sha256_add(hash, bits, sizeof bits);
    for (int i = 0; i < 64; i++)
        hex[i] = "0123456789abcdef"[hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    hex[64] = '\0';
}

void thor_sha256_add_f32(thor_sha256 *hash, const float *values, size_t count)
{
    unsigned char bytes[256];
    for (size_t done = 0; done < count;) {
        size_t part = count - done < 64 ? count - done : 64;
        for (size_t i = 0; i < part; i++) {
            uint32_t word;
            memcpy(&word, &values[done + i], sizeof word);
            thor_put32(bytes + 4 * i, word);
        }
        thor_sha256_add(hash, bytes, 4 * part);
        done += part;
    }
}

void thor_sha256_add_f64(thor_sha256 *hash, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        unsigned char bytes[8];
        memcpy(&word, &values[i], sizeof word);
        thor_put64(bytes, word);
        thor_sha256_add(hash, bytes, sizeof bytes);
    }
}
