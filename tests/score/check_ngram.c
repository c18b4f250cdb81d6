#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "score/ngram.h"

enum { WORDS = 60, ORDERS = 6 };

/* Random words of one or two letters, so that n-grams repeat; every draw is Philox's, named by seed. */
static size_t random_words(uint64_t seed, char *text, char words[WORDS][4])
{
    thor_rng rng = thor_rng_make(seed, THOR_SITE_TEST, 0, 0);
    size_t count = (size_t)thor_rng_below(&rng, 1000, WORDS), length = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t drawn = thor_rng_below(&rng, i, 6);
        snprintf(words[i], 4, "%s%c", drawn > 3 ? "x" : "", (char)('a' + drawn % 3));
        length += (size_t)sprintf(text + length, "%s%s", words[i], thor_rng_below(&rng, 2000 + i, 2) ? " " : " \t ");
    }
    text[length] = '\0';
    return count;
}

static bool same_ngram(char a[WORDS][4], char b[WORDS][4], size_t i, size_t k, size_t order)
{
    for (size_t n = 0; n < order; n++)
        if (strcmp(a[i + n], b[k + n]) != 0)
            return false;
    return true;
}

/* Sum of min(count in a, count in b) by comparing everything with everything: each n-gram of a takes one of b. */
static int64_t plain_common(char a[WORDS][4], size_t first, char b[WORDS][4], size_t second, size_t order)
{
    bool taken[WORDS] = { false };
    int64_t common = 0;
    for (size_t i = 0; i + order <= first; i++)
        for (size_t k = 0; k + order <= second; k++)
            if (!taken[k] && same_ngram(a, b, i, k, order)) {
                taken[k] = true;
                common++;
                break;
            }
    return common;
}

START_TEST(counts_are_those_of_plain_comparison)
{
    thor_ngrams ngrams = { .order = 0 };
    for (uint64_t seed = 1; seed <= 200; seed++) {
        char a[WORDS][4], b[WORDS][4], text_a[WORDS * 8], text_b[WORDS * 8];
        size_t first = random_words(2 * seed, text_a, a), second = random_words(2 * seed + 1, text_b, b);
        thor_ngrams_start(&ngrams, true);
        thor_ngrams_add_words(&ngrams, text_a, strlen(text_a));
        thor_ngrams_add_words(&ngrams, text_b, strlen(text_b));
        for (size_t order = 1; order <= ORDERS; order++) {
            ck_assert_int_eq(thor_ngrams_next_order(&ngrams, NULL), THOR_OK);
            thor_ngrams_tally(&ngrams, 0, 0);
            thor_ngrams_tally(&ngrams, 1, 1);
            int64_t expected = plain_common(a, first, b, second, order);
            ck_assert_msg(thor_ngrams_common(&ngrams, 0, 1) == expected, "seed %d, order %d", (int)seed, (int)order);
            ck_assert_uint_eq(thor_ngrams_total(&ngrams, 0), first < order ? 0 : first - order + 1);
        }
    }
    thor_ngrams_free(&ngrams);
}
END_TEST

START_TEST(characters)
{
    thor_ngrams ngrams = { .order = 0 };
    const char *text = "né \u3000né";
    for (int spaces = 0; spaces < 2; spaces++) {
        thor_ngrams_start(&ngrams, false);
        thor_ngrams_add_characters(&ngrams, text, strlen(text), spaces);
        ck_assert_int_eq(thor_ngrams_next_order(&ngrams, NULL), THOR_OK);
        ck_assert_uint_eq(thor_ngrams_length(&ngrams, 0), spaces ? 6 : 4);
        ck_assert_uint_eq(ngrams.distinct, spaces ? 4 : 2);
        ck_assert_int_eq(thor_ngrams_next_order(&ngrams, NULL), THOR_OK);
        ck_assert_uint_eq(ngrams.distinct, spaces ? 4 : 2);
    }
    thor_ngrams_free(&ngrams);
}
END_TEST

START_TEST(greatest_count_of_two)
{
    thor_ngrams ngrams = { .order = 0 };
    thor_ngrams_start(&ngrams, true);
    thor_ngrams_add_words(&ngrams, "a a a b", 7);
    thor_ngrams_add_words(&ngrams, "a a", 3);
    thor_ngrams_add_words(&ngrams, "a b b", 5);
    ck_assert_int_eq(thor_ngrams_next_order(&ngrams, NULL), THOR_OK);
    thor_ngrams_tally(&ngrams, 0, 0);
    thor_ngrams_tally(&ngrams, 1, 1);
    thor_ngrams_tally(&ngrams, 2, 2);
    ck_assert_int_eq(thor_ngrams_common(&ngrams, 0, 1), 2);
    ck_assert_int_eq(thor_ngrams_common(&ngrams, 0, 2), 2);
    thor_ngrams_unite(&ngrams, 1, 2);
    ck_assert_int_eq(thor_ngrams_common(&ngrams, 0, 1), 3);
    thor_ngrams_free(&ngrams);
}
END_TEST

START_TEST(nothing_at_all)
{
    thor_ngrams ngrams = { .order = 0 };
    thor_ngrams_start(&ngrams, true);
    thor_ngrams_add_words(&ngrams, "", 0);
    thor_ngrams_add_words(&ngrams, " \n ", 3);
    for (int order = 1; order <= ORDERS; order++) {
        ck_assert_int_eq(thor_ngrams_next_order(&ngrams, NULL), THOR_OK);
        thor_ngrams_tally(&ngrams, 0, 0);
        thor_ngrams_tally(&ngrams, 1, 1);
        ck_assert_int_eq(thor_ngrams_common(&ngrams, 0, 1), 0);
        ck_assert_uint_eq(thor_ngrams_total(&ngrams, 1), 0);
    }
    thor_ngrams_free(&ngrams);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ngram");
    TCase *tests = tcase_create("ngram");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, counts_are_those_of_plain_comparison);
    tcase_add_test(tests, characters);
    tcase_add_test(tests, greatest_count_of_two);
    tcase_add_test(tests, nothing_at_all);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
