#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "score/tokenize.h"

/* Tokens with one blank between, as sacreBLEU 2.6.0 gives them. NULL: the same as 13a's. */
static const struct {
    const char *text, *western, *zh, *intl;
} cases[] = {
    { "", "", NULL, NULL },
    { "Hello, world!", "Hello , world !", NULL, NULL },
    { "3.14 and 1,000; .5 5. a.b x,y 7-8 a-b -9", "3.14 and 1,000 ; . 5 5 . a . b x , y 7 - 8 a-b -9", NULL,
      "3.14 and 1,000 ; . 5 5 . a . b x , y 7-8 a - b - 9" },
    { "&quot;a&quot; &amp;lt; &amp;quot; <skipped>b", "\" a \" < & quot ; b",
      "& quot ; a & quot ; & amp ; lt ; & amp ; quot ; < skipped > b",
      "& quot ; a & quot ; & amp ; lt ; & amp ; quot ; < skipped > b" },
    { "... ,, .,. 1..2", ". . . , , . , . 1 . . 2", NULL, NULL },
    { "(a) [b] {c} #d $5 50% @x a/b c\\d e_f ~g ^h `i` 'j' *k* +l = m | n < o > p ? ! : ;",
      "( a ) [ b ] { c } # d $ 5 50 % @ x a / b c \\ d e _ f ~ g ^ h ` i ` 'j' * k * + l = m | n < o > p ? ! : ;", NULL,
      "( a ) [ b ] { c } # d $ 5 50 % @ x a / b c \\ d e _ f ~ g ^ h ` i ` ' j ' * k * + l = m | n < o > p ? ! : ;" },
    { "“你好”，3.5元。", "“你好”，3.5元。", "“ 你 好 ” ， 3.5 元 。", "“ 你好 ” ，3.5元 。" },
    { "\u3000.5元", ". 5元", ".5 元", ". 5元" },
    { "𠀀龥龻龼ﬀ㍿", "𠀀龥龻龼ﬀ㍿", "𠀀 龥 龻 龼ﬀ ㍿", "𠀀龥龻龼ﬀ ㍿" },
    { "→∑€½²№", "→∑€½²№", "→ ∑ € ½² №", "→ ∑ € ½² №" },
    { "١٫٢ १२.५ नमस्ते।", "١٫٢ १२ . ५ नमस्ते।", NULL, "١٫٢ १२.५ नमस्ते ।" },
    { "1/2 3€4 a،b ʼa", "1 / 2 3€4 a،b ʼa", "1 / 2 3 € 4 a،b ʼa", "1/2 3 € 4 a ، b ʼa" },
    { "word\u200bword\u00a0x\u2028y\x1ez\xc2\x85w", "word\u200bword x y z w", "word \u200b word x y z w", NULL },
};

/* One blank for any white space that the tokenisers leave. */
static void squeeze(const char *tokens, size_t length, char *out, size_t size)
{
    static const char *const spaces[] = { " ", "\u00a0", "\u2028", "\u3000", "\xc2\x85", "\x1e" };
    size_t written = 0;
    for (size_t i = 0; i < length;) {
        size_t skipped = 0;
        for (size_t k = 0; k < sizeof spaces / sizeof *spaces && !skipped; k++)
            if (length - i >= strlen(spaces[k]) && memcmp(tokens + i, spaces[k], strlen(spaces[k])) == 0)
                skipped = strlen(spaces[k]);
        if (skipped && written > 0 && out[written - 1] != ' ')
            out[written++] = ' ';
        if (!skipped)
            out[written++] = tokens[i];
        i += skipped ? skipped : 1;
        ck_assert_uint_lt(written, size - 1);
    }
    if (written > 0 && out[written - 1] == ' ')
        written--;
    out[written] = '\0';
}

static void expect_tokens(thor_tokenizer tokenizer, bool lowercase, const char *text, const char *expected)
{
    thor_tokenizer_work work = { .codes = NULL };
    const char *tokens;
    size_t length;
    char squeezed[400];
    ck_assert_int_eq(thor_tokenize(tokenizer, lowercase, text, strlen(text), &work, &tokens, &length, NULL), THOR_OK);
    squeeze(tokens, length, squeezed, sizeof squeezed);
    ck_assert_msg(strcmp(squeezed, expected) == 0, "%s of '%s': found '%s', expected '%s'",
                  thor_tokenizer_name(tokenizer), text, squeezed, expected);
    thor_tokenizer_work_free(&work);
}

START_TEST(rules)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *western = cases[i].western;
        expect_tokens(THOR_TOKENIZER_13A, false, cases[i].text, western);
        expect_tokens(THOR_TOKENIZER_ZH, false, cases[i].text, cases[i].zh ? cases[i].zh : western);
        expect_tokens(THOR_TOKENIZER_INTL, false, cases[i].text, cases[i].intl ? cases[i].intl : western);
    }
    expect_tokens(THOR_TOKENIZER_NONE, false, "a,b  c.", "a,b c.");
    expect_tokens(THOR_TOKENIZER_CHAR, false, "a,b  नि", "a , b न ि");
}
END_TEST

/* A sigma at the end of a word, and letters whose lower case is longer. */
START_TEST(lower_case)
{
    expect_tokens(THOR_TOKENIZER_13A, true, "ΌΔΟΣ ΑΣ. Σ ΣΑ Α'Σ İI", "όδος ας . σ σα α'ς i̇i");
    expect_tokens(THOR_TOKENIZER_13A, true, "&QUOT; ẞ Ǆ Ⅷ", "\" ß ǆ ⅷ");
    expect_tokens(THOR_TOKENIZER_NONE, true, "ΑΣ\u0301 Α\u00adΣΑ 1Σ", "ας\u0301 α\u00adσα 1σ");
}
END_TEST

START_TEST(names_and_languages)
{
    for (int t = 0; t < THOR_TOKENIZERS; t++)
        ck_assert_int_eq(thor_tokenizer_from_name(thor_tokenizer_name((thor_tokenizer)t)), t);
    ck_assert_int_eq(thor_tokenizer_from_name("13b"), -1);
    ck_assert_int_eq(thor_tokenizer_for_language("en-zh"), THOR_TOKENIZER_ZH);
    ck_assert_int_eq(thor_tokenizer_for_language("zh"), THOR_TOKENIZER_ZH);
    ck_assert_int_eq(thor_tokenizer_for_language("zh-en"), THOR_TOKENIZER_13A);
    ck_assert_int_eq(thor_tokenizer_for_language("en-zhx"), THOR_TOKENIZER_13A);
    static const char *const chinese[] = { "en-zh_Hans", "en-zh-Hant", "en-zh_CN", "en-zho_Hans", "eng_Latn-zho_Hant",
                                           "en-ZH", "EN-ZH", "zh_TW", "pt-BR-zh-CN", "en-cmn", "en-chi" };
    static const char *const others[] = { "zh_Hans-en", "zh-Hans-en", "zho_Hans-eng_Latn", "zh-CN-pt-BR", "en-srp_Latn",
                                          "en-zha", "en-Hans" };
    for (size_t i = 0; i < sizeof chinese / sizeof *chinese; i++)
        ck_assert_msg(thor_tokenizer_for_language(chinese[i]) == THOR_TOKENIZER_ZH, "%s", chinese[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(thor_tokenizer_for_language(others[i]) == THOR_TOKENIZER_13A, "%s", others[i]);
    ck_assert_int_eq(thor_tokenizer_for_language("en-ja_JP"), -1);
    ck_assert_int_eq(thor_tokenizer_for_language("en-kor_Hang"), -1);
    ck_assert_int_eq(thor_tokenizer_for_language("en-ja"), -1);
    ck_assert_int_eq(thor_tokenizer_for_language("en-ko"), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tokenize");
    TCase *tests = tcase_create("tokenize");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, rules);
    tcase_add_test(tests, lower_case);
    tcase_add_test(tests, names_and_languages);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
