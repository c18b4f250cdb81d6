#include <string.h>

#include "tests/text/text_runner.h"
#include "text/utf8.h"

/* Every code point goes out and comes back, and surrogates do not. */
START_TEST(all_code_points)
{
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char text[4];
        uint32_t back = ~code;
        size_t length = thor_utf8_put(code, text);
        if (code >= 0xD800 && code < 0xE000) {
            ck_assert_uint_eq(thor_utf8_next(text, length, &back), 0);
            continue;
        }
        ck_assert_uint_eq(thor_utf8_next(text, length, &back), length);
        ck_assert_uint_eq(back, code);
        ck_assert_uint_eq(thor_utf8_length(text[0]), length);
        for (size_t cut = 0; cut < length; cut++)
            ck_assert_uint_eq(thor_utf8_next(text, cut, &back), 0);
    }
}
END_TEST

/* Of all strings of 3 bytes, and of 4 with a lead of 4 or more, as many start with a character as there are code
 * points. */
START_TEST(nothing_else_is_valid)
{
    size_t found[5] = { 0 };
    for (uint32_t bits = 0; bits < 0x1000000; bits++) {
        char text[4] = { (char)(bits >> 16), (char)(bits >> 8), (char)bits, 0 };
        uint32_t code;
        size_t length = thor_utf8_next(text, 3, &code);
        found[length]++;
    }
    ck_assert_uint_eq(found[1], 128 * 65536);
    ck_assert_uint_eq(found[2], 1920 * 256);
    ck_assert_uint_eq(found[3], 63488 - 2048);
    for (uint32_t bits = 0; bits < 1u << 22; bits++) {
        char text[4] = { (char)(0xF0 | bits >> 18), (char)(0x80 | (bits >> 12 & 0x3F)),
                         (char)(0x80 | (bits >> 6 & 0x3F)), (char)(0x80 | (bits & 0x3F)) };
        uint32_t code;
        found[4] += thor_utf8_next(text, 4, &code) == 4;
    }
    ck_assert_uint_eq(found[4], 0x100000);
}
END_TEST

START_TEST(first_bad_byte)
{
    static const struct { const char *text; size_t valid; } cases[] = {
        { "", 0 }, { "plain text of more than eight bytes", 35 }, { "12345678\xC3\xA9", 10 }, { "caf\xE9", 3 },
        { "12345678\xFF", 8 }, { "a\xC0\xAF", 1 }, { "ab\xE0\x80\x80", 2 }, { "\xED\xA0\x80", 0 },
        { "\xF4\x90\x80\x80", 0 },
        { "x\xF0\x9F\x98", 1 }, { "\x80", 0 }, { "\xF8\x88\x80\x80\x80", 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_uint_eq(thor_utf8_valid(cases[i].text, strlen(cases[i].text)), cases[i].valid);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("utf8");
    tcase_add_test(tests, all_code_points);
    tcase_add_test(tests, nothing_else_is_valid);
    tcase_add_test(tests, first_bad_byte);
    return text_run(tests, "utf8");
}
