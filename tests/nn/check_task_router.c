/* Candidates of a task and the balance of tasks: E sum of f_i Q_i, f without a gradient. */
#include "judge.h"
#include "nn/task_router.h"
#include "tests/ref/ref_parts.h"

typedef struct sizes { int64_t R, d, E, C; } sizes;
static const sizes cases[] = { { 1, 4, 1, 1 }, { 3, 18, 7, 2 }, { 5, 5, 33, 8 }, { 4, 18, 6, 6 } };
static const float weight = 0.5f;

/* y: P_task [R,E], then the balance. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    double p[64], chosen[64], f[64] = { 0 };
    int64_t order[64];
    judge_linear_oracle(tape, y, l->in[0].v, l->in[1].v, NULL, s->R, s->d, s->E);
    for (int64_t r = 0; r < s->R; r++) {
        ref_soft(tape, y + r * s->E, y + r * s->E, s->E);
        for (int64_t e = 0; e < s->E; e++)
            p[e] = ref_value_of(tape, y[r * s->E + e]);
        ref_largest(chosen, order, p, NULL, s->E, s->C);
        for (int64_t e = 0; e < s->E; e++)
            f[e] += chosen[e] / (double)s->R;
    }
    ref_var sum = REF_ZERO;
    for (int64_t e = 0; e < s->E; e++)
        for (int64_t r = 0; r < s->R; r++)
            sum = ref_add(tape, sum, ref_scale(tape, y[r * s->E + e], f[e] * (double)s->E / (double)s->R));
    y[s->R * s->E] = sum;
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int64_t E = s->E;
    float *f = JUDGE_TAKE(l, float, E), *Q = JUDGE_TAKE(l, float, E), *d_logits = JUDGE_TAKE(l, float, s->R * E);
    int32_t *candidates = JUDGE_TAKE(l, int32_t, s->R * E);
    thor_linear router = judge_linear(l, 1, -1, E, s->d);
    thor_task_router_forward(compute, l->y, candidates, l->in[0].x, &router, s->R, s->C);
    l->y[s->R * E] = (float)thor_task_balance(compute, f, Q, l->y, candidates, s->R, E);
    for (int64_t r = 0; r < s->R; r++) {
        int64_t count = 0;
        for (int64_t e = 0; e < E; e++)
            count += candidates[r * E + e];
        ck_assert_int_eq(count, s->C);
    }
    thor_task_balance_backward(compute, l->in[0].d, l->in[1].d, d_logits, f, l->y, l->in[0].x, &router, s->R, weight);
}

START_TEST(values_and_gradients)
{
    const sizes *s = &cases[_i];
    judge_layer l = { .name = "task router", .context = s, .oracle = oracle, .run = run };
    l.outputs = s->R * s->E + 1;
    judge_add(&l, "r", s->R * s->d, 0, 1);
    judge_add(&l, "weight", s->E * s->d, 0, 1);
    l.d_y = JUDGE_TAKE(&l, float, l.outputs);
    l.d_y[s->R * s->E] = weight;            /* P_task reaches the candidates alone, which have no gradient */
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Equal ones: the lowest indices are taken. */
START_TEST(ties)
{
    enum { R = 2, D = 4, E = 6, C = 3 };
    float probs[R * E], r[R * D] = { 0 }, w[E * D] = { 0 };
    int32_t candidates[R * E];
    thor_linear router = { { w, THOR_F32, E, D }, NULL };
    thor_compute compute;
    thor_error error;
    r[D] = 1;
    w[4 * D] = 1;                           /* expert 4 stands out for the second row */
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    thor_task_router_forward(&compute, probs, candidates, r, &router, R, C);
    thor_compute_close(&compute);
    const int32_t expected[R * E] = { 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0 };
    ck_assert_mem_eq(candidates, expected, sizeof expected);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("task router");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, ties);
    return judge_main(tests);
}
