/* What the CPU has and the operating system saves. */
#ifndef THOR_SIMD_CPU_H
#define THOR_SIMD_CPU_H

#include <stdbool.h>

typedef struct thor_cpu {
    bool avx2;          /* AVX2 and FMA, and the system saves the 256-bit registers */
    bool avx512;        /* AVX-512 F, BW, VL and DQ besides, and the system saves masks and 512-bit registers */
    bool neon;          /* 64-bit ARM always has it */
} thor_cpu;

thor_cpu thor_cpu_ask(void);

/* What x86's answers allow: `features` is ecx of leaf 1, `extended` ebx of leaf 7, `saved` the register files that the
 * system saves at a task switch (XCR0, read only where `features` has OSXSAVE). Sets avx2 and avx512. */
void thor_cpu_decide(thor_cpu *cpu, unsigned features, unsigned extended, unsigned saved);

#endif
