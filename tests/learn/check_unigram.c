/* Learning unigram vocabularies: sums and paths of lattices against all cuts of a word, seeds against all texts. */
#include <math.h>
#include <string.h>

#include "tests/text/text_runner.h"
#include "learn/unigram_seed.h"
#include "learn/words.h"

enum { MOST_LENGTH = 10 };

typedef struct cuts {
    const thor_unigram_model *model;
    const char *word;
    size_t length;
    double all, expected[64];   /* sums of probabilities, not divided by `all` yet */
    float best, second;         /* scores of the best cut, and of the best one of several pieces */
} cuts;

static int32_t piece_of(const thor_unigram_model *model, const char *text, size_t bytes)
{
    uint32_t number = thor_strings_find(model->text, text, bytes);
    return number == THOR_ABSENT ? -1 : model->index[number];
}

/* Goes through every cut of the rest; `pieces` are those of the beginning. */
static void try_cuts(cuts *c, size_t at, double score, const int32_t *pieces, size_t count)
{
    if (at == c->length) {
        c->all += exp(score);
        for (size_t i = 0; i < count; i++)
            c->expected[pieces[i]] += exp(score);
        c->best = (float)score > c->best ? (float)score : c->best;
        if (count > 1 && (float)score > c->second)
            c->second = (float)score;
        return;
    }
    for (size_t bytes = 1; at + bytes <= c->length; bytes++) {
        int32_t more[MOST_LENGTH], piece = piece_of(c->model, c->word + at, bytes);
        if (piece < 0)
            continue;
        memcpy(more, pieces, count * sizeof *more);
        more[count] = piece;
        try_cuts(c, at + bytes, score + (double)c->model->score[piece], more, count + 1);
    }
}

static float score_of(const thor_lattice *lattice, int32_t last)
{
    float score = 0;
    for (int32_t i = last; i >= 0; i = lattice->nodes[i].previous)
        score += lattice->nodes[i].score;
    return score;
}

/* All texts of a, b and c up to four letters are pieces with a certain chance, the letters always. */
static void draw_pieces(thor_unigram_pieces *pieces, uint64_t *draw)
{
    for (size_t bytes = 1, all = 3; bytes <= 4; bytes++, all *= 3)
        for (size_t i = 0; i < all && pieces->text.count < 60; i++) {
            char text[4];
            size_t rest = i;
            for (size_t j = 0; j < bytes; j++, rest /= 3)
                text[j] = "abc"[rest % 3];
            if (bytes == 1 || text_below(draw, 3) == 0)
                ck_assert(thor_unigram_pieces_add(pieces, text, bytes, -1.0f - (float)text_below(draw, 1000) / 100));
        }
}

START_TEST(lattices_hold_all_cuts)
{
    uint64_t draw = (uint64_t)_i << 20;
    thor_unigram_pieces pieces = { .score = NULL };
    thor_unigram_model model;
    thor_lattice lattice = { .count = 0 };
    draw_pieces(&pieces, &draw);
    ck_assert(thor_unigram_model_make(&model, &pieces, NULL) == THOR_OK);
    for (int round = 0; round < 20; round++) {
        char word[MOST_LENGTH];
        int32_t none[MOST_LENGTH];
        float expected[64] = { 0 };
        cuts c = { .model = &model, .word = word, .length = 1 + text_below(&draw, MOST_LENGTH), .best = -1e30f,
                   .second = -1e30f };
        for (size_t i = 0; i < c.length; i++)
            word[i] = "abc"[text_below(&draw, 3)];
        try_cuts(&c, 0, 0, none, 0);
        thor_lattice_fill(&lattice, &model, word, c.length);
        thor_lattice_expect(&lattice, 3, expected);
        for (size_t i = 0; i < model.count; i++)
            ck_assert_double_eq_tol((double)expected[i], 3 * c.expected[i] / c.all, 1e-4);
        int32_t best = thor_lattice_best(&lattice, -1);
        ck_assert_double_eq_tol((double)score_of(&lattice, best), (double)c.best, 1e-4);
        if (lattice.nodes[best].start == 0 && c.length > 1)
            ck_assert_double_eq_tol((double)score_of(&lattice, thor_lattice_best(&lattice, best)), (double)c.second,
                                    1e-4);
    }
    thor_lattice_free(&lattice);
    thor_unigram_model_free(&model);
    thor_unigram_pieces_free(&pieces);
}
END_TEST

/* Pieces that are not in use any more leave no trace; a letter without a piece is an unknown one. */
START_TEST(models_shrink)
{
    thor_unigram_pieces pieces = { .score = NULL };
    thor_unigram_model model;
    thor_lattice lattice = { .count = 0 };
    static const uint32_t kept[] = { 2, 0 };
    static const float scores[] = { -1, -2 };
    ck_assert(thor_unigram_pieces_add(&pieces, "a", 1, -3) && thor_unigram_pieces_add(&pieces, "b", 1, -3) &&
              thor_unigram_pieces_add(&pieces, "ab", 2, -3));
    ck_assert(thor_unigram_model_make(&model, &pieces, NULL) == THOR_OK);
    thor_unigram_model_set(&model, kept, scores, 2);
    thor_lattice_fill(&lattice, &model, "ab", 2);
    ck_assert_uint_eq(lattice.count, 3);
    ck_assert_int_eq(lattice.nodes[0].piece, 1);
    ck_assert_int_eq(lattice.nodes[1].piece, 0);
    ck_assert(lattice.nodes[2].score == -12.0f && lattice.nodes[2].start == 1);
    thor_lattice_free(&lattice);
    thor_unigram_model_free(&model);
    thor_unigram_pieces_free(&pieces);
}
END_TEST

/* How often `text` stands in the lines, each with a blank before every word, and what stands behind it. */
static int64_t count_text(const char *const *lines, size_t count, const char *text, bool *branches)
{
    int64_t found = 0;
    char first = 0;
    *branches = false;
    for (size_t i = 0; i < count; i++)
        for (const char *at = strstr(lines[i], text); at; at = strstr(at + 1, text)) {
            char behind = at[strlen(text)];
            *branches = *branches || (found > 0 && behind != first);
            first = behind;
            found++;
        }
    return found;
}

/* With the letters "_" for the blank: the same lines, and every seed's score. */
START_TEST(seeds_are_the_frequent_substrings)
{
    uint64_t draw = (uint64_t)_i << 20;
    enum { LINES = 30 };
    char texts[LINES][40], shown[LINES][40];
    const char *lines[LINES];
    thor_learn_options options = thor_learn_defaults();
    thor_words *words;
    options.longest_piece = 4;
    options.threads = 1;
    ck_assert(thor_words_create(&words, &options, NULL) == THOR_OK);
    for (size_t i = 0; i < LINES; i++) {
        size_t length = 5 + text_below(&draw, 20);
        for (size_t j = 0; j < length; j++)
            texts[i][j] = j > 0 && j + 1 < length && texts[i][j - 1] != ' ' && text_below(&draw, 5) == 0
                              ? ' ' : "abc"[text_below(&draw, 3)];
        texts[i][length] = 0;
        ck_assert(thor_words_add(words, texts[i], length, NULL) == THOR_OK);
        shown[i][0] = '_';
        for (size_t j = 0; j <= length; j++)
            shown[i][j + 1] = texts[i][j] == ' ' ? '_' : texts[i][j];
        lines[i] = shown[i];
    }
    ck_assert(thor_words_weigh(words, NULL) == THOR_OK);
    thor_alphabet alphabet;
    thor_word_list list;
    thor_unigram_pieces seed = { .score = NULL };
    thor_par par = thor_par_make(1);
    ck_assert(thor_alphabet_make(&alphabet, words, &options, NULL) == THOR_OK);
    ck_assert(thor_word_list_make(&list, words, &alphabet, NULL) == THOR_OK);
    ck_assert(thor_unigram_seed(&options, &list, &par, &seed, NULL) == THOR_OK);
    size_t expected = 4;        /* the characters */
    int64_t all = 0;
    for (size_t i = 0; i < LINES; i++)
        all += (int64_t)strlen(lines[i]);
    for (size_t code = 0; code < 4 * 4 * 4 * 4 * 3; code++) {
        char text[5], piece[16] = "";
        size_t bytes = 2 + code % 3, rest = code / 3;
        for (size_t j = 0; j < bytes; j++, rest /= 4)
            text[j] = "abc_"[rest % 4];
        text[bytes] = 0;
        bool branches, blank_inside = strchr(text + 1, '_') != NULL;
        int64_t count = count_text(lines, LINES, text, &branches);
        if (rest > 0 || count < 2 || !branches || blank_inside)
            continue;
        strcat(strcat(piece, text[0] == '_' ? THOR_BLANK : ""), text[0] == '_' ? text + 1 : text);
        expected++;
        all += count * (int64_t)bytes;
        ck_assert_msg(thor_strings_find(&seed.text, piece, strlen(piece)) != THOR_ABSENT, "no seed '%s'", piece);
    }
    ck_assert_uint_eq(seed.text.count, expected);
    uint32_t number = thor_strings_find(&seed.text, "ab", 2);
    bool branches;
    int64_t count = count_text(lines, LINES, "ab", &branches);
    ck_assert(number != THOR_ABSENT);
    ck_assert_double_eq_tol((double)seed.score[number], log(2.0 * (double)count / (double)all), 1e-5);
    thor_unigram_pieces_free(&seed);
    thor_word_list_free(&list);
    thor_alphabet_free(&alphabet);
    thor_words_free(words);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("unigram");
    tcase_add_loop_test(tests, lattices_hold_all_cuts, 0, 20);
    tcase_add_test(tests, models_shrink);
    tcase_add_loop_test(tests, seeds_are_the_frequent_substrings, 0, 10);
    return text_run(tests, "unigram");
}
