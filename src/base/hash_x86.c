/* SHA-256 with the instructions of SHA-NI (Intel SDM, SHA256RNDS2, SHA256MSG1, SHA256MSG2). */
#include "base/hash_blocks.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

/* For this file's functions alone: the program runs where the CPU has no such instruction. */
#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

/* Registers of 128 bits are saved by every 64-bit system, so that the CPU's word is enough. */
static bool is_able(void)
{
    const unsigned ssse3 = 1u << 9, sse41 = 1u << 19;   /* leaf 1, ecx */
    const unsigned sha = 1u << 29;                      /* leaf 7, ebx */
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & ssse3) || !(c & sse41))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha);
}

/* The instructions want the state as (a, b, e, f) and (c, d, g, h), the first one highest. */
typedef struct halves {
    __m128i abef, cdgh;
} halves;

SHA_NI static inline halves four_rounds(halves s, __m128i w, int group)
{
    __m128i k = _mm_loadu_si128((const __m128i *)(const void *)&thor_sha256_constants[4 * group]);
    __m128i sum = _mm_add_epi32(w, k);
    s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, sum);
    s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(sum, 0x0e));
    return s;
}

/* Words t … t+3 of the schedule from the sixteen before: w0 holds t-16 … t-13, w3 holds t-4 … t-1. */
SHA_NI static inline __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

SHA_NI static inline __m128i read_words(const unsigned char *bytes)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)bytes), big_endian);
}

SHA_NI static halves take_block(halves s, const unsigned char *block)
{
    halves before = s;
    __m128i w0 = read_words(block), w1 = read_words(block + 16);
    __m128i w2 = read_words(block + 32), w3 = read_words(block + 48);
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
    return (halves){ _mm_add_epi32(s.abef, before.abef), _mm_add_epi32(s.cdgh, before.cdgh) };
}

SHA_NI static void take_blocks(uint32_t state[8], const unsigned char *bytes, size_t count)
{
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
    halves s = { _mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0) };
    for (size_t i = 0; i < count; i++)
        s = take_block(s, bytes + 64 * i);
    __m128i abfe = _mm_shuffle_epi32(s.abef, 0x1b), hgdc = _mm_shuffle_epi32(s.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(abfe, hgdc, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(hgdc, abfe, 8));
}

thor_sha256_blocks *thor_sha256_x86(void)
{
    return is_able() ? take_blocks : NULL;
}
#else
thor_sha256_blocks *thor_sha256_x86(void)
{
    return NULL;
}
#endif
