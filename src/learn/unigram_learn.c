#include "learn/unigram_learn.h"

#include <stdlib.h>
#include <string.h>

#include "learn/unigram_em.h"
#include "learn/unigram_prune.h"
#include "learn/unigram_seed.h"
#include "text/utf8.h"

/* What sets the scores of characters apart that lost their own. */
#define CHARACTER_STEP 0.0001f

typedef struct scored {
    const char *text;
    size_t bytes;
    float score;
} scored;

static int by_score(const void *a, const void *b)
{
    const scored *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    int order = memcmp(x->text, y->text, x->bytes < y->bytes ? x->bytes : y->bytes);
    return order != 0 ? order : x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

typedef struct ending {
    const thor_unigram_model *model;
    const thor_strings *seed;
    char (*spelled)[4];         /* [characters] */
    scored *chosen, *sorted;
    size_t count, most;
    thor_strings taken;
    bool failed;
} ending;

static void choose(ending *e, scored piece)
{
    e->failed = e->failed || thor_strings_add(&e->taken, piece.text, piece.bytes) == THOR_ABSENT;
    e->chosen[e->count++] = piece;
}

/* All characters, with the scores that they have; the others follow the worst score, frequent ones first. */
static void choose_characters(ending *e, const thor_alphabet *alphabet)
{
    float penalty = 0;
    for (size_t i = 0; i < alphabet->count; i++) {
        scored piece = { .text = e->spelled[i] };
        piece.bytes = thor_utf8_put(alphabet->characters[i].code, e->spelled[i]);
        uint32_t number = thor_strings_find(e->seed, piece.text, piece.bytes);
        int32_t index = number == THOR_ABSENT ? -1 : e->model->index[number];
        piece.score = index >= 0 ? e->model->score[index] : e->model->least + penalty;
        penalty += index >= 0 ? 0 : CHARACTER_STEP;
        choose(e, piece);
    }
}

static void choose_best(ending *e)
{
    size_t count = e->model->count;
    for (size_t i = 0; i < count; i++) {
        e->sorted[i].score = e->model->score[i];
        e->sorted[i].text = thor_strings_text(e->seed, e->model->number[i], &e->sorted[i].bytes);
    }
    if (count > 0)
        qsort(e->sorted, count, sizeof *e->sorted, by_score);
    for (size_t i = 0; i < count && e->count < e->most && !e->failed; i++)
        if (thor_strings_find(&e->taken, e->sorted[i].text, e->sorted[i].bytes) == THOR_ABSENT)
            choose(e, e->sorted[i]);
    if (e->count > 0)
        qsort(e->chosen, e->count, sizeof *e->chosen, by_score);
}

static thor_status finish(const thor_unigram_model *model, const thor_strings *seed, const thor_alphabet *alphabet,
                          size_t most, thor_unigram_pieces *pieces, thor_error *error)
{
    ending e = { .model = model, .seed = seed, .most = most };
    e.spelled = malloc((alphabet->count + 1) * sizeof *e.spelled);
    e.chosen = malloc((alphabet->count + model->count + 1) * sizeof *e.chosen);
    e.sorted = malloc((model->count + 1) * sizeof *e.sorted);
    e.failed = !e.spelled || !e.chosen || !e.sorted;
    if (!e.failed) {
        choose_characters(&e, alphabet);
        choose_best(&e);
    }
    for (size_t i = 0; i < e.count && !e.failed; i++)
        e.failed = !thor_unigram_pieces_add(pieces, e.chosen[i].text, e.chosen[i].bytes, e.chosen[i].score);
    free(e.spelled);
    free(e.chosen);
    free(e.sorted);
    thor_strings_free(&e.taken);
    return e.failed ? thor_fail(error, THOR_E_MEMORY, "no memory for %zu pieces", most) : THOR_OK;
}

/* Steps of EM and rounds of pruning until a tenth more pieces than wanted are left. `wanted` counts special pieces. */
static thor_status run(const thor_learn_options *options, const thor_word_list *words, size_t wanted,
                       thor_unigram_model *model, const thor_par *par, thor_error *error)
{
    size_t enough = (size_t)((double)wanted * 1.1);
    for (;;) {
        for (int32_t step = 0; step < options->em_steps; step++)
            THOR_TRY(thor_unigram_em(model, words, par, error));
        if (model->count <= enough)
            return THOR_OK;
        THOR_TRY(thor_unigram_prune(model, words, options, enough, par, error));
    }
}

static thor_status learn(const thor_learn_options *options, const thor_word_list *words, const thor_alphabet *alphabet,
                         size_t most, thor_unigram_pieces *seed, thor_unigram_pieces *pieces, thor_error *error)
{
    thor_par par = thor_par_make(options->threads);
    char text[8];
    const char *spelling;
    size_t wanted = most;
    for (size_t i = 0; thor_learn_meta(options, i, text, &spelling); i++)
        wanted++;
    THOR_TRY(thor_unigram_seed(options, words, &par, seed, error));
    thor_unigram_model model = { .count = 0 };
    thor_status status = thor_unigram_model_make(&model, seed, error);
    if (status == THOR_OK)
        status = run(options, words, wanted, &model, &par, error);
    if (status == THOR_OK)
        status = finish(&model, &seed->text, alphabet, most, pieces, error);
    thor_unigram_model_free(&model);
    return status;
}

thor_status thor_unigram_learn(const thor_learn_options *options, const thor_words *words,
                               const thor_alphabet *alphabet, size_t most, thor_unigram_pieces *pieces,
                               thor_error *error)
{
    thor_word_list list;
    thor_unigram_pieces seed = { .score = NULL };
    THOR_TRY(thor_word_list_make(&list, words, alphabet, error));
    thor_status status = learn(options, &list, alphabet, most, &seed, pieces, error);
    thor_unigram_pieces_free(&seed);
    thor_word_list_free(&list);
    return status;
}
