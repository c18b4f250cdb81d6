/* The task predictor and r: three ways of pooling, three representations. */
#include "judge.h"
#include "nn/task.h"

typedef struct sizes {
    int64_t lengths[3], sentences, d, K;
    thor_task_pool pool;
    thor_task_representation representation;
} sizes;
static const sizes cases[] = {
    { { 1 }, 1, 4, 1, THOR_POOL_MAX, THOR_REPRESENTATION_MIXED },
    { { 4, 1, 9 }, 3, 18, 5, THOR_POOL_MAX, THOR_REPRESENTATION_MIXED },
    { { 4, 1, 9 }, 3, 18, 5, THOR_POOL_MEAN, THOR_REPRESENTATION_MIXED },
    { { 4, 1, 9 }, 3, 18, 5, THOR_POOL_CLS, THOR_REPRESENTATION_PREDICTED },
    { { 4, 1, 9 }, 3, 18, 5, THOR_POOL_MAX, THOR_REPRESENTATION_GOLDEN },
};
static const int32_t labels[] = { 0, 3, 1 }, only[] = { 0, 0, 0 };
static const float weight = 0.25f;

static int32_t label_of(const sizes *s, int64_t b)
{
    return s->K > 1 ? labels[b] : only[b];
}

static ref_var pool(judge_layer *l, ref_tape *tape, int64_t first, int64_t n, int64_t i)
{
    const sizes *s = l->context;
    const ref_var *x = l->in[0].v + first * s->d + i;
    ref_var h = x[0];
    for (int64_t t = 1; t < n; t++)
        if (s->pool == THOR_POOL_MEAN)
            h = ref_add(tape, h, x[t * s->d]);
        else if (s->pool == THOR_POOL_MAX && ref_value_of(tape, x[t * s->d]) > ref_value_of(tape, h))
            h = x[t * s->d];
    return s->pool == THOR_POOL_MEAN ? ref_scale(tape, h, 1 / (double)n) : h;
}

/* y: r [B,d], then -log p[label] of every sentence. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    ref_var h[64], p[16];
    for (int64_t b = 0, first = 0; b < s->sentences; first += s->lengths[b++]) {
        int64_t best = 0;
        for (int64_t i = 0; i < s->d; i++)
            h[i] = pool(l, tape, first, s->lengths[b], i);
        judge_linear_oracle(tape, p, h, l->in[1].v, NULL, 1, s->d, s->K);
        ref_soft(tape, p, p, s->K);
        for (int64_t k = 1; k < s->K; k++)
            best = ref_value_of(tape, p[k]) > ref_value_of(tape, p[best]) ? k : best;
        if (s->representation == THOR_REPRESENTATION_GOLDEN)
            best = label_of(s, b);
        for (int64_t i = 0; i < s->d; i++)
            y[b * s->d + i] = s->representation == THOR_REPRESENTATION_MIXED
                                  ? ref_dot(tape, p, 1, l->in[2].v + i, s->d, s->K)
                                  : ref_scale(tape, l->in[2].v[best * s->d + i], 1);
        y[s->sentences * s->d + b] = ref_scale(tape, ref_log(tape, p[label_of(s, b)]), -1);
    }
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int64_t B = s->sentences, d = s->d, K = s->K;
    thor_packing packing = judge_packing(l, s->lengths, B);
    thor_task task = { { judge_matrix(l, 1, K, d), NULL }, judge_matrix(l, 2, K, d), s->pool, s->representation, K, d };
    thor_task_saved saved = { JUDGE_TAKE(l, float, B * d), JUDGE_TAKE(l, int32_t, B * d), JUDGE_TAKE(l, float, B * K),
                              l->y, JUDGE_TAKE(l, int32_t, B), JUDGE_TAKE(l, float, B * K), l->y + B * d };
    const int32_t *label = K > 1 ? labels : only;
    double nll = thor_task_forward(compute, &saved, l->in[0].x, &packing, label, &task), sum = 0;
    for (int64_t b = 0; b < B; b++)
        sum += (double)l->y[B * d + b];
    ck_assert(nll == sum);
    float *d_pooled = JUDGE_TAKE(l, float, B * d);
    thor_task_backward(compute, l->in[1].d, l->in[2].d, d_pooled, l->d_y, &saved, label, B, weight, &task);
    for (int64_t i = 0; i < packing.rows * d; i++)
        l->in[0].d[i] = 0;
    thor_task_pool_backward(compute, l->in[0].d, d_pooled, &saved, &packing, &task);
}

static void open_layer(judge_layer *l, const sizes *s)
{
    *l = (judge_layer){ .name = "task", .context = s, .oracle = oracle, .run = run };
    l->outputs = s->sentences * (s->d + 1);
    judge_add(l, "x", (s->lengths[0] + s->lengths[1] + s->lengths[2]) * s->d, 0, 1);
    judge_add(l, "predictor.weight", s->K * s->d, 0, 1);
    judge_add(l, "embedding.weight", s->K * s->d, 0, 1);
    l->d_y = JUDGE_TAKE(l, float, l->outputs);
    judge_draw(l->d_y, l->outputs, 0, 1, 99);
    for (int64_t b = 0; b < s->sentences; b++)
        l->d_y[s->sentences * s->d + b] = weight;
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* Of equal maxima the first row has the value and the gradient; of equal classes the lowest is predicted. */
START_TEST(ties)
{
    judge_layer l;
    thor_compute compute;
    thor_error error;
    open_layer(&l, &cases[1]);
    for (int64_t i = 0; i < l.in[0].count; i++)
        l.in[0].x[i] = 1;
    for (int64_t i = 0; i < l.in[1].count; i++)
        l.in[1].x[i] = 0.5f;
    l.y = JUDGE_TAKE(&l, float, l.outputs);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    run(&l, &compute);
    for (int64_t i = 0; i < l.in[0].count; i++)
        ck_assert_msg(l.in[0].d[i] == 0 || i / 18 == 0 || i / 18 == 4 || i / 18 == 5, "row %d has a gradient",
                      (int)(i / 18));
    judge_close(&l);
    open_layer(&l, &cases[3]);
    for (int64_t i = 0; i < l.in[1].count; i++)
        l.in[1].x[i] = 0.5f;
    l.y = JUDGE_TAKE(&l, float, l.outputs);
    run(&l, &compute);
    for (int64_t b = 0; b < 3; b++)
        ck_assert_mem_eq(l.y + b * 18, l.in[2].x, 18 * sizeof(float));
    thor_compute_close(&compute);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("task");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, ties);
    return judge_main(tests);
}
