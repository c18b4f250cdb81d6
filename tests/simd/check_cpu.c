/* Which kernels a processor and its system allow: registers that the system does not save at a task switch are not to
 * be used, whatever the processor says that it can. */
#include <check.h>

#include "simd/cpu.h"

enum { OSXSAVE = 1 << 27, AVX = 1 << 28, FMA = 1 << 12, AVX2 = 1 << 5, F = 1 << 16, DQ = 1 << 17, BW = 1 << 30 };
enum { XMM = 2, YMM = 4, MASKS = 0x20, LOW_ZMM = 0x40, HIGH_ZMM = 0x80, ALL = XMM | YMM | MASKS | LOW_ZMM | HIGH_ZMM };
static const unsigned VL = 1u << 31;

static thor_cpu ask(unsigned features, unsigned extended, unsigned saved)
{
    thor_cpu cpu = { .avx2 = false };
    thor_cpu_decide(&cpu, features, extended, saved);
    return cpu;
}

static const unsigned base = OSXSAVE | AVX | FMA;

START_TEST(everything)
{
    thor_cpu cpu = ask(base, AVX2 | F | DQ | BW | VL, ALL);
    ck_assert(cpu.avx2 && cpu.avx512 && !cpu.neon);
    cpu = ask(base, AVX2, XMM | YMM);
    ck_assert(cpu.avx2 && !cpu.avx512);
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

/* What runs this test: the architecture has its own vectors and no other one's. */
START_TEST(this_machine)
{
    thor_cpu cpu = thor_cpu_ask();
    ck_assert(cpu.avx2 || !cpu.avx512);
#if defined(__aarch64__)
    ck_assert(cpu.neon && !cpu.avx2);
#elif defined(__x86_64__)
    ck_assert(!cpu.neon);
#else
    ck_assert(!cpu.neon && !cpu.avx512);
#endif
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *tcase = tcase_create("cpu");
    tcase_add_test(tcase, everything);
    tcase_add_test(tcase, every_feature_counts);
    tcase_add_test(tcase, the_system_has_to_save_the_registers);
    tcase_add_test(tcase, this_machine);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
