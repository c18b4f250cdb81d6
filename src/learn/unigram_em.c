#include "learn/unigram_em.h"

#include <stdlib.h>

#include "base/dmath.h"

typedef struct expectation {
    const thor_unigram_model *model;
    const thor_word_list *words;
    float *sums;                /* [parts][pieces] */
    bool failed[THOR_UNIGRAM_PARTS];
} expectation;

static void expect_part(void *context, int64_t begin, int64_t end, int thread)
{
    expectation *e = context;
    thor_lattice lattice = { .count = 0 };
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        float *sums = e->sums + (size_t)part * e->model->count;
        for (size_t i = (size_t)part; i < e->words->count; i += THOR_UNIGRAM_PARTS) {
            size_t start = e->words->starts[i], stop = e->words->starts[i + 1];
            thor_lattice_fill(&lattice, e->model, e->words->text + start, stop - start);
            thor_lattice_expect(&lattice, (float)e->words->weights[i], sums);
        }
        e->failed[part] = lattice.failed;
    }
    thor_lattice_free(&lattice);
}

/* psi(x) by psi(x) = psi(x + 1) - 1/x up to 7, then its series at x - 1/2. */
static double digamma(double x)
{
    double below = 0;
    for (; x < 7; x++)
        below -= 1 / x;
    double middle = x - 0.5, inverse = 1 / middle, square = inverse * inverse, fourth = square * square;
    return below + (thor_ln(middle) + 1.0 / 24 * square - 7.0 / 960 * fourth + 31.0 / 8064 * fourth * square -
                    127.0 / 30720 * fourth * fourth);
}

static void maximise(thor_unigram_model *model, const float *sums)
{
    float sum = 0;
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (sums[i] < 0.5f)
            continue;
        model->number[kept] = model->number[i];
        model->score[kept++] = sums[i];
        sum += sums[i];
    }
    float all = (float)digamma((double)sum);
    for (size_t i = 0; i < kept; i++)
        model->score[i] = (float)(digamma((double)model->score[i]) - (double)all);
    thor_unigram_model_set(model, model->number, model->score, kept);
}

thor_status thor_unigram_em(thor_unigram_model *model, const thor_word_list *words, const thor_par *par,
                            thor_error *error)
{
    expectation e = { .model = model, .words = words };
    e.sums = calloc(THOR_UNIGRAM_PARTS * model->count + 1, sizeof *e.sums);
    bool failed = !e.sums;
    if (!failed)
        thor_par_each(par, THOR_UNIGRAM_PARTS, expect_part, &e);
    for (int part = 0; part < THOR_UNIGRAM_PARTS; part++)
        failed = failed || e.failed[part];
    for (size_t part = 1; !failed && part < THOR_UNIGRAM_PARTS; part++)
        for (size_t i = 0; i < model->count; i++)
            e.sums[i] += e.sums[part * model->count + i];
    if (!failed)
        maximise(model, e.sums);
    free(e.sums);
    if (failed)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the expectations of %zu pieces", model->count);
    return THOR_OK;
}
