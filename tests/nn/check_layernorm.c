/* y = (x - mean) / sqrt(var + 1e-5) * gain + bias, variance divided by d. */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "tests/ref/reference.h"

typedef struct sizes { int64_t R, d; double spread; } sizes;
/* The last: values so close together that eps decides. */
static const sizes cases[] = { { 1, 3, 1 }, { 3, 5, 1 }, { 70, 18, 3 }, { 5, 33, 1e-3 } };

static ref_var mean_of(ref_tape *tape, const ref_var *x, int64_t d)
{
    ref_var sum = REF_ZERO;
    for (int64_t i = 0; i < d; i++)
        sum = ref_add(tape, sum, x[i]);
    return ref_scale(tape, sum, 1 / (double)d);
}

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    ref_var *centred = ref_alloc(s->d, sizeof *centred), *square = ref_alloc(s->d, sizeof *square);
    for (int64_t r = 0; r < s->R; r++) {
        const ref_var *x = l->in[0].v + r * s->d;
        ref_var mean = mean_of(tape, x, s->d);
        for (int64_t i = 0; i < s->d; i++) {
            centred[i] = ref_subtract(tape, x[i], mean);
            square[i] = ref_multiply(tape, centred[i], centred[i]);
        }
        ref_var eps = ref_leaf(tape, (double)1e-5f);
        ref_var root = ref_root(tape, ref_add(tape, mean_of(tape, square, s->d), eps));
        for (int64_t i = 0; i < s->d; i++)
            y[r * s->d + i] = ref_add(tape, ref_multiply(tape, ref_divide(tape, centred[i], root), l->in[1].v[i]),
                                      l->in[2].v[i]);
    }
    free(centred);
    free(square);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    float *normal = JUDGE_TAKE(l, float, s->R * s->d), *rstd = JUDGE_TAKE(l, float, s->R);
    float *bare = JUDGE_TAKE(l, float, s->R * s->d), *sum = JUDGE_TAKE(l, float, s->R * s->d);
    thor_scaling scaling = { l->in[1].x, l->in[2].x };
    thor_layernorm_forward(compute, l->y, normal, rstd, l->in[0].x, &scaling, s->R, s->d);
    thor_layernorm_backward(compute, l->in[0].d, false, l->in[1].d, l->in[2].d, l->d_y, normal, rstd, &scaling, s->R,
                            s->d);
    memcpy(sum, l->in[0].x, (size_t)(s->R * s->d) * sizeof *sum);
    thor_layernorm_backward(compute, sum, true, l->in[1].d, l->in[2].d, l->d_y, normal, rstd, &scaling, s->R, s->d);
    for (int64_t i = 0; i < s->R * s->d; i++)
        ck_assert(sum[i] == l->in[0].x[i] + l->in[0].d[i]);
    thor_layernorm_forward(compute, bare, NULL, NULL, l->in[0].x, &scaling, s->R, s->d);
    ck_assert_mem_eq(bare, l->y, (size_t)(s->R * s->d) * sizeof *bare);
    thor_layernorm_again(compute, sum, normal, &scaling, s->R, s->d);
    ck_assert_mem_eq(sum, l->y, (size_t)(s->R * s->d) * sizeof *sum);
}

START_TEST(values_and_gradients)
{
    const sizes *s = &cases[_i];
    judge_layer l = { .name = "layer norm", .context = s, .oracle = oracle, .run = run, .outputs = s->R * s->d };
    judge_add(&l, "x", s->R * s->d, 0.25, s->spread);
    judge_add(&l, "gain", s->d, 1, 0.5);
    judge_add(&l, "bias", s->d, 0, 1);
    /* x near 0.25 with a spread of 1e-3 has lost ten bits before the layer sees it */
    if (s->spread < 0.1)
        l.value_error = l.gradient_error = 2e-4;
    judge_try(&l);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("layer norm");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    return judge_main(tests);
}
