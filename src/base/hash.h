/* SHA-256 (FIPS 180-4): checksums of files and the digests of numerics. */
#ifndef THOR_BASE_HASH_H
#define THOR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/hash_blocks.h"

typedef struct thor_sha256 {
    thor_sha256_blocks *blocks; /* NULL: in C, and once it is much, in the fastest way of this machine */
    uint32_t state[8];
    uint64_t length;
    unsigned char block[64];
} thor_sha256;

void thor_sha256_start(thor_sha256 *hash);
void thor_sha256_add(thor_sha256 *hash, const void *bytes, size_t count);

/* 64 hexadecimal digits and a zero byte. */
void thor_sha256_hex(thor_sha256 *hash, char hex[65]);

/* Adds `count` floats (doubles) as little-endian binary32 (binary64) whatever the machine's order. */
void thor_sha256_add_f32(thor_sha256 *hash, const float *values, size_t count);
void thor_sha256_add_f64(thor_sha256 *hash, const double *values, size_t count);

#endif
