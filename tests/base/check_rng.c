#include <check.h>
#include <stdlib.h>

#include "base/rng.h"

/* Known answers of Philox4x32-10 as its authors publish them with Random123. */
static const struct { uint32_t counter[4], key[2], answer[4]; } known[] = {
    { { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

START_TEST(known_answers)
{
    uint32_t out[4];
    thor_philox(out, known[_i].counter, known[_i].key);
    for (int word = 0; word < 4; word++)
        ck_assert_msg(out[word] == known[_i].answer[word], "case %d word %d: %08x instead of %08x", _i, word,
                      (unsigned)out[word], (unsigned)known[_i].answer[word]);
}
END_TEST

START_TEST(words_follow_counter_and_key)
{
    thor_rng rng = thor_rng_make(UINT64_C(0x299f31d0a4093822), 0x85a308d3, 0x13198a2e, 0x03707344);
    for (uint64_t word = 0; word < 4; word++)
        ck_assert_uint_eq(thor_rng_word(&rng, UINT64_C(0x243f6a88) * 4 + word), known[2].answer[word]);
}
END_TEST

START_TEST(uniform_is_24_bits)
{
    thor_rng rng = thor_rng_make(0, 0, 0, 0);
    ck_assert(thor_rng_uniform(&rng, 0) == (float)(0x6627e8d5 >> 8) / 16777216.0f);
    double sum = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        float u = thor_rng_uniform(&rng, i);
        ck_assert(u >= 0 && u < 1);
        sum += (double)u;
    }
    ck_assert_double_eq_tol(sum / 100000, 0.5, 0.005);
}
END_TEST

START_TEST(integers_stay_below)
{
    static const uint64_t bounds[] = { 1, 2, 3, 10, 1000, UINT64_C(1) << 32, UINT64_C(3) << 40, UINT64_MAX };
    thor_rng rng = thor_rng_make(7, THOR_SITE_TEST, 0, 0);
    uint64_t n = bounds[_i], least = n, most = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        uint64_t x = thor_rng_below(&rng, i, n);
        ck_assert_uint_lt(x, n);
        least = x < least ? x : least;
        most = x > most ? x : most;
    }
    ck_assert_uint_le(least, n / 50);
    ck_assert_uint_ge(most, n - 1 - n / 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rng");
    TCase *tests = tcase_create("rng");
    tcase_add_loop_test(tests, known_answers, 0, 3);
    tcase_add_test(tests, words_follow_counter_and_key);
    tcase_add_test(tests, uniform_is_24_bits);
    tcase_add_loop_test(tests, integers_stay_below, 0, 8);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
