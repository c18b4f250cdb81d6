/* The mean of a sentence, or of the prefix that the decoder has seen. */
#include <string.h>

#include "judge.h"
#include "nn/context.h"

typedef struct sizes { int64_t lengths[4], sentences, d; bool prefix; } sizes;
static const sizes cases[] = {
    { { 1 }, 1, 1, false },           { { 1 }, 1, 18, true },
    { { 5, 1, 40, 7 }, 4, 18, false }, { { 5, 1, 40, 7 }, 4, 18, true },
};

static int64_t rows_of(const sizes *s)
{
    return s->lengths[0] + s->lengths[1] + s->lengths[2] + s->lengths[3];
}

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    for (int64_t b = 0, first = 0; b < s->sentences; first += s->lengths[b++])
        for (int64_t t = 0; t < s->lengths[b]; t++)
            for (int64_t i = 0; i < s->d; i++) {
                int64_t n = s->prefix ? t + 1 : s->lengths[b];
                ref_var sum = REF_ZERO;
                for (int64_t r = first; r < first + n; r++)
                    sum = ref_add(tape, sum, l->in[0].v[r * s->d + i]);
                y[(first + t) * s->d + i] = ref_scale(tape, sum, 1 / (double)n);
            }
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    thor_packing packing = judge_packing(l, s->lengths, s->sentences);
    thor_context_forward(compute, l->y, l->in[0].x, &packing, s->prefix, s->d);
    thor_context_backward(compute, l->in[0].d, l->d_y, &packing, s->prefix, s->d);
}

static void open_layer(judge_layer *l, const sizes *s)
{
    *l = (judge_layer){ .name = "context", .context = s, .oracle = oracle, .run = run };
    l->outputs = rows_of(s) * s->d;
    judge_add(l, "x", l->outputs, 0.5, 1);
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Row by row in translation: the bits of the whole pass. */
START_TEST(step_by_step)
{
    const sizes *s = &cases[3];
    judge_layer l;
    thor_compute compute;
    thor_error error;
    open_layer(&l, s);
    judge_try(&l);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    float *c = JUDGE_TAKE(&l, float, s->d), *sum = JUDGE_TAKE(&l, float, s->d);
    for (int64_t b = 0, row = 0; b < s->sentences; b++) {
        memset(sum, 0, (size_t)s->d * sizeof *sum);
        for (int64_t t = 0; t < s->lengths[b]; t++, row++) {
            thor_context_step(&compute, c, sum, l.in[0].x + row * s->d, t + 1, s->d);
            ck_assert_mem_eq(c, l.y + row * s->d, (size_t)s->d * sizeof *c);
        }
    }
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("context");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, step_by_step);
    return judge_main(tests);
}
