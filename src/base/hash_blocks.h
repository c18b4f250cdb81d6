/* SHA-256 of whole blocks, in the ways that machines know. All of them give the same bits. */
#ifndef THOR_BASE_HASH_BLOCKS_H
#define THOR_BASE_HASH_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* Takes `count` blocks of 64 bytes, of any alignment, into the state a … h (FIPS 180-4, 6.2.2). */
typedef void thor_sha256_blocks(uint32_t state[8], const unsigned char *bytes, size_t count);

/* FIPS 180-4, 4.2.2. */
extern const uint32_t thor_sha256_constants[64];

/* In C, on any machine. */
void thor_sha256_plain(uint32_t state[8], const unsigned char *bytes, size_t count);

/* With the instructions that x86 (SHA-NI) and 64-bit ARM (the cryptographic extension) may have. NULL where this
 * machine or this compiler has none. */
thor_sha256_blocks *thor_sha256_x86(void);
thor_sha256_blocks *thor_sha256_arm(void);

/* The fastest of them on this machine. */
thor_sha256_blocks *thor_sha256_choose(void);

#endif
