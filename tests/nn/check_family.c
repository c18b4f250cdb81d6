/* The family loss of a router of languages: value, gradient and bits by the judge; where nobody is related, or a
 * language's logits are 0. */
#include <math.h>
#include <string.h>

#include "judge.h"
#include "nn/family.h"
#include "tests/ref/ref_parts.h"

enum { MOST_LANGUAGES = 8, MOST_EXPERTS = 33 };

typedef struct trial {
    const char *name;
    int64_t n, E;
    int32_t family[MOST_LANGUAGES];
} trial;

static const trial trials[] = {
    { "two of one family", 3, 7, { 0, 3, 0 } },
    { "pairs and a lone one", 5, 4, { 0, 1, 0, 1, 9 } },
    { "three and two", 5, 33, { 2, 2, 1, 2, 1 } },
    { "one family", 3, 7, { 0, 0, 0 } },
    { "all alone", 3, 7, { 0, 1, 2 } },
    { "one language", 1, 4, { 0 } },
};
enum { TRIALS = sizeof trials / sizeof *trials };

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const trial *t = l->context;
    int64_t family[MOST_LANGUAGES];
    for (int64_t i = 0; i < t->n; i++)
        family[i] = t->family[i];
    y[0] = ref_family_tape(tape, l->in[0].v, family, t->n, t->E);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const trial *t = l->context;
    thor_family_saved saved;
    thor_arena arena = thor_arena_measure();
    thor_family_place(&saved, &arena, t->n, t->E);
    ck_assert(thor_arena_create(&arena, arena.used, "a test", NULL) == THOR_OK);
    thor_family_place(&saved, &arena, t->n, t->E);
    l->y[0] = (float)thor_family_forward(compute, &saved, l->in[0].x, t->family, t->n, t->E);
    thor_family_backward(compute, l->in[0].d, &saved, (double)l->d_y[0], t->n, t->E);
    thor_arena_free(&arena);
}

static void open_trial(judge_layer *l, const trial *t)
{
    *l = (judge_layer){ .name = t->name, .context = t, .oracle = oracle, .run = run, .outputs = 1 };
    judge_add(l, "logits", t->n * t->E, 0.3, 1);
    l->d_y = JUDGE_TAKE(l, float, 1);
    l->d_y[0] = 0.7f;
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_trial(&l, &trials[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Logits of zeros have no direction: v = 0 and no gradient, and the others' numbers stay numbers. */
START_TEST(language_without_logits)
{
    judge_layer l;
    thor_compute compute;
    const trial *t = &trials[1];
    open_trial(&l, t);
    l.y = JUDGE_TAKE(&l, float, 1);
    memset(l.in[0].x, 0, (size_t)t->E * sizeof(float));
    ck_assert(thor_compute_open(&compute, NULL, 1, NULL) == THOR_OK);
    run(&l, &compute);
    ck_assert(isfinite(l.y[0]));
    for (int64_t i = 0; i < t->n * t->E; i++)
        ck_assert(i < t->E ? l.in[0].d[i] == 0 : (bool)isfinite(l.in[0].d[i]));
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("family");
    tcase_add_loop_test(tests, values_and_gradients, 0, TRIALS);
    tcase_add_test(tests, language_without_logits);
    return judge_main(tests);
}
