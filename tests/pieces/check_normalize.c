#include <string.h>

#include "base/little_endian.h"
#include "pieces/normalize.h"
#include "tests/text/text_runner.h"

#define B THOR_BLANK

static void expect(const thor_normal_rules *rules, const thor_spm *users, const char *text, const char *expected)
{
    thor_bytes out = { .data = NULL };
    thor_normalize(rules, users, text, strlen(text), &out);
    thor_bytes_add_byte(&out, 0);
    ck_assert_msg(strcmp(out.data, expected) == 0, "\"%s\" gives \"%s\", expected \"%s\"", text, out.data, expected);
    free(out.data);
}

START_TEST(blanks)
{
    const thor_normal_rules usual = { .add_dummy_prefix = true, .remove_extra_blanks = true, .escape_blanks = true };
    expect(&usual, NULL, "", "");
    expect(&usual, NULL, "   ", "");
    expect(&usual, NULL, "one", B "one");
    expect(&usual, NULL, "  one   two ", B "one" B "two");
    expect(&usual, NULL, "one\ttwo\xC2\xA0three", B "one\ttwo\xC2\xA0three");
    expect(&usual, NULL, "one" B, B "one");
    expect(&usual, NULL, B B "one", B B B "one");
    thor_normal_rules rules = usual;
    rules.remove_extra_blanks = false;
    expect(&rules, NULL, "  one  two ", B B B "one" B B "two" B);
    rules.add_dummy_prefix = false;
    expect(&rules, NULL, " one", B "one");
    rules = usual;
    rules.escape_blanks = false;
    expect(&rules, NULL, " one  two ", " one two");
    rules = usual;
    rules.blank_as_suffix = true;
    expect(&rules, NULL, " one  two ", "one" B "two" B);
}
END_TEST

/* A double array for the keys "A", "AB" and a tab, made by hand: node ^ byte is the child, node ^ 0 the value of a
 * node. */
enum { UNITS = 1024 };

static void put_unit(unsigned char *map, size_t unit, uint32_t offset, unsigned char label, bool has_value)
{
    thor_put32(map + 4 + 4 * unit, offset << 10 | (has_value ? 0x100u : 0) | label);
}

static void put_value(unsigned char *map, size_t unit, uint32_t value)
{
    thor_put32(map + 4 + 4 * unit, 0x80000000u | value);
}

START_TEST(the_longest_entry_of_the_map)
{
    static const char replacements[] = "x\0y z\0 ";         /* at 0, 2, 6 */
    unsigned char map[4 + 4 * UNITS + sizeof replacements] = { 0 };
    thor_put32(map, 4 * UNITS);
    memset(map + 4, 0xFF, 4 * UNITS);                       /* labels that fit nothing */
    put_unit(map, 0, 256, 0, false);                        /* the root's children are at 256 ^ byte */
    size_t a = 256 ^ 'A', tab = 256 ^ '\t';
    put_unit(map, a, (uint32_t)(a ^ 512), 'A', true);       /* its value at 512, its children at 512 ^ byte */
    put_value(map, 512, 0);
    put_unit(map, 512 ^ 'B', (uint32_t)((512 ^ 'B') ^ 768), 'B', true);
    put_value(map, 768, 2);
    put_unit(map, tab, (uint32_t)(tab ^ 900), '\t', true);
    put_value(map, 900, 6);
    memcpy(map + 4 + 4 * UNITS, replacements, sizeof replacements);
    thor_normal_rules rules = { .add_dummy_prefix = true,
                                .remove_extra_blanks = true,
                                .escape_blanks = true,
                                .charsmap = map,
                                .charsmap_bytes = sizeof map };
    thor_error error = { .text = "" };
    ck_assert_msg(thor_normal_check(&rules, "map", &error) == THOR_OK, "%s", error.text);
    expect(&rules, NULL, "A", B "x");
    expect(&rules, NULL, "AB", B "y" B "z");
    expect(&rules, NULL, "cAcABc", B "cxcy" B "zc");
    expect(&rules, NULL, "\t A\t\t \tA ", B "x" B "x");
    rules.remove_extra_blanks = false;
    expect(&rules, NULL, "\tA", B B "x");
    /* Whatever the units are, reading stays inside. */
    uint64_t draw = 0;
    for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < 50; i++)
            map[4 + text_below(&draw, sizeof map - 4)] = (unsigned char)text_below(&draw, 256);
        thor_bytes out = { .data = NULL };
        thor_normalize(&rules, NULL, "A AB\tBBA \xC3\xA9", 11, &out);
        free(out.data);
    }
}
END_TEST

START_TEST(user_defined_pieces_stay)
{
    static const char *const pieces[] = { "a" };
    thor_bytes model = { .data = NULL };
    thor_spm spm;
    thor_error error = { .text = "" };
    thor_spm_put_piece(&model, "<unk>", 5, 0, THOR_PIECE_UNKNOWN);
    thor_spm_put_piece(&model, "x  y", 4, 0, THOR_PIECE_USER);
    thor_spm_put_piece(&model, "x", 1, 0, THOR_PIECE_USER);
    thor_spm_put_piece(&model, pieces[0], 1, 0, THOR_PIECE_NORMAL);
    ck_assert(thor_spm_read(&spm, model.data, model.count, "users", &error) == THOR_OK);
    expect(&spm.normal, &spm, "a  x  y  x", B "a" B "x" B B "y" B "x");
    thor_spm_free(&spm);
    free(model.data);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("normalize");
    tcase_add_test(tests, blanks);
    tcase_add_test(tests, the_longest_entry_of_the_map);
    tcase_add_test(tests, user_defined_pieces_stay);
    return text_run(tests, "normalize");
}
