#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* Every way that this machine has; the first is the one in C, which the others have to agree with. */
static int list_ways(thor_sha256_blocks *ways[3])
{
    thor_sha256_blocks *all[] = { thor_sha256_plain, thor_sha256_x86(), thor_sha256_arm() };
    int count = 0;
    for (int i = 0; i < 3; i++)
        if (all[i])
            ways[count++] = all[i];
    return count;
}

static void expect(const char *text, size_t times, const char *answer)
{
    thor_sha256_blocks *ways[3];
    int count = list_ways(ways);
    for (int way = 0; way <= count; way++) {        /* the last one: as thor_sha256_add chooses */
        thor_sha256 hash;
        char hex[65];
        thor_sha256_start(&hash);
        if (way < count)
            hash.blocks = ways[way];
        for (size_t i = 0; i < times; i++)
            thor_sha256_add(&hash, text, strlen(text));
        thor_sha256_hex(&hash, hex);
        ck_assert_msg(strcmp(hex, answer) == 0, "way %d: %s, expected %s", way, hex, answer);
    }
}

/* The examples that NIST publishes beside FIPS 180-4. */
START_TEST(published_vectors)
{
    expect("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnop"
           "qrstu",
           1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    expect("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* The best of the machine is among the ways that are compared. */
START_TEST(the_choice_is_known)
{
    thor_sha256_blocks *ways[3];
    int count = list_ways(ways), found = 0;
    for (int way = 0; way < count; way++)
        found += ways[way] == thor_sha256_choose();
    ck_assert_int_eq(found, 1);
    ck_assert(count == 1 || thor_sha256_choose() != thor_sha256_plain);
}
END_TEST

/* Lengths 0 … 300 from every place of a block, so that nothing relies on alignment; whole blocks in one call. */
START_TEST(all_ways_agree)
{
    unsigned char bytes[300 + 16];
    thor_sha256_blocks *ways[3];
    int count = list_ways(ways);
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof bytes; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(random >> 24);
    }
    for (size_t shift = 0; shift < 16; shift++)
        for (size_t length = 0; length <= 300; length++) {
            char hex[3][65];
            for (int way = 0; way < count; way++) {
                thor_sha256 hash;
                thor_sha256_start(&hash);
                hash.blocks = ways[way];
                thor_sha256_add(&hash, bytes + shift, length);
                thor_sha256_hex(&hash, hex[way]);
                ck_assert_msg(strcmp(hex[way], hex[0]) == 0, "way %d, %zu bytes from %zu on: %s, in C %s", way, length,
                              shift, hex[way], hex[0]);
            }
        }
}
END_TEST

/* Every length around the edges of a block, in pieces of every size, is the hash of the whole. */
START_TEST(pieces_do_not_matter)
{
    unsigned char bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        char whole[65], parts[65];
        thor_sha256 hash;
        thor_sha256_start(&hash);
        thor_sha256_add(&hash, bytes, length);
        thor_sha256_hex(&hash, whole);
        for (size_t piece = 1; piece <= 70; piece++) {
            thor_sha256_start(&hash);
            for (size_t at = 0; at < length; at += piece)
                thor_sha256_add(&hash, bytes + at, length - at < piece ? length - at : piece);
            thor_sha256_hex(&hash, parts);
            ck_assert_str_eq(parts, whole);
        }
    }
}
END_TEST

START_TEST(numbers_are_little_endian)
{
    float singles[100];
    double doubles[100];
    unsigned char one[] = { 0, 0, 0x80, 0x3f }, two[] = { 0, 0, 0, 0, 0, 0, 0, 0x40 };
    char bytes[65], numbers[65];
    thor_sha256 hash;
    thor_sha256_start(&hash);
    for (int i = 0; i < 100; i++) {
        singles[i] = 1;
        doubles[i] = 2;
        thor_sha256_add(&hash, one, sizeof one);
    }
    for (int i = 0; i < 100; i++)
        thor_sha256_add(&hash, two, sizeof two);
    thor_sha256_hex(&hash, bytes);
    thor_sha256_start(&hash);
    thor_sha256_add_f32(&hash, singles, 100);
    thor_sha256_add_f64(&hash, doubles, 100);
    thor_sha256_hex(&hash, numbers);
    ck_assert_str_eq(numbers, bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tests = tcase_create("hash");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, published_vectors);
    tcase_add_test(tests, the_choice_is_known);
    tcase_add_test(tests, all_ways_agree);
    tcase_add_test(tests, pieces_do_not_matter);
    tcase_add_test(tests, numbers_are_little_endian);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
