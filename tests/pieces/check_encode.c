/* Cutting against slow programs that follow the definitions to the letter. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "pieces/encoder.h"
#include "tests/text/text_runner.h"

enum { MOST_PIECES = 60, MOST_TEXT = 400 };

/* Random pieces over a small alphabet of letters of 1 to 3 bytes, the blank among them. */
typedef struct sample {
    char storage[MOST_PIECES][40];
    const char *pieces[MOST_PIECES];
    float scores[MOST_PIECES];
    size_t count;
} sample;

static const char *const letters[] = { "a", "b", "c", "\xC3\xA9", "\xE6\xBC\xA2", THOR_BLANK };

static bool has(const sample *s, const char *text)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->pieces[i], text) == 0)
            return true;
    return false;
}

/* `blanks_inside` lets pieces hold blanks behind their start. */
static void draw_sample(sample *s, uint64_t *draw, bool blanks_inside)
{
    s->count = 0;
    size_t wanted = 5 + text_below(draw, MOST_PIECES - 5);
    for (int attempt = 0; attempt < 1000 && s->count < wanted; attempt++) {
        char *text = s->storage[s->count];
        size_t length = 1 + text_below(draw, 5);
        *text = 0;
        for (size_t i = 0; i < length; i++)
            strcat(text, letters[text_below(draw, i > 0 && !blanks_inside ? 5 : 6)]);
        if (has(s, text))
            continue;
        s->pieces[s->count] = text;
        s->scores[s->count++] = -(float)text_below(draw, 12) / 2;
    }
}

static void draw_text(char *text, uint64_t *draw, size_t most)
{
    static const char *const units[] = { "a", "b", "c", "\xC3\xA9", "\xE6\xBC\xA2", " ", "x", "aa", "ab" };
    size_t length = text_below(draw, most);
    *text = 0;
    for (size_t i = 0; i < length; i++)
        strcat(text, units[text_below(draw, 9)]);
}

typedef char word[64];

static float score_of(const sample *s, const char *left, const char *right)
{
    char both[128];
    snprintf(both, sizeof both, "%s%s", left, right);
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->pieces[i], both) == 0)
            return s->scores[i];
    return -FLT_MAX;
}

/* The normalised text as characters: single blanks, none at the end, one in front. */
static size_t characters_of(const char *text, word *out)
{
    size_t count = 0;
    bool blank = true;
    for (const char *p = text; *p;) {
        size_t length = (unsigned char)*p < 0x80 ? 1 : (unsigned char)*p < 0xE0 ? 2 : 3;
        if (*p == ' ') {
            blank = true;
        } else {
            if (blank)
                strcpy(out[count++], THOR_BLANK);
            blank = false;
            snprintf(out[count++], sizeof *out, "%.*s", (int)length, p);
        }
        p += length;
    }
    return count;
}

static char *join_words(const sample *s, word *words, size_t count)
{
    char *line = calloc(1, 8 * MOST_TEXT + 8);
    bool was_unknown = false;
    for (size_t i = 0; i < count; i++) {
        bool unknown = !has(s, words[i]);
        if (i > 0 && !(unknown && was_unknown))
            strcat(line, " ");
        strcat(line, words[i]);
        was_unknown = unknown;
    }
    return line;
}

/* Joins the best pair, the leftmost of equals, until none is a piece. */
static char *slow_bpe(const sample *s, const char *text)
{
    word *words = calloc(2 * MOST_TEXT, sizeof *words);
    size_t count = characters_of(text, words);
    for (;;) {
        size_t best = count;
        float best_score = -FLT_MAX;
        for (size_t i = 0; i + 1 < count; i++) {
            float score = score_of(s, words[i], words[i + 1]);
            if (score > best_score) {
                best_score = score;
                best = i;
            }
        }
        if (best == count)
            break;
        word joined;
        snprintf(joined, sizeof joined, "%.30s%.30s", words[best], words[best + 1]);
        memcpy(words[best], joined, sizeof joined);
        memmove(words + best + 1, words + best + 2, (count - best - 2) * sizeof *words);
        count--;
    }
    char *line = join_words(s, words, count);
    free(words);
    return line;
}

static void compare(const thor_vocab *vocab, const char *text, char *expected)
{
    char *got = text_pieces(vocab, text);
    ck_assert_msg(strcmp(got, expected) == 0, "\"%s\" gives\n  \"%s\", expected\n  \"%s\"", text, got, expected);
    free(got);
    free(expected);
}

/* Short words, words beyond the limit of the quick way, and pieces across words. */
START_TEST(bpe_follows_its_definition)
{
    uint64_t draw = 0;
    for (int round = 0; round < 60; round++) {
        sample s;
        draw_sample(&s, &draw, round % 3 == 2);
        thor_vocab *vocab = text_vocab(THOR_BPE, s.pieces, s.scores, s.count);
        for (int line = 0; line < 20; line++) {
            char text[3 * MOST_TEXT];
            draw_text(text, &draw, line < 15 ? 30 : MOST_TEXT / 2);
            compare(vocab, text, slow_bpe(&s, text));
        }
        thor_vocab_close(vocab);
    }
}
END_TEST

/* The best sum over all cuts of the characters first … count - 1, by trying them all. */
static double best_cut(const sample *s, word *characters, size_t first, size_t count, double worst)
{
    if (first == count)
        return 0;
    double best = -DBL_MAX;
    char text[128] = "";
    for (size_t end = first; end < count && end < first + 6; end++) {
        strcat(text, characters[end]);
        double score = score_of(s, text, "");
        bool known = score > -(double)FLT_MAX;
        if (!known && end == first)
            score = worst - 10;
        if (known || end == first) {
            double rest = best_cut(s, characters, end + 1, count, worst);
            best = score + rest > best ? score + rest : best;
        }
    }
    return best;
}

/* The score of what came out: an unknown run is as many unknown characters. */
static double score_of_line(const sample *s, const char *line, double worst)
{
    double sum = 0;
    char copy[8 * MOST_TEXT];
    snprintf(copy, sizeof copy, "%s", line);
    for (char *piece = strtok(copy, " "); piece; piece = strtok(NULL, " ")) {
        double score = score_of(s, piece, "");
        if (score > -(double)FLT_MAX) {
            sum += score;
            continue;
        }
        for (char *p = piece; *p; p++)
            sum += ((unsigned char)*p & 0xC0) != 0x80 ? worst - 10 : 0;
    }
    return sum;
}

START_TEST(unigram_finds_the_best_sum)
{
    uint64_t draw = 0;
    for (int round = 0; round < 60; round++) {
        sample s;
        draw_sample(&s, &draw, round % 3 == 2);
        thor_vocab *vocab = text_vocab(THOR_UNIGRAM, s.pieces, s.scores, s.count);
        double worst = 0;
        for (size_t i = 0; i < s.count; i++)
            worst = (double)s.scores[i] < worst ? (double)s.scores[i] : worst;
        for (int line = 0; line < 20; line++) {
            char text[3 * MOST_TEXT];
            word characters[64];
            draw_text(text, &draw, 9);
            char *got = text_pieces(vocab, text);
            double found = score_of_line(&s, got, worst);
            double best = best_cut(&s, characters, 0, characters_of(text, characters), worst);
            ck_assert_msg(found == best, "\"%s\" gives \"%s\" with the score %g, best is %g", text, got, found, best);
            free(got);
        }
        thor_vocab_close(vocab);
    }
}
END_TEST

START_TEST(unknown_runs_and_blank_lines)
{
    static const char *const pieces[] = { THOR_BLANK "a", "b", THOR_BLANK };
    thor_vocab *vocab = text_vocab(THOR_BPE, pieces, NULL, 3);
    static const struct { const char *text; size_t count; int32_t ids[8]; } cases[] = {
        { "", 0, { 0 } }, { "   ", 0, { 0 } }, { "b", 2, { 6, 5 } }, { "xyz", 2, { 6, 3 } },
        { "bxyb  \xE6\xBC\xA2\xE6\xBC\xA2 ", 6, { 6, 5, 3, 5, 6, 3 } } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        thor_ids ids = { .ids = NULL };
        thor_error error;
        ck_assert(thor_vocab_encode(vocab, cases[i].text, strlen(cases[i].text), &ids, &error) == THOR_OK);
        ck_assert_uint_eq(ids.count, cases[i].count);
        for (size_t j = 0; j < ids.count; j++)
            ck_assert_int_eq(ids.ids[j], cases[i].ids[j]);
        free(ids.ids);
    }
    thor_vocab_close(vocab);
}
END_TEST

/* One encoder for many lines, whose words come again and push one another out of its cache. */
START_TEST(an_encoder_gives_the_same_ids)
{
    uint64_t draw = text_seed();
    static const thor_model_type types[] = { THOR_BPE, THOR_UNIGRAM, THOR_CHAR };
    for (int trial = 0; trial < 12; trial++) {
        sample s;
        draw_sample(&s, &draw, trial % 2 == 1);
        thor_vocab *vocab = text_vocab(types[trial % 3], s.pieces, s.scores, s.count);
        thor_encoder encoder = { .normal = { .data = NULL } };
        for (int line = 0; line < 500; line++) {
            char text[3 * MOST_TEXT];
            thor_ids once = { .ids = NULL }, kept = { .ids = NULL };
            draw_text(text, &draw, line % 50 == 0 ? MOST_TEXT : 30);
            ck_assert(thor_vocab_encode(vocab, text, strlen(text), &once, NULL) == THOR_OK);
            ck_assert(thor_encoder_line(&encoder, vocab, text, strlen(text), &kept, NULL) == THOR_OK);
            ck_assert_uint_eq(kept.count, once.count);
            for (size_t i = 0; i < once.count; i++)
                ck_assert_msg(kept.ids[i] == once.ids[i], "\"%s\": id %zu is %d, expected %d", text, i,
                              (int)kept.ids[i], (int)once.ids[i]);
            free(once.ids);
            free(kept.ids);
        }
        ck_assert(thor_encoder_line(&encoder, vocab, "a\xFF", 2, &(thor_ids){ .ids = NULL }, NULL) == THOR_E_FORMAT);
        thor_encoder_free(&encoder);
        thor_vocab_close(vocab);
    }
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_refused)
{
    static const char *const pieces[] = { "a" };
    thor_vocab *vocab = text_vocab(THOR_BPE, pieces, NULL, 1);
    thor_ids ids = { .ids = NULL };
    thor_error error = { .text = "" };
    ck_assert(thor_vocab_encode(vocab, "aa\xE9", 3, &ids, &error) == THOR_E_FORMAT);
    ck_assert_msg(strstr(error.text, "byte 3 (0xE9)"), "%s", error.text);
    ck_assert_uint_eq(ids.count, 0);
    free(ids.ids);
    thor_vocab_close(vocab);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("encode");
    tcase_add_test(tests, bpe_follows_its_definition);
    tcase_add_test(tests, unigram_finds_the_best_sum);
    tcase_add_test(tests, unknown_runs_and_blank_lines);
    tcase_add_test(tests, an_encoder_gives_the_same_ids);
    tcase_add_test(tests, bytes_that_are_not_utf8_are_refused);
    return text_run(tests, "encode");
}
