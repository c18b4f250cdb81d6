/* Learning: small corpora worked out by hand, and a slow learner that counts everything anew after each merge. */
#include <stdio.h>
#include <string.h>

#include "tests/text/text_runner.h"
#include "learn/learn.h"

static thor_words *words_of(const char *const *lines, size_t count, const thor_learn_options *options)
{
    thor_words *words;
    thor_error error = { .text = "" };
    ck_assert_msg(thor_words_create(&words, options, &error) == THOR_OK, "%s", error.text);
    for (size_t i = 0; i < count; i++) {
        thor_status status = lines[i] ? thor_words_add(words, lines[i], strlen(lines[i]), &error)
                                      : thor_words_end_group(words, &error);
        ck_assert_msg(status == THOR_OK, "%s", error.text);
    }
    ck_assert_msg(thor_words_weigh(words, &error) == THOR_OK, "%s", error.text);
    return words;
}

static thor_vocab *learned(const thor_learn_options *options, const thor_words *words, thor_learn_report *report)
{
    thor_bytes model = { .data = NULL };
    thor_error error = { .text = "" };
    thor_vocab *vocab;
    ck_assert_msg(thor_learn_words(options, words, &model, report, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_vocab_parse(&vocab, model.data, model.count, "learned", &error) == THOR_OK, "%s", error.text);
    free(model.data);
    return vocab;
}

/* Learns and compares all pieces, joined by blanks, with `expected`. */
static void expect(thor_learn_options options, const char *const *lines, size_t count, const char *expected)
{
    thor_words *words = words_of(lines, count, &options);
    thor_vocab *vocab = learned(&options, words, NULL);
    char found[4096] = "";
    for (int32_t i = 0; i < thor_vocab_pieces(vocab); i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", i ? " " : "",
                 thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + i));
    ck_assert_str_eq(found, expected);
    thor_vocab_close(vocab);
    thor_words_free(words);
}

#define B THOR_BLANK
#define LINES(...) (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)

START_TEST(merges_by_weight_length_and_bytes)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 8;
    /* _ab: 3, _b: 1: _ a 3, a b 3 -> "ab" before "_a", because U+2581 has larger bytes; then _ ab. */
    expect(options, LINES("ab ab", "ab b"), "ab " B "ab " B "b b " B " a");
    options.pieces = 4;
    expect(options, LINES("ab ab", "ab b"), "ab b " B " a");
    /* The size is an upper bound. */
    options.pieces = 1000;
    expect(options, LINES("ab"), "ab " B "ab a b " B);
    /* Equal weights: the shorter one first. */
    expect(options, LINES("abc"), "ab abc " B "abc a b c " B);
}
END_TEST

START_TEST(runs_are_counted_without_overlap)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 5;
    /* "aa" stands twice and goes first, before "_x"; then there are aa aa a. */
    expect(options, LINES("xaaaaa"), "aa " B "x a x " B);
    /* Were "aa" to count twice in "aaa", it would go before "bc". */
    expect(options, LINES("aaa", "bc bc"), "bc a " B " b c");
}
END_TEST

START_TEST(pieces_keep_to_their_kind)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 100;
    expect(options, LINES("a1"), B "a 1 a " B);
    expect(options, LINES("a."), B "a . a " B);
    expect(options, LINES("a\xD0\xB1"), B "a a \xD0\xB1 " B);
    options.split_by_script = false;
    expect(options, LINES("a1"), "a1 " B "a1 1 a " B);
    options = thor_learn_defaults();
    options.split_by_number = false;
    expect(options, LINES("a1"), "a1 " B "a1 1 a " B);
    expect(options, LINES("a."), B "a . a " B);
    options = thor_learn_defaults();
    options.longest_piece = 2;
    expect(options, LINES("abc"), "ab a b c " B);
}
END_TEST

START_TEST(specials_and_tabs_are_walls)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 100;
    expect(options, LINES("a<s>b</s>c<unk>"), B "a a b c " B);
    expect(options, LINES("a\tb <", "<s"), B "< " B "a " B " < a b s");
}
END_TEST

START_TEST(rare_characters_are_unknown)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 100;
    options.character_coverage = 0.9;
    thor_words *words = words_of(LINES("aaa aaa aaa aaa aaa aaa z"), &options);
    thor_learn_report report;
    thor_vocab *vocab = learned(&options, words, &report);
    ck_assert_int_eq(report.characters, 2);
    ck_assert_int_eq(report.characters_unknown, 1);
    ck_assert_int_eq(report.words, 2);
    ck_assert_int_eq(report.lines, 1);
    ck_assert_int_eq(thor_vocab_find(vocab, "z", 1), -1);
    thor_vocab_close(vocab);
    thor_words_free(words);
}
END_TEST

/* Nine lines and one line: at T = 2 the shares become 3 to 1, so the small group's occurrences weigh three times as
 * much. */
START_TEST(temperature_lifts_small_groups)
{
    thor_learn_options options = thor_learn_defaults();
    options.temperature = 2;
    thor_words *words = words_of(LINES("a", "a", "a", "a", "a", "a", "a", "a", "a", NULL, "b"), &options);
    size_t count;
    ck_assert_uint_eq(thor_words_count(words), 2);
    ck_assert_int_eq(thor_words_weight(words, 0), 9 * 1024);
    ck_assert_mem_eq(thor_words_text(words, 0, &count), B "a", 4);
    ck_assert_int_eq(thor_words_weight(words, 1), 3 * 1024);
    thor_words_free(words);
    options.temperature = 1;
    words = words_of(LINES("a", "a", "a", NULL, "b"), &options);
    ck_assert_int_eq(thor_words_weight(words, 0), 3);
    ck_assert_int_eq(thor_words_weight(words, 1), 1);
    thor_words_free(words);
}
END_TEST

/* The slow learner: words as lists of strings, all pairs counted anew each time. Runs of one symbol are left out of
 * these texts, because what a run counts depends on how it came about. */
enum { MOST_WORDS = 200, MOST_CELLS = 40 };

typedef struct slow_word {
    char cells[MOST_CELLS][64];
    size_t count;
} slow_word;

typedef struct slow_pair {
    char left[64], right[64];
    int64_t weight;
} slow_pair;

static bool wall(const char *left, const char *right, size_t longest)
{
    size_t length = 0;
    for (const char *p = left; *p; p++)
        length += ((unsigned char)*p & 0xC0) != 0x80;
    for (const char *p = right; *p; p++)
        length += ((unsigned char)*p & 0xC0) != 0x80;
    return length > longest;
}

static size_t letters(const char *left, const char *right)
{
    size_t count = 0;
    while (wall(left, right, count))
        count++;
    return count;
}

static void count_pairs(const slow_word *words, size_t count, slow_pair *pairs, size_t *pair_count)
{
    *pair_count = 0;
    for (size_t w = 0; w < count; w++)
        for (size_t i = 0; i + 1 < words[w].count; i++) {
            size_t at = 0;
            while (at < *pair_count && (strcmp(pairs[at].left, words[w].cells[i]) != 0 ||
                                        strcmp(pairs[at].right, words[w].cells[i + 1]) != 0))
                at++;
            if (at == *pair_count) {
                strcpy(pairs[at].left, words[w].cells[i]);
                strcpy(pairs[at].right, words[w].cells[i + 1]);
                pairs[(*pair_count)++].weight = 0;
            }
            pairs[at].weight++;
        }
}

static bool better(const slow_pair *a, const slow_pair *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    size_t x = letters(a->left, a->right), y = letters(b->left, b->right);
    if (x != y)
        return x < y;
    char one[128], two[128];
    snprintf(one, sizeof one, "%s%s", a->left, a->right);
    snprintf(two, sizeof two, "%s%s", b->left, b->right);
    return strcmp(one, two) < 0;
}

static bool known(char (*pieces)[64], size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pieces[i], text) == 0)
            return true;
    return false;
}

static size_t slow_learn(slow_word *words, size_t count, size_t merges, char (*pieces)[64])
{
    slow_pair *pairs = malloc(sizeof *pairs * MOST_WORDS * MOST_CELLS);
    size_t done = 0, pair_count;
    while (done < merges) {
        count_pairs(words, count, pairs, &pair_count);
        const slow_pair *best = NULL;
        char text[128], best_text[64] = "";
        for (size_t i = 0; i < pair_count; i++) {
            snprintf(text, sizeof text, "%s%s", pairs[i].left, pairs[i].right);
            if (wall(pairs[i].left, pairs[i].right, 6) || known(pieces, done, text) ||
                (best && !better(&pairs[i], best)))
                continue;
            best = &pairs[i];
            snprintf(best_text, sizeof best_text, "%.60s", text);
        }
        if (!best)
            break;
        for (size_t w = 0; w < count; w++)
            for (size_t i = 0; i + 1 < words[w].count; i++)
                if (strcmp(words[w].cells[i], best->left) == 0 && strcmp(words[w].cells[i + 1], best->right) == 0) {
                    strcpy(words[w].cells[i], best_text);
                    memmove(words[w].cells[i + 1], words[w].cells[i + 2],
                            (words[w].count - i - 2) * sizeof *words[w].cells);
                    words[w].count--;
                }
        strcpy(pieces[done++], best_text);
    }
    free(pairs);
    return done;
}

/* A word of letters of which no two neighbours are equal; symbols made of them may still repeat, so such words are
 * drawn again. */
static void draw_word(slow_word *word, uint64_t *draw, char *text)
{
    static const char *const alphabet[] = { "a", "b", "c", "d", "e", "\xC3\xA9" };
    size_t length = 1 + text_below(draw, 9), last = 6;
    word->count = 0;
    strcpy(word->cells[word->count++], B);
    *text = 0;
    for (size_t i = 0; i < length; i++) {
        size_t letter = text_below(draw, 6);
        if (letter <= last && last < 6)                     /* descending words hold nothing twice */
            break;
        strcpy(word->cells[word->count++], alphabet[letter]);
        strcat(text, alphabet[letter]);
        last = letter;
    }
}

START_TEST(equals_a_slow_learner)
{
    uint64_t draw = (uint64_t)_i << 20;
    slow_word *words = malloc(MOST_WORDS * sizeof *words);
    char (*texts)[64] = malloc(MOST_WORDS * sizeof *texts), (*pieces)[64] = malloc(300 * sizeof *pieces);
    const char *lines[MOST_WORDS];
    size_t count = 20 + text_below(&draw, MOST_WORDS - 20);
    for (size_t i = 0; i < count; i++) {
        draw_word(&words[i], &draw, texts[i]);
        lines[i] = texts[i];
    }
    size_t merges = slow_learn(words, count, 60, pieces);
    thor_learn_options options = thor_learn_defaults();
    options.longest_piece = 6;
    thor_words *counted = words_of(lines, count, &options);
    options.pieces = 1000;
    thor_learn_report report;
    thor_vocab *vocab = learned(&options, counted, &report);
    ck_assert_int_ge(report.pieces - report.characters, (int)merges);
    for (size_t i = 0; i < merges; i++)
        ck_assert_msg(strcmp(thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + (int32_t)i), pieces[i]) == 0,
                      "corpus %d, merge %zu: '%s', expected '%s'", _i, i,
                      thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + (int32_t)i), pieces[i]);
    thor_vocab_close(vocab);
    thor_words_free(counted);
    free(words);
    free(texts);
    free(pieces);
}
END_TEST

START_TEST(pieces_of_the_user)
{
    static const char *const users[] = { "bc" }, *const controls[] = { "<2xx>" };
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 100;
    options.users = users;
    options.controls = controls;
    options.user_count = options.control_count = 1;
    /* Nothing is learned across them; the control piece has no id of thor's. */
    expect(options, LINES("abcd", "x<2xx>x"), "bc " B "a " B "x x " B " a d");
    options.user_count = options.control_count = 0;
    options.byte_fallback = true;
    options.pieces = 256 + 4;
    thor_words *words = words_of(LINES("abc"), &options);
    thor_learn_report report;
    thor_vocab *vocab = learned(&options, words, &report);
    ck_assert_int_eq(report.pieces, 260);
    ck_assert_str_eq(thor_vocab_piece(vocab, THOR_ID_FIRST_PIECE + 0x41), "<0x41>");
    thor_vocab_close(vocab);
    thor_words_free(words);
}
END_TEST

START_TEST(blanks_where_the_options_want_them)
{
    thor_learn_options options = thor_learn_defaults();
    options.pieces = 100;
    options.blank_as_suffix = true;
    expect(options, LINES("ab ab"), "ab ab" B " a b " B);
    options = thor_learn_defaults();
    options.split_by_blank = false;
    expect(options, LINES("a a"), B "a " B "a" B "a a " B);
    options = thor_learn_defaults();
    options.remove_extra_blanks = options.add_dummy_prefix = false;
    options.blank_pieces = true;
    expect(options, LINES("a  a"), B "a a " B);
    expect(options, LINES("a  a", "b  b", "c  c"), B B " " B " a b c");
    options = thor_learn_defaults();
    options.split_digits = true;
    options.split_by_script = false;
    expect(options, LINES("a12"), B "a 1 2 a " B);
    options = thor_learn_defaults();
    options.required = "z";
    expect(options, LINES("a"), B "a a " B " z");
    options.normalization = "nfkc";
    options.required = NULL;
    expect(options, LINES("\xEF\xAC\x81"), "fi " B "fi f i " B);
}
END_TEST

/* A text long enough for several steps, learned on 1, 2, 3 and 8 threads. */
START_TEST(threads_change_nothing)
{
    thor_bytes models[4] = { { .data = NULL } };
    static const int threads[] = { 1, 2, 3, 8 };
    for (int i = 0; i < 4; i++) {
        uint64_t draw = 0;
        thor_learn_options options = thor_learn_defaults();
        thor_error error = { .text = "" };
        thor_words *words;
        options.type = _i % 2 == 0 ? THOR_BPE : THOR_UNIGRAM;
        options.temperature = _i < 2 ? 1 : 3;
        options.pieces = 60;
        options.threads = threads[i];
        ck_assert(thor_words_create(&words, &options, &error) == THOR_OK);
        for (int line = 0; line < 400; line++) {
            char text[64];
            size_t count = 5 + text_below(&draw, 50);
            for (size_t j = 0; j < count; j++)
                text[j] = "abcdefghi "[text_below(&draw, 10)];
            ck_assert(thor_words_add(words, text, count, &error) == THOR_OK);
            if (line % 150 == 149)
                ck_assert(thor_words_end_group(words, &error) == THOR_OK);
        }
        ck_assert(thor_words_weigh(words, &error) == THOR_OK);
        ck_assert_msg(thor_learn_words(&options, words, &models[i], NULL, &error) == THOR_OK, "%s", error.text);
        ck_assert_uint_eq(models[i].count, models[0].count);
        ck_assert_mem_eq(models[i].data, models[0].data, models[0].count);
        thor_words_free(words);
    }
    for (int i = 0; i < 4; i++)
        free(models[i].data);
}
END_TEST

START_TEST(options_out_of_range)
{
    const thor_learn_options defaults = thor_learn_defaults();
    thor_words *words = words_of(LINES("abc"), &defaults);
    static const struct {
        int32_t pieces;
        double coverage;
        int32_t longest;
        const char *words;
    } cases[] = { { 0, 1, 16, "size 0" },
                  { 8000, 0, 16, "coverage 0" },
                  { 8000, 1.5, 16, "coverage 1.5" },
                  { 8000, 1, 65, "characters in a piece 65" },
                  { 3, 1, 16, "4 characters to cover" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_learn_options options = thor_learn_defaults();
        options.pieces = cases[i].pieces;
        options.character_coverage = cases[i].coverage;
        options.longest_piece = cases[i].longest;
        thor_bytes model = { .data = NULL };
        thor_error error = { .text = "" };
        ck_assert(thor_learn_words(&options, words, &model, NULL, &error) == THOR_E_USAGE);
        ck_assert_msg(strstr(error.text, cases[i].words), "%s", error.text);
        free(model.data);
    }
    thor_words_free(words);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("learn");
    tcase_add_test(tests, merges_by_weight_length_and_bytes);
    tcase_add_test(tests, runs_are_counted_without_overlap);
    tcase_add_test(tests, pieces_keep_to_their_kind);
    tcase_add_test(tests, specials_and_tabs_are_walls);
    tcase_add_test(tests, rare_characters_are_unknown);
    tcase_add_test(tests, temperature_lifts_small_groups);
    tcase_add_loop_test(tests, equals_a_slow_learner, 0, 20);
    tcase_add_test(tests, pieces_of_the_user);
    tcase_add_test(tests, blanks_where_the_options_want_them);
    tcase_add_loop_test(tests, threads_change_nothing, 0, 4);
    tcase_add_test(tests, options_out_of_range);
    return text_run(tests, "learn");
}
