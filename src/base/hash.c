#include "base/hash.h"

#include <string.h>

#include "base/little_endian.h"

void thor_sha256_start(thor_sha256 *hash)
{
    *hash = (thor_sha256){ .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } };
}

thor_sha256_blocks *thor_sha256_choose(void)
{
    thor_sha256_blocks *blocks = thor_sha256_x86();
    if (!blocks)
        blocks = thor_sha256_arm();
    return blocks ? blocks : thor_sha256_plain;
}

/* In a virtual machine a CPU takes 25 us to say what it can, in which C hashes 6 kB. */
enum { WORTH_ASKING = 1 << 15 };

static void take_blocks(thor_sha256 *hash, const unsigned char *bytes, size_t count)
{
    if (!hash->blocks && hash->length >= WORTH_ASKING)
        hash->blocks = thor_sha256_choose();
    (hash->blocks ? hash->blocks : thor_sha256_plain)(hash->state, bytes, count);
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
        take_blocks(hash, hash->block, 1);
        next += fits;
        count -= fits;
    }
    take_blocks(hash, next, count / 64);
    if (count % 64 > 0)
        memcpy(hash->block, next + count / 64 * 64, count % 64);
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
