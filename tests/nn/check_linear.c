/* y = W x + b. */
#include <string.h>

#include "judge.h"

typedef struct sizes { int64_t R, in, out; } sizes;
static const sizes cases[] = { { 1, 1, 1 }, { 1, 18, 5 }, { 7, 5, 18 }, { 70, 33, 20 } };

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    judge_linear_oracle(tape, y, l->in[0].v, l->in[1].v, l->in[2].v, s->R, s->in, s->out);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    thor_linear linear = judge_linear(l, 1, 2, s->out, s->in);
    thor_linear_gradient gradient = { l->in[1].d, l->in[2].d };
    thor_linear_forward(compute, l->y, l->in[0].x, &linear, s->R);
    thor_linear_backward(compute, l->in[0].d, THOR_GEMM_STORE, &gradient, l->d_y, l->in[0].x, &linear, s->R);
}

static void add_inputs(judge_layer *l, const sizes *s)
{
    judge_add(l, "x", s->R * s->in, 0, 1);
    judge_add(l, "weight", s->out * s->in, 0, 1);
    judge_add(l, "bias", s->out, 0.5, 1);
    l->outputs = s->R * s->out;
}

START_TEST(values_and_gradients)
{
    judge_layer l = { .name = "linear", .context = &cases[_i], .oracle = oracle, .run = run };
    add_inputs(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* A second gradient meets the first; one that is not wanted is not made, and the weights' are the same. */
START_TEST(where_gradients_meet)
{
    const sizes s = { 7, 5, 18 };
    judge_layer l = { .name = "linear", .context = &s, .oracle = oracle, .run = run };
    thor_compute compute;
    thor_error error;
    add_inputs(&l, &s);
    judge_try(&l);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    float *d_x = JUDGE_TAKE(&l, float, s.R * s.in), *d_w = JUDGE_TAKE(&l, float, s.out * s.in);
    float *d_b = JUDGE_TAKE(&l, float, s.out);
    thor_linear linear = judge_linear(&l, 1, 2, s.out, s.in);
    thor_linear_gradient gradient = { d_w, d_b };
    for (int64_t i = 0; i < s.R * s.in; i++)
        d_x[i] = 1;
    thor_linear_backward(&compute, d_x, THOR_GEMM_ADD, &gradient, l.d_y, l.in[0].x, &linear, s.R);
    for (int64_t i = 0; i < s.R * s.in; i++)
        ck_assert(d_x[i] == 1 + l.in[0].d[i]);
    memset(d_w, 0xff, (size_t)(s.out * s.in) * sizeof *d_w);
    thor_linear_backward(&compute, NULL, THOR_GEMM_STORE, &gradient, l.d_y, l.in[0].x, &linear, s.R);
    ck_assert(memcmp(d_w, l.in[1].d, (size_t)(s.out * s.in) * sizeof *d_w) == 0);
    ck_assert(memcmp(d_b, l.in[2].d, (size_t)s.out * sizeof *d_b) == 0);
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("linear");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, where_gradients_meet);
    return judge_main(tests);
}
