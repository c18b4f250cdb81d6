/* softmax(q k / sqrt(D)) v of H heads, then o: self-attention, causal or not, and cross-attention. */
#include <math.h>

#include "judge.h"
#include "nn/attention.h"
#include "nn/heads.h"

enum { MOST = 3 };
typedef struct sizes { int64_t queries[MOST], keys[MOST], sentences, d, heads; bool causal, cross; double rate; } sizes;
static const sizes cases[] = {
    { { 1 }, { 1 }, 1, 4, 1, true, false, 0 },
    { { 1, 5, 2 }, { 1, 5, 2 }, 3, 18, 3, false, false, 0 },
    { { 1, 5, 2 }, { 1, 5, 2 }, 3, 18, 3, true, false, 0.2 },
    { { 7, 1, 3 }, { 2, 6, 1 }, 3, 18, 3, false, true, 0 },
    { { 7, 1, 3 }, { 2, 6, 1 }, 3, 10, 2, false, true, 0.2 },
    { { 20, 1, 19 }, { 20, 1, 19 }, 3, 6, 3, true, false, 0.2 },
    { { 7, 1, 3 }, { 2, 6, 1 }, 3, 16, 2, false, true, 0 },             /* half a vector */
    { { 7, 1, 3 }, { 18, 6, 33 }, 3, 32, 2, false, true, 0.2 },         /* a whole one: no copies of q, k, v */
    { { 17, 1, 19 }, { 17, 1, 19 }, 3, 48, 1, true, false, 0.2 },
};

static int64_t sum(const int64_t *lengths)
{
    return lengths[0] + lengths[1] + lengths[2];
}

static int64_t longest(const int64_t *lengths)
{
    int64_t most = 0;
    for (int i = 0; i < MOST; i++)
        most = lengths[i] > most ? lengths[i] : most;
    return most;
}

static int64_t *square_offsets(judge_layer *l, const sizes *s)
{
    int64_t *offset = JUDGE_TAKE(l, int64_t, s->sentences + 1);
    for (int64_t b = 0; b < s->sentences; b++)
        offset[b + 1] = offset[b] + s->heads * s->queries[b] * s->keys[b];
    return offset;
}

/* One query row of one head: its part of the context. */
static void attend(judge_layer *l, ref_tape *tape, ref_var *context, const ref_var *q, const ref_var *k,
                   const ref_var *v, int64_t seen, int64_t first, const thor_dropout *dropout)
{
    const sizes *s = l->context;
    int64_t D = s->d / s->heads;
    ref_var p[64] = { REF_ZERO };
    for (int64_t m = 0; m < seen; m++)
        p[m] = ref_scale(tape, ref_dot(tape, q, 1, k + m * s->d, 1, D), 1 / sqrt((double)D));
    ref_soft(tape, p, p, seen);
    for (int64_t m = 0; m < seen; m++)
        p[m] = ref_scale(tape, p[m], judge_kept(dropout, first + m));
    for (int64_t i = 0; i < D; i++)
        context[i] = ref_dot(tape, p, 1, v + i, s->d, seen);
}

/* Inputs: x, then the keys' rows (x again in self-attention), then weights and biases of q, k, v, o. */
static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    const sizes *s = l->context;
    int mark = l->block_count, w = s->cross ? 2 : 1;
    int64_t T = sum(s->queries), S = sum(s->keys), d = s->d, D = d / s->heads, L = longest(s->queries),
            M = longest(s->keys);
    const ref_var *x = l->in[0].v, *keys = l->in[s->cross ? 1 : 0].v;
    ref_var *q = JUDGE_TAKE(l, ref_var, T * d), *k = JUDGE_TAKE(l, ref_var, S * d), *v = JUDGE_TAKE(l, ref_var, S * d);
    ref_var *context = JUDGE_TAKE(l, ref_var, T * d);
    thor_dropout dropout = judge_dropout(l, s->rate, 1);
    judge_linear_oracle(tape, q, x, l->in[w].v, l->in[w + 1].v, T, d, d);
    judge_linear_oracle(tape, k, keys, l->in[w + 2].v, l->in[w + 3].v, S, d, d);
    judge_linear_oracle(tape, v, keys, l->in[w + 4].v, l->in[w + 5].v, S, d, d);
    for (int64_t b = 0, row = 0, key = 0; b < s->sentences; key += s->keys[b++])
        for (int64_t t = 0; t < s->queries[b]; t++, row++)
            for (int64_t h = 0; h < s->heads; h++)
                attend(l, tape, context + row * d + h * D, q + row * d + h * D, k + key * d + h * D,
                       v + key * d + h * D, s->causal ? t + 1 : s->keys[b], ((b * s->heads + h) * L + t) * M,
                       &dropout);
    judge_linear_oracle(tape, y, context, l->in[w + 6].v, l->in[w + 7].v, T, d, d);
    judge_give_back(l, mark);
}

static thor_attention attention_of(const judge_layer *l)
{
    const sizes *s = l->context;
    int w = s->cross ? 2 : 1;
    return (thor_attention){ judge_linear(l, w, w + 1, s->d, s->d), judge_linear(l, w + 2, w + 3, s->d, s->d),
                             judge_linear(l, w + 4, w + 5, s->d, s->d), judge_linear(l, w + 6, w + 7, s->d, s->d),
                             s->d, s->heads, thor_attention_scale(s->d, s->heads), s->causal };
}

static void run(judge_layer *l, const thor_compute *compute)
{
    const sizes *s = l->context;
    int w = s->cross ? 2 : 1;
    int64_t T = sum(s->queries), S = sum(s->keys), d = s->d, L = longest(s->queries), M = longest(s->keys);
    thor_packing queries = judge_packing(l, s->queries, s->sentences), keys = judge_packing(l, s->keys, s->sentences);
    thor_scratch scratch = judge_scratch(l, T > S ? T : S, d, 0, 0, 0, 0);
    scratch.square_floats = thor_heads_scratch(L, M, d / s->heads);
    scratch.square = JUDGE_TAKE(l, float, compute->par.threads * scratch.square_floats + 16);
    while ((uintptr_t)scratch.square % 64 != 0)     /* on a line, as the arena has it */
        scratch.square++;
    thor_attention attention = attention_of(l);
    int64_t *offset = square_offsets(l, s);
    thor_attention_saved saved = {
        .q = JUDGE_TAKE(l, float, T * d), .k = JUDGE_TAKE(l, float, S * d), .v = JUDGE_TAKE(l, float, S * d),
        .probs = JUDGE_TAKE(l, float, offset[s->sentences]), .context = JUDGE_TAKE(l, float, T * d),
        .probs_offset = offset, .dropout = judge_dropout(l, s->rate, offset[s->sentences]),
    };
    thor_attention_gradient gradient = { { l->in[w].d, l->in[w + 1].d }, { l->in[w + 2].d, l->in[w + 3].d },
                                         { l->in[w + 4].d, l->in[w + 5].d }, { l->in[w + 6].d, l->in[w + 7].d } };
    const float *x = l->in[0].x, *memory = l->in[s->cross ? 1 : 0].x;
    thor_attention_forward(compute, l->y, &saved, x, &queries, memory, &keys, &attention, &scratch);
    if (!s->cross) {
        thor_attention_self_backward(compute, l->in[0].d, &gradient, l->d_y, &saved, x, &queries, &attention, &scratch);
        return;
    }
    thor_attention_cross_backward(compute, l->in[0].d, &gradient, l->d_y, &saved, x, &queries, memory, &keys,
                                  &attention, &scratch);
    thor_attention_keys_backward(compute, l->in[1].d, true, &saved, &keys, &attention);
    float *twice = JUDGE_TAKE(l, float, S * d);
    for (int64_t i = 0; i < S * d; i++)
        twice[i] = l->in[1].d[i];
    thor_attention_keys_backward(compute, twice, false, &saved, &keys, &attention);
    for (int64_t i = 0; i < S * d; i++)
        ck_assert_float_eq_tol(twice[i], 2 * l->in[1].d[i], 1e-4f);
}

static void open_layer(judge_layer *l, const sizes *s)
{
    static const char *const names[] = { "q.weight", "q.bias", "k.weight", "k.bias",
                                         "v.weight", "v.bias", "o.weight", "o.bias" };
    *l = (judge_layer){ .name = "attention", .context = s, .oracle = oracle, .run = run };
    l->outputs = sum(s->queries) * s->d;
    judge_add(l, "x", l->outputs, 0, 1);
    if (s->cross)
        judge_add(l, "keys", sum(s->keys) * s->d, 0, 1);
    for (int i = 0; i < 8; i++)
        judge_add(l, names[i], i % 2 ? s->d : s->d * s->d, 0, i % 2 ? 1 : 0.5);
}

START_TEST(values_and_gradients)
{
    judge_layer l;
    open_layer(&l, &cases[_i]);
    /* k.bias has the gradient 0 in real numbers: judged in units of q.bias's */
    l.gradient_zero = cases[_i].cross ? 5 : 4;
    l.gradient_error = 2e-5;
    judge_try(&l);
    judge_close(&l);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("attention");
    tcase_add_loop_test(tests, values_and_gradients, 0, sizeof cases / sizeof *cases);
    return judge_main(tests);
}
