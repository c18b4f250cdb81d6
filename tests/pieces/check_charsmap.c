/* Tries in arrays against plain lists, and the maps of NFKC against utf8proc's own normalisation. */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "tests/text/text_runner.h"
#include "pieces/charsmap.h"
#include "pieces/double_array.h"
#include "pieces/normalize.h"
#include "text/utf8.h"

enum { KEYS = 3000, LONGEST = 6 };

static uint32_t find(const thor_double_array *array, const char *text, size_t bytes)
{
    size_t node = 0;
    for (size_t i = 0; i < bytes; i++)
        if (!thor_double_array_step(array, &node, (unsigned char)text[i]))
            return UINT32_MAX;
    return thor_double_array_value(array, node);
}

/* Keys of few and of many different bytes, whose values are all different or few. */
START_TEST(arrays_find_their_keys)
{
    uint64_t draw = (uint64_t)_i << 20, letters = _i % 2 == 0 ? 3 : 255, values = _i % 4 < 2 ? 5 : 1u << 30;
    static char texts[2 * KEYS][LONGEST];
    static thor_trie_key keys[KEYS];
    thor_strings known = { .text = NULL };
    size_t lengths[2 * KEYS];
    for (size_t i = 0; i < 2 * KEYS; i++) {
        lengths[i] = 1 + text_below(&draw, LONGEST);
        for (size_t j = 0; j < lengths[i]; j++)
            texts[i][j] = (char)(1 + text_below(&draw, letters));
        if (i < KEYS)
            keys[i] = (thor_trie_key){ texts[i], (uint32_t)lengths[i], (uint32_t)text_below(&draw, values) };
    }
    size_t count = thor_trie_keys_sort(keys, KEYS);
    thor_double_array array;
    ck_assert(thor_double_array_build(&array, keys, count, NULL) == THOR_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(find(&array, keys[i].text, keys[i].bytes), keys[i].value);
        ck_assert(thor_strings_add(&known, keys[i].text, keys[i].bytes) == i);
    }
    for (size_t i = 0; i < 2 * KEYS; i++)
        if (thor_strings_find(&known, texts[i], lengths[i]) == THOR_ABSENT)
            ck_assert_uint_eq(find(&array, texts[i], lengths[i]), UINT32_MAX);
    /* No way leads on by the label 0, from anywhere. */
    for (size_t node = 0; node < array.count; node++) {
        size_t next = node;
        ck_assert(array.units[node] >> 31 || !thor_double_array_step(&array, &next, 0) || array.units[next] == 0);
    }
    free(array.units);
    thor_strings_free(&known);
}
END_TEST

START_TEST(arrays_of_nothing_and_of_long_keys)
{
    thor_double_array array;
    char *longest = malloc(100000);
    memset(longest, 'x', 100000);
    thor_trie_key keys[] = { { longest, 99999, 7 }, { longest, 100000, 8 } };
    ck_assert(thor_double_array_build(&array, keys, 2, NULL) == THOR_OK);
    ck_assert_uint_eq(find(&array, longest, 99999), 7);
    ck_assert_uint_eq(find(&array, longest, 100000), 8);
    ck_assert_uint_eq(find(&array, longest, 99998), UINT32_MAX);
    free(array.units);
    ck_assert(thor_double_array_build(&array, keys, 0, NULL) == THOR_OK);
    ck_assert_uint_eq(find(&array, "x", 1), UINT32_MAX);
    free(array.units);
    free(longest);
}
END_TEST

static thor_normal_rules rules_of(const char *name, thor_bytes *map)
{
    thor_error error = { .text = "" };
    ck_assert_msg(thor_charsmap_by_name(name, map, &error) == THOR_OK, "%s", error.text);
    return (thor_normal_rules){ .charsmap = (const unsigned char *)map->data, .charsmap_bytes = map->count };
}

static void expect(const thor_normal_rules *rules, const char *text, const char *expected)
{
    thor_bytes out = { .data = NULL };
    thor_normalize(rules, NULL, text, strlen(text), &out);
    thor_bytes_add_byte(&out, 0);
    ck_assert_str_eq(out.data, expected);
    free(out.data);
}

START_TEST(nfkc_of_every_character)
{
    thor_bytes map = { .data = NULL };
    thor_normal_rules rules = rules_of("nfkc", &map);
    for (uint32_t code = 1; code <= 0x10FFFF; code++) {
        bool surrogate = code >= 0xD800 && code < 0xE000, ideograph = code >= 0x4E00 && code < 0x9FFF;
        if (surrogate || ideograph || (code > 0x30000 && code % 64 != 0))
            continue;
        char text[5] = { 0 };
        text[thor_utf8_put(code, text)] = 0;
        char *expected = (char *)utf8proc_NFKC((const utf8proc_uint8_t *)text);
        expect(&rules, text, expected);
        free(expected);
    }
    free(map.data);
}
END_TEST

/* Sequences that compose, from parts of every form. */
START_TEST(nfkc_of_sequences)
{
    thor_bytes map = { .data = NULL };
    thor_normal_rules rules = rules_of("nfkc", &map);
    static const char *const texts[] = { "e\xCC\x81", "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8",
                                         "\xE3\x84\xB1\xE3\x85\x8F",
                                         "\xEF\xBD\xB6\xEF\xBE\x9E", "A\xCC\x8A", "\xE1\xBA\xA5", "a\xCC\x82\xCC\x81",
                                         "\xEF\xBC\xA1\xCC\x80", "x\xCC\x81y" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *expected = (char *)utf8proc_NFKC((const utf8proc_uint8_t *)texts[i]);
        if (i != 2)     /* compatibility jamo: below */
            expect(&rules, texts[i], expected);
        free(expected);
    }
    expect(&rules, texts[2], "\xEA\xB0\x80");
    free(map.data);
}
END_TEST

START_TEST(rules_for_translation_and_folding)
{
    thor_bytes map = { .data = NULL };
    thor_normal_rules rules = rules_of("nmt_nfkc", &map);
    expect(&rules, "a\tb\x01\x7F" "c\xE2\x80\x8B" "d\xEF\xBD\x9E\xEF\xBC\xA1", "a bc d\xEF\xBD\x9E" "A");
    free(map.data);
    map = (thor_bytes){ .data = NULL };
    rules = rules_of("nfkc_cf", &map);
    expect(&rules, "\xEF\xBC\xA1\xC3\x84\xC3\x9F\xC4\xB0\xE1\xBA\x9E\xCF\x82",
           "a\xC3\xA4\xC3\x9F\xC4\xB0\xC3\x9F\xCF\x83");
    free(map.data);
    map = (thor_bytes){ .data = NULL };
    ck_assert(thor_charsmap_by_name("identity", &map, NULL) == THOR_OK && map.count == 0);
    ck_assert(thor_charsmap_by_name("nfd", &map, NULL) == THOR_E_USAGE);
}
END_TEST

static thor_status table(const char *text, thor_bytes *map, thor_error *error)
{
    FILE *stream = fopen("scratch-table.tsv", "w");
    ck_assert(stream && fputs(text, stream) >= 0 && fclose(stream) == 0);
    thor_status status = thor_charsmap_by_name("./scratch-table.tsv", map, error);
    remove("scratch-table.tsv");
    return status;
}

START_TEST(tables_of_users)
{
    thor_bytes map = { .data = NULL };
    thor_error error = { .text = "" };
    ck_assert_msg(table("41\t61\tA to a\nU+42 U+43\t1F600\n44\n\n45\t\n", &map, &error) == THOR_OK, "%s", error.text);
    thor_normal_rules rules = { .charsmap = (const unsigned char *)map.data, .charsmap_bytes = map.count };
    expect(&rules, "ABCDEB", "a\xF0\x9F\x98\x80" "B");
    free(map.data);
    static const char *const wrong[] = { "41\t61\nxyz\t41\n", "\t41\n", "110000\t41\n", "D800\t41\n", "0\t41\n", "" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        map = (thor_bytes){ .data = NULL };
        ck_assert(table(wrong[i], &map, &error) == THOR_E_FORMAT);
        ck_assert_msg(strstr(error.text, i == 0 ? "table.tsv:2: " : "table.tsv"), "%s", error.text);
        free(map.data);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("charsmap");
    tcase_add_loop_test(tests, arrays_find_their_keys, 0, 8);
    tcase_add_test(tests, arrays_of_nothing_and_of_long_keys);
    tcase_add_test(tests, nfkc_of_every_character);
    tcase_add_test(tests, nfkc_of_sequences);
    tcase_add_test(tests, rules_for_translation_and_folding);
    tcase_add_test(tests, tables_of_users);
    return text_run(tests, "charsmap");
}
