#include "simd/cpu.h"

enum { XMM_AND_YMM = 0x6, MASKS_AND_ZMM = 0xe0 };

static const unsigned osxsave = 1u << 27;

void thor_cpu_decide(thor_cpu *cpu, unsigned features, unsigned extended, unsigned saved)
{
    const unsigned fma = 1u << 12, avx = 1u << 28, avx2 = 1u << 5;
    const unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31;
    bool asked = features & osxsave;
    cpu->avx2 = asked && (features & fma) && (features & avx) && (extended & avx2) &&
                (saved & XMM_AND_YMM) == XMM_AND_YMM;
    cpu->avx512 = cpu->avx2 && (extended & f) && (extended & dq) && (extended & bw) && (extended & vl) &&
                  (saved & MASKS_AND_ZMM) == MASKS_AND_ZMM;
}

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#include <cpuid.h>

/* XCR0; to be asked only where the system lets programs ask. */
static unsigned saved_registers(unsigned features)
{
    if (!(features & osxsave))
        return 0;
    unsigned low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static void ask_features(thor_cpu *cpu)
{
    unsigned a, b, features, extended, d;
    if (!__get_cpuid(1, &a, &b, &features, &d))
        return;
    unsigned saved = saved_registers(features), c;
    if (__get_cpuid_count(7, 0, &a, &extended, &c, &d))
        thor_cpu_decide(cpu, features, extended, saved);
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
    thor_cpu cpu = { .neon = false };
    ask_features(&cpu);
    return cpu;
}
