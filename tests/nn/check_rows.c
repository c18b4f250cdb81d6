/* Element by element and sums over rows, large enough for threads to share them. */
#include <string.h>

#include "judge.h"

enum { SENTENCES = 3 };
static const int64_t lengths[] = { 900, 1, 300 };

typedef struct sizes { int64_t n; double rate; bool residual; } sizes;
static const sizes cases[] = { { 3, 0, true }, { 18, 0.3, true }, { 17, 0.3, false }, { 1, 0, false } };

static int64_t padded(int64_t row)
{
    return row < 900 ? row : row == 900 ? 900 : row - 901 + 2 * 900;
}

/* y: residual + drop(a) [R,n], then the column sums of a, of a * residual. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    const ref_var *a = l->in[0].v, *b = l->in[1].v;
    int64_t R = 1201;
    int mark = l->block_count;
    thor_dropout dropout = judge_dropout(l, s->rate, 1);
    for (int64_t i = 0; i < R * s->n; i++) {
        ref_var kept = ref_scale(tape, a[i], judge_kept(&dropout, padded(i / s->n) * s->n + i % s->n));
        y[i] = s->residual ? ref_add(tape, b[i], kept) : kept;
    }
    for (int64_t j = 0; j < s->n; j++) {
        y[R * s->n + j] = y[(R + 1) * s->n + j] = REF_ZERO;
        for (int64_t r = 0; r < R; r++) {
            y[R * s->n + j] = ref_add(tape, y[R * s->n + j], a[r * s->n + j]);
            y[(R + 1) * s->n + j] = ref_add(tape, y[(R + 1) * s->n + j],
                                            ref_multiply(tape, a[r * s->n + j], b[r * s->n + j]));
        }
    }
    judge_give_back(l, mark);
}

/* The norm that follows in the same pass is the one that follows in a pass of its own. */
static void check_next_norm(judge_layer *l, const thor_compute *compute, const thor_dropout *dropout,
                            const thor_packing *packing)
{
    const sizes *s = l->context;
    int64_t R = packing->rows, n = s->n;
    size_t bytes = (size_t)(R * n) * sizeof(float);
    float *sum = JUDGE_TAKE(l, float, R * n), *apart = JUDGE_TAKE(l, float, R * n);
    float *y = JUDGE_TAKE(l, float, R * n), *normal = JUDGE_TAKE(l, float, R * n), *rstd = JUDGE_TAKE(l, float, R);
    thor_scaling scaling = { l->in[0].x, l->in[1].x };
    thor_next_norm next = { y, normal, rstd, &scaling };
    thor_rows_dropout(compute, sum, s->residual ? l->in[1].x : NULL, l->in[0].x, dropout, &next, packing, n);
    thor_layernorm_forward(compute, apart, NULL, NULL, l->y, &scaling, R, n);
    ck_assert_mem_eq(sum, l->y, bytes);
    ck_assert_mem_eq(y, apart, bytes);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    thor_packing packing = judge_packing(l, lengths, SENTENCES);
    int64_t R = packing.rows, n = s->n;
    const float *a = l->in[0].x, *b = l->in[1].x;
    thor_dropout dropout = judge_dropout(l, s->rate, R * n);
    thor_rows_dropout(compute, l->y, s->residual ? b : NULL, a, &dropout, NULL, &packing, n);
    check_next_norm(l, compute, &dropout, &packing);
    thor_rows_term terms[] = { { l->y + R * n, a, NULL }, { l->y + (R + 1) * n, a, b } };
    thor_rows_sums(compute, terms, 2, R, n);
    thor_rows_dropout_backward(compute, l->in[0].d, l->d_y, &dropout, R, n);
    thor_rows_scale(compute, l->in[1].d, l->d_y, s->residual ? 1 : 0, R * n);
    if (!dropout.keep) {
        float *same = JUDGE_TAKE(l, float, R * n);
        thor_rows_dropout(compute, same, s->residual ? b : NULL, a, NULL, NULL, &packing, n);
        ck_assert_mem_eq(same, l->y, (size_t)(R * n) * sizeof *same);
        thor_rows_add(compute, same, a, b, R * n);
        for (int64_t i = 0; i < R * n; i++)
            ck_assert(same[i] == a[i] + b[i]);
    }
}

START_TEST(values_and_gradients)
{
    const sizes *s = &cases[_i];
    judge_layer l = { .name = "rows", .context = s, .oracle = oracle, .run = run, .outputs = 1203 * s->n };
    judge_add(&l, "a", 1201 * s->n, 0, 1);
    judge_add(&l, "b", 1201 * s->n, 0, 1);
    l.d_y = JUDGE_TAKE(&l, float, l.outputs);
    judge_draw(l.d_y, 1201 * s->n, 0, 1, 99);   /* the sums are values of other layers' gradients: not differentiated */
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Several sums over more columns than a part has: each column is the chain of its own rows, whoever adds it. */
START_TEST(wide_sums)
{
    enum { R = 5, N = 300, SUMS = 3 };
    static float a[R * N], b[R * N], y[SUMS][N];
    thor_compute compute;
    thor_error error;
    judge_draw(a, R * N, 0, 1, 1);
    judge_draw(b, R * N, 0, 1, 2);
    const thor_rows_term terms[SUMS] = { { y[0], a, NULL }, { y[1], a, b }, { y[2], b, NULL } };
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 2, &error), THOR_OK);
    thor_rows_sums(&compute, terms, SUMS, R, N);
    thor_compute_close(&compute);
    for (int j = 0; j < N; j++) {
        float sums[SUMS] = { 0 };
        for (int i = j; i < R * N; i += N) {
            float product = a[i] * b[i];
            sums[0] = sums[0] + a[i];
            sums[1] = sums[1] + product;
            sums[2] = sums[2] + b[i];
        }
        for (int k = 0; k < SUMS; k++)
            ck_assert_msg(sums[k] == y[k][j], "sum %d of column %d is %a, expected %a", k, j, (double)y[k][j],
                          (double)sums[k]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("rows");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, wide_sums);
    return judge_main(tests);
}
