/* Two lists of tensors that are compared in a test. */
#ifndef TESTS_REPORT_PAIR_H
#define TESTS_REPORT_PAIR_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "report/compare.h"

/* What a pair is judged with; rtol for every file. */
typedef struct setting {
    double rtol, tie;
    thor_compare_facts facts;
    thor_compare_kind kind;
    const char *precision;      /* NULL: rtol */
    bool strict;
} setting;

static const setting plain = { .rtol = 1e-4, .tie = 1e-6 };

/* Adds a float tensor with the shape a x b x c (0: no such dimension) filled from `values`, or with 1. */
static inline float *add(thor_tensor_list *list, const char *name, int64_t a, int64_t b, int64_t c, const float *values)
{
    thor_tensor like = { .dtype = THOR_F32, .dims = c ? 3 : b ? 2 : 1, .shape = { a, b, c } };
    void *data;
    snprintf(like.name, sizeof like.name, "%s", name);
    ck_assert_int_eq(thor_tensor_list_add(list, &like, &data, NULL), THOR_OK);
    for (int64_t i = 0; i < thor_tensor_count(&like); i++)
        ((float *)data)[i] = values ? values[i] : 1;
    return data;
}

typedef struct pair {
    thor_tensor_list ours, theirs, batch, initial;
    thor_comparison result;
    int64_t ties;
    char first_tie[256];
} pair;

static inline void run(pair *p, const setting *with)
{
    thor_error error;
    thor_judge *judge;
    thor_compare_options options = { .strict = with->strict };
    ck_assert(thor_compare_precision(&options, with->precision ? with->precision : "f32"));
    if (!with->precision)
        thor_compare_use_rtol(&options, with->rtol);
    options.tie = with->precision ? options.tie : with->tie;
    ck_assert(thor_judge_open(&judge, &options, &with->facts, &p->batch, &p->initial, &p->ours, &error) == THOR_OK);
    ck_assert_msg(thor_compare(&p->result, judge, with->kind, &p->ours, &p->theirs, &error) == THOR_OK, "%s",
                  error.text);
    p->ties = thor_judge_ties(judge);
    snprintf(p->first_tie, sizeof p->first_tie, "%s", thor_judge_first_tie(judge));
    thor_judge_free(judge);
}

static inline void free_pair(pair *p)
{
    thor_comparison_free(&p->result);
    thor_tensor_list_free(&p->ours);
    thor_tensor_list_free(&p->theirs);
    thor_tensor_list_free(&p->batch);
    thor_tensor_list_free(&p->initial);
}

static const thor_difference *find(const pair *p, const char *name)
{
    for (size_t i = 0; i < p->result.count; i++)
        if (strcmp(p->result.items[i].name, name) == 0)
            return &p->result.items[i];
    ck_abort_msg("%s was not compared", name);
    return NULL;
}

/* Sentences of these lengths on both sides. */
static inline void add_batch(pair *p, int64_t sentences, const int *lengths, int64_t width)
{
    static const char *const names[] = { "src_tokens", "tgt_in" };
    for (int side = 0; side < 2; side++) {
        thor_tensor like = { .dtype = THOR_I32, .dims = 2, .shape = { sentences, width } };
        void *data;
        snprintf(like.name, sizeof like.name, "%s", names[side]);
        ck_assert_int_eq(thor_tensor_list_add(&p->batch, &like, &data, NULL), THOR_OK);
        for (int64_t i = 0; i < sentences * width; i++)
            ((int32_t *)data)[i] = i % width < lengths[i / width] ? 7 : 1;
    }
}

#endif
