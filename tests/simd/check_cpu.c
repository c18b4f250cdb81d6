/* Which kernels a processor and its system allow. cpu.c is compiled here once more, with a processor and a system of
 * this test's own: registers that the system does not save at a task switch are not to be used, whatever the processor
 * says that it can. */
#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define PROCESSOR 1
#include <cpuid.h>

static struct {
    bool leaf1, leaf7;
    unsigned features, extended, saved;     /* leaf 1 ecx, leaf 7 ebx, XCR0 */
} machine;

static int own_cpuid(unsigned leaf, unsigned *a, unsigned *b, unsigned *c, unsigned *d)
{
    *a = *b = *d = 0;
    *c = machine.features;
    return leaf == 1 && machine.leaf1;
}

static int own_cpuid_count(unsigned leaf, unsigned part, unsigned *a, unsigned *b, unsigned *c, unsigned *d)
{
    *a = *c = *d = 0;
    *b = machine.extended;
    return leaf == 7 && part == 0 && machine.leaf7;
}

#if defined(__clang__)
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#define __get_cpuid own_cpuid
#define __get_cpuid_count own_cpuid_count
#define __asm__                             /* asm volatile("xgetbv" …) becomes (low = …, high = …) */
#define volatile(...) (low = machine.saved, high = 0, (void)high)
#endif

#define thor_cpu_ask own_cpu_ask
#include "simd/cpu.c"
#undef volatile
#undef __asm__

#ifdef PROCESSOR
enum { OSXSAVE = 1 << 27, AVX = 1 << 28, FMA = 1 << 12, AVX2 = 1 << 5, F = 1 << 16, DQ = 1 << 17, BW = 1 << 30 };
enum { XMM = 2, YMM = 4, MASKS = 0x20, LOW_ZMM = 0x40, HIGH_ZMM = 0x80, ALL = XMM | YMM | MASKS | LOW_ZMM | HIGH_ZMM };
static const unsigned VL = 1u << 31;

static thor_cpu ask(unsigned features, unsigned extended, unsigned saved)
{
    machine.leaf1 = machine.leaf7 = true;
    machine.features = features;
    machine.extended = extended;
    machine.saved = saved;
    return own_cpu_ask();
}

static const unsigned base = OSXSAVE | AVX | FMA;

START_TEST(everything)
{
    thor_cpu cpu = ask(base, AVX2 | F | DQ | BW | VL, ALL);
    ck_assert(cpu.avx2 && cpu.avx512 && !cpu.neon);
    cpu = ask(base, AVX2, XMM | YMM);
    ck_assert(cpu.avx2 && !cpu.avx512);
    ck_assert_int_ge(cpu.l2_bytes, 128 * 1024);
}
END_TEST

/* Each feature is asked for: without it, what needs it is off. */
START_TEST(every_feature_counts)
{
    const unsigned features[] = { AVX, FMA }, extended[] = { F, DQ, BW, VL }, full = AVX2 | F | DQ | BW | VL;
    for (int i = 0; i < 2; i++) {
        thor_cpu cpu = ask(base & ~features[i], full, ALL);
        ck_assert(!cpu.avx2 && !cpu.avx512);
    }
    for (int i = 0; i < 4; i++) {
        thor_cpu cpu = ask(base, full & ~extended[i], ALL);
        ck_assert(cpu.avx2 && !cpu.avx512);
    }
    thor_cpu cpu = ask(base, full & ~(unsigned)AVX2, ALL);
    ck_assert(!cpu.avx2 && !cpu.avx512);
}
END_TEST

/* The system does not save registers, or cannot be asked whether it does. */
START_TEST(the_system_has_to_save_the_registers)
{
    const unsigned narrow[] = { XMM, YMM }, wide[] = { MASKS, LOW_ZMM, HIGH_ZMM }, full = AVX2 | F | DQ | BW | VL;
    for (int i = 0; i < 2; i++) {
        thor_cpu cpu = ask(base, full, ALL & ~narrow[i]);
        ck_assert(!cpu.avx2 && !cpu.avx512);
    }
    for (int i = 0; i < 3; i++) {
        thor_cpu cpu = ask(base, full, ALL & ~wide[i]);
        ck_assert(cpu.avx2 && !cpu.avx512);
    }
    thor_cpu cpu = ask(base & ~(unsigned)OSXSAVE, full, ALL);
    ck_assert(!cpu.avx2 && !cpu.avx512);
}
END_TEST

START_TEST(old_processors)
{
    machine.leaf1 = machine.leaf7 = false;
    thor_cpu cpu = own_cpu_ask();
    ck_assert(!cpu.avx2 && !cpu.avx512);
    machine.leaf1 = true;
    machine.features = base;
    machine.saved = ALL;
    cpu = own_cpu_ask();
    ck_assert(!cpu.avx2 && !cpu.avx512);
}
END_TEST
#else
START_TEST(everything)
{
    thor_cpu cpu = own_cpu_ask();
    ck_assert(!cpu.avx2 && !cpu.avx512);
#ifdef __aarch64__
    ck_assert(cpu.neon);
#else
    ck_assert(!cpu.neon);
#endif
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *tcase = tcase_create("cpu");
    tcase_add_test(tcase, everything);
#ifdef PROCESSOR
    tcase_add_test(tcase, every_feature_counts);
    tcase_add_test(tcase, the_system_has_to_save_the_registers);
    tcase_add_test(tcase, old_processors);
#endif
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
