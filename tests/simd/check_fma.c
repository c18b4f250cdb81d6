/* The emulated fused multiply-add against the C library's fmaf, which rounds correctly. */
#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "simd/fma32.h"

static float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void compare(float a, float b, float c)
{
    float expected = fmaf(a, b, c), found = thor_fma32_emulated(a, b, c);
    bool same = (isnan(expected) && isnan(found)) || memcmp(&expected, &found, sizeof found) == 0;
    if (!same)      /* Check writes to a pipe for every assertion that it sees */
        ck_abort_msg("fma(%a, %a, %a) is %a instead of %a", (double)a, (double)b, (double)c, (double)found,
                     (double)expected);
}

static const thor_rng rng = { .key = { 5, 6 }, .site = THOR_SITE_TEST };

START_TEST(edges)
{
    static const uint32_t bits[] = {
        0x00000000, 0x00000001, 0x00000002, 0x00000003, 0x007fffff, 0x00800000, 0x00800001,
        0x00ffffff, 0x33000000, 0x33800000, 0x33800001, 0x34000000, 0x3f7fffff, 0x3f800000,
        0x3f800001, 0x3fc00000, 0x3fffffff, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x7f000000,
        0x7f7fffff, 0x7f800000, 0x7fc00000, 0x1f800001, 0x20000000, 0x5f000000, 0x5f7fffff
    };
    enum { COUNT = sizeof bits / sizeof *bits };
    for (int a = 0; a < 2 * COUNT; a++)
        for (int b = 0; b < 2 * COUNT; b++)
            for (int c = 0; c < 2 * COUNT; c++)
                compare(from_bits(bits[a / 2] ^ (uint32_t)(a % 2) << 31),
                        from_bits(bits[b / 2] ^ (uint32_t)(b % 2) << 31),
                        from_bits(bits[c / 2] ^ (uint32_t)(c % 2) << 31));
}
END_TEST

START_TEST(any_bits)
{
    for (uint64_t i = 0; i < 1000000; i++)
        compare(from_bits(thor_rng_word(&rng, 4 * i)), from_bits(thor_rng_word(&rng, 4 * i + 1)),
                from_bits(thor_rng_word(&rng, 4 * i + 2)));
}
END_TEST

/* Sums whose exact value lies on or beside the middle between two binary32 numbers: where rounding twice goes wrong. */
START_TEST(near_the_middle)
{
    for (uint64_t i = 0; i < 1000000; i++) {
        uint32_t r = thor_rng_word(&rng, 4 * i), s = thor_rng_word(&rng, 4 * i + 1), t = thor_rng_word(&rng, 4 * i + 2);
        float c = from_bits(UINT32_C(0x3f800000) | (r & UINT32_C(0x807fffff)));
        int exponent = -25 - (int)(s % 4) * 12;
        float middle = ldexpf(1.0f, -24) * (float)(1 - (int)(s >> 30 & 2)),
              tiny = ldexpf(from_bits(UINT32_C(0x3f800000) | t >> 9), exponent);
        compare(1.0f, middle, c);
        compare(middle * (1.0f + 0x1p-23f), 1.0f - 0x1p-24f, c);
        compare(1.0f + (float)(t & 0xfff) * 0x1p-23f, middle, c);
        compare(tiny, middle, c);
        compare(ldexpf(c, -70), ldexpf(1.0f + (float)(t & 0xff) * 0x1p-23f, -75),
                ldexpf(c, -126 - (int)(s % 8))); /* subnormal results */
        compare(ldexpf(c, -75), ldexpf(1.5f, -75), from_bits(t >> 24));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fused multiply-add");
    TCase *tcase = tcase_create("emulation");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, edges);
    tcase_add_test(tcase, any_bits);
    tcase_add_test(tcase, near_the_middle);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
