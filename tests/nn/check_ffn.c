/* y = W2 drop(relu(W1 x + b1)) + b2. */
#include "judge.h"
#include "nn/ffn.h"

typedef struct sizes { int64_t lengths[3], sentences, d, F; double rate; } sizes;
static const sizes cases[] = {
    { { 1 }, 1, 4, 1, 0 },
    { { 1 }, 1, 18, 21, 0.3 },
    { { 30, 1, 39 }, 3, 18, 21, 0 },
    { { 30, 1, 39 }, 3, 18, 21, 0.3 },
    { { 5, 1, 2 }, 3, 4, 300, 0.3 },        /* several parts of columns */
};

static int64_t rows_of(const sizes *s)
{
    return s->lengths[0] + s->lengths[1] + s->lengths[2];
}

/* Padded index of element j of a row of n. */
static int64_t padded(const thor_packing *p, int64_t row, int64_t n, int64_t j)
{
    int64_t b = p->sentence[row];
    return (b * p->width + row - p->offset[b]) * n + j;
}

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    int64_t R = rows_of(s);
    int mark = l->block_count;
    thor_packing packing = judge_packing(l, s->lengths, s->sentences);
    thor_dropout dropout = judge_dropout(l, s->rate, R * s->F);
    ref_var *h = JUDGE_TAKE(l, ref_var, R * s->F);
    judge_linear_oracle(tape, h, l->in[0].v, l->in[1].v, l->in[2].v, R, s->d, s->F);
    for (int64_t i = 0; i < R * s->F; i++)
        h[i] = ref_scale(tape, ref_open(tape, h[i]),
                         judge_kept(&dropout, padded(&packing, i / s->F, s->F, i % s->F)));
    judge_linear_oracle(tape, y, h, l->in[3].v, l->in[4].v, R, s->F, s->d);
    judge_give_back(l, mark);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int64_t R = rows_of(s);
    thor_packing packing = judge_packing(l, s->lengths, s->sentences);
    thor_scratch scratch = judge_scratch(l, R, s->d, R, s->F, 0, 0);
    thor_ffn ffn = { judge_linear(l, 1, 2, s->F, s->d), judge_linear(l, 3, 4, s->d, s->F) };
    thor_ffn_gradient gradient = { { l->in[1].d, l->in[2].d }, { l->in[3].d, l->in[4].d } };
    thor_ffn_saved saved = { JUDGE_TAKE(l, float, R * s->F), judge_dropout(l, s->rate, R * s->F) };
    thor_ffn_forward(compute, l->y, &saved, l->in[0].x, &packing, &ffn);
    thor_ffn_backward(compute, l->in[0].d, &gradient, l->d_y, &saved, l->in[0].x, &packing, &ffn, &scratch);
}

START_TEST(values_and_gradients)
{
    const sizes *s = &cases[_i];
    judge_layer l = { .name = "ffn", .context = s, .oracle = oracle, .run = run, .outputs = rows_of(s) * s->d };
    judge_add(&l, "x", rows_of(s) * s->d, 0, 1);
    judge_add(&l, "fc1.weight", s->F * s->d, 0, 1);
    judge_add(&l, "fc1.bias", s->F, 0.1, 1);
    judge_add(&l, "fc2.weight", s->d * s->F, 0, 1);
    judge_add(&l, "fc2.bias", s->d, 0.1, 1);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ffn");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    return judge_main(tests);
}
