/* Logits x E^T and their cross entropy, in blocks that nobody sees. */
#include <stdlib.h>

#include "judge.h"

typedef struct sizes { int64_t R, d, V, block; float smoothing; } sizes;
static const sizes cases[] = {
    { 1, 4, 2, 1, 0 }, { 9, 18, 37, 9, 0 }, { 9, 18, 37, 4, 0.1f }, { 70, 5, 19, 64, 0.1f },
};
static const float weight = 0.125f;

static int32_t label_of(const sizes *s, int64_t row)
{
    return (int32_t)((row * 7 + 1) % s->V);
}

/* (1 - eps - eps/(V-1)) nll + eps/(V-1) sum of -log p, over all rows, times the weight. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    int mark = l->block_count;
    double others = (double)s->smoothing / (double)(s->V - 1);
    ref_var *z = JUDGE_TAKE(l, ref_var, s->R * s->V);
    judge_linear_oracle(tape, z, l->in[0].v, l->in[1].v, NULL, s->R, s->d, s->V);
    y[0] = REF_ZERO;
    for (int64_t r = 0; r < s->R; r++) {
        ref_var *p = z + r * s->V;
        ref_soft(tape, p, p, s->V);
        ref_var nll = ref_scale(tape, ref_log(tape, p[label_of(s, r)]), -1), all = REF_ZERO;
        for (int64_t v = 0; v < s->V; v++)
            all = ref_subtract(tape, all, ref_log(tape, p[v]));
        y[1 + r] = nll;
        nll = ref_scale(tape, nll, 1 - (double)s->smoothing - others);
        y[0] = ref_add(tape, y[0], ref_add(tape, nll, ref_scale(tape, all, others)));
    }
    judge_give_back(l, mark);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    float *smooth = JUDGE_TAKE(l, float, s->R), *nll = JUDGE_TAKE(l, float, s->R);
    int32_t *labels = JUDGE_TAKE(l, int32_t, s->R);
    for (int64_t r = 0; r < s->R; r++)
        labels[r] = label_of(s, r);
    thor_scratch scratch = { .logits = JUDGE_TAKE(l, float, s->block * s->V), .logits_rows = s->block };
    thor_loss_result only = thor_loss(compute, NULL, NULL, l->in[0].x, l->in[1].x, labels, s->R, s->d, s->V,
                                      s->smoothing, weight, nll, smooth, &scratch);
    thor_loss_result both = thor_loss(compute, l->in[0].d, l->in[1].d, l->in[0].x, l->in[1].x, labels, s->R, s->d,
                                      s->V, s->smoothing, weight, l->y + 1, smooth, &scratch);
    double sum = 0;
    for (int64_t r = 0; r < s->R; r++)
        sum += (double)l->y[1 + r];
    l->y[0] = (float)both.smooth;
    ck_assert(only.nll == both.nll && only.smooth == both.smooth && both.nll == sum);
    ck_assert_mem_eq(nll, l->y + 1, (size_t)s->R * sizeof *nll);
}

static void open_layer(judge_layer *l, const sizes *s)
{
    *l = (judge_layer){ .name = "loss", .context = s, .oracle = oracle, .run = run, .outputs = 1 + s->R };
    judge_add(l, "x", s->R * s->d, 0, 1);
    judge_add(l, "embed.weight", s->V * s->d, 0, 1);
    l->d_y = JUDGE_TAKE(l, float, l->outputs);
    l->d_y[0] = weight;
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Rows in blocks of any size: the same bits. */
START_TEST(blocks_are_invisible)
{
    sizes s = { 23, 5, 19, 23, 0.1f };
    judge_layer l;
    thor_compute compute;
    thor_error error;
    open_layer(&l, &s);
    judge_try(&l);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    float *d_x = JUDGE_TAKE(&l, float, s.R * s.d), *d_e = JUDGE_TAKE(&l, float, s.V * s.d);
    for (int64_t i = 0; i < s.R * s.d; i++)
        d_x[i] = l.in[0].d[i];
    for (int64_t i = 0; i < s.V * s.d; i++)
        d_e[i] = l.in[1].d[i];
    for (s.block = 1; s.block < s.R; s.block += 3) {
        run(&l, &compute);
        ck_assert_mem_eq(d_x, l.in[0].d, (size_t)(s.R * s.d) * sizeof *d_x);
        ck_assert_mem_eq(d_e, l.in[1].d, (size_t)(s.V * s.d) * sizeof *d_e);
    }
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("loss");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, blocks_are_invisible);
    return judge_main(tests);
}
