/* What the loops of a matrix product ask of the compiler. */
#ifndef THOR_SIMD_UNROLL_H
#define THOR_SIMD_UNROLL_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

/* One copy of the tile for each size, unrolled into registers; a single plain one where a sanitizer looks at every
 * access, which would take the compiler minutes for all the copies. */
#if defined(__clang__) && !defined(SANITIZED)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__) && !defined(SANITIZED)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

/* Hides how a pointer came about, so that addresses are computed from it: for a pattern of many rows the compiler would
 * else keep each row's own in a register that it does not have. */
#if defined(__GNUC__)
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))
#else
#define OPAQUE(pointer) ((void)(pointer))
#endif

#if defined(SANITIZED)
#define ALWAYS_INLINE __attribute__((noinline, unused))
#elif defined(__GNUC__)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE inline
#endif

#if defined(__GNUC__)
#define NEVER_INLINE __attribute__((noinline))
#else
#define NEVER_INLINE
#endif

#endif
