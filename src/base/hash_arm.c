/* SHA-256 with the cryptographic extension of 64-bit ARM (Arm ARM, SHA256H, SHA256H2, SHA256SU0, SHA256SU1). */
#include "base/hash_blocks.h"

#if defined(__aarch64__) && defined(__GNUC__) && !defined(__AARCH64EB__)
#include <arm_neon.h>
#include <stdbool.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif

static bool is_able(void)
{
#if defined(__linux__)
    const unsigned long sha2 = 1ul << 6;        /* HWCAP_SHA2 */
    return getauxval(AT_HWCAP) & sha2;
#elif defined(__ARM_FEATURE_SHA2) || defined(__APPLE__)
    return true;
#else
    return false;
#endif
}

/* Compilers offer these instructions as functions only where a flag says that every CPU has them; their assembler can
 * be told so here. */
#ifdef __clang__
#define EXTENSION ".arch_extension sha2\n\t"
#else
#define EXTENSION ".arch_extension crypto\n\t"
#endif

/* Four rounds: the new a … d (first), or the new e … h (second), from both halves before and words plus constants. */
static inline uint32x4_t new_abcd(uint32x4_t abcd, uint32x4_t efgh, uint32x4_t sum)
{
    __asm__(EXTENSION "sha256h %q0, %q1, %2.4s" : "+w"(abcd) : "w"(efgh), "w"(sum));
    return abcd;
}

static inline uint32x4_t new_efgh(uint32x4_t efgh, uint32x4_t abcd, uint32x4_t sum)
{
    __asm__(EXTENSION "sha256h2 %q0, %q1, %2.4s" : "+w"(efgh) : "w"(abcd), "w"(sum));
    return efgh;
}

/* Words t … t+3 of the schedule from the sixteen before: w0 holds t-16 … t-13, w3 holds t-4 … t-1. */
static inline uint32x4_t next_words(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3)
{
    __asm__(EXTENSION "sha256su0 %0.4s, %1.4s\n\tsha256su1 %0.4s, %2.4s, %3.4s"
            : "+&w"(w0) : "w"(w1), "w"(w2), "w"(w3));
    return w0;
}

typedef struct halves {
    uint32x4_t abcd, efgh;
} halves;

static inline halves four_rounds(halves s, uint32x4_t w, int group)
{
    uint32x4_t sum = vaddq_u32(w, vld1q_u32(&thor_sha256_constants[4 * group]));
    return (halves){ new_abcd(s.abcd, s.efgh, sum), new_efgh(s.efgh, s.abcd, sum) };
}

static inline uint32x4_t read_words(const unsigned char *bytes)
{
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

static halves take_block(halves s, const unsigned char *block)
{
    halves before = s;
    uint32x4_t w0 = read_words(block), w1 = read_words(block + 16);
    uint32x4_t w2 = read_words(block + 32), w3 = read_words(block + 48);
    for (int group = 0;; group += 4) {
        s = four_rounds(s, w0, group);
        s = four_rounds(s, w1, group + 1);
        s = four_rounds(s, w2, group + 2);
        s = four_rounds(s, w3, group + 3);
        if (group == 12)
            break;
        w0 = next_words(w0, w1, w2, w3);
        w1 = next_words(w1, w2, w3, w0);
        w2 = next_words(w2, w3, w0, w1);
        w3 = next_words(w3, w0, w1, w2);
    }
    return (halves){ vaddq_u32(s.abcd, before.abcd), vaddq_u32(s.efgh, before.efgh) };
}

static void take_blocks(uint32_t state[8], const unsigned char *bytes, size_t count)
{
    halves s = { vld1q_u32(state), vld1q_u32(state + 4) };
    for (size_t i = 0; i < count; i++)
        s = take_block(s, bytes + 64 * i);
    vst1q_u32(state, s.abcd);
    vst1q_u32(state + 4, s.efgh);
}

thor_sha256_blocks *thor_sha256_arm(void)
{
    return is_able() ? take_blocks : NULL;
}
#else
thor_sha256_blocks *thor_sha256_arm(void)
{
    return NULL;
}
#endif
