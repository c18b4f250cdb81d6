#include "simd/cpu.h"

#include <unistd.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <cpuid.h>

enum { XMM_AND_YMM = 0x6, MASKS_AND_ZMM = 0xe0 };

/* Which register files the system saves at a task switch (XCR0); 0 where it cannot be asked. */
static unsigned saved_registers(unsigned features)
{
    const unsigned osxsave = 1u << 27;
    if (!(features & osxsave))
        return 0;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static void ask_features(thor_cpu *cpu)
{
    const unsigned fma = 1u << 12, avx = 1u << 28;                                          /* leaf 1, ecx */
    const unsigned avx2 = 1u << 5, f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;   /* leaf 7, ebx */
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return;
    unsigned base = c, saved = saved_registers(c);
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return;
    cpu->avx2 = (base & fma) && (base & avx) && (b & avx2) && (saved & XMM_AND_YMM) == XMM_AND_YMM;
    cpu->avx512 = cpu->avx2 && (b & f) && (b & dq) && (b & bw) && (b & vl) && (saved & MASKS_AND_ZMM) == MASKS_AND_ZMM;
}
#else
static void ask_features(thor_cpu *cpu)
{
#ifdef __aarch64__
    cpu->neon = true;
#else
    (void)cpu;
#endif
}
#endif

thor_cpu thor_cpu_ask(void)
{
    thor_cpu cpu = { .l2_bytes = 512 * 1024 };
    ask_features(&cpu);
#ifdef _SC_LEVEL2_CACHE_SIZE
    long told = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (told >= 128 * 1024 && told <= 64L * 1024 * 1024)
        cpu.l2_bytes = told;
#endif
    return cpu;
}
