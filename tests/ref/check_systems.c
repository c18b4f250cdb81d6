/* Laws of the systems that route by language or have a shared network, on the judge's own numbers, and the tape's parts
 * of them against the judge and against formulas written out. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ref_parts.h"
#include "ref_tape.h"

enum { SEED = 7, SENTENCES = 4 };

typedef struct bench {
    thor_config config;
    ref_table params;
    ref_batch *batch;
    ref_run run;
} bench;

static void bench_open(bench *b, const char *settings)
{
    *b = (bench){ 0 };
    ref_case_config(&b->config, settings);
    ref_parameters_list(&b->params, &b->config);
    ref_parameters_invent(&b->params, SEED);
    b->batch = ref_batch_invent(&b->config, SENTENCES, 2, 5, SEED);
    b->run = (ref_run){ .config = &b->config, .batch = b->batch, .params = &b->params };
    b->run.options = (ref_options){ .training = true, .seed = SEED };
    ref_forward(&b->run);
}

static void bench_close(bench *b)
{
    ref_run_free(&b->run);
    ref_table_free(&b->params);
    ref_batch_free(b->batch);
}

/* ls-moe: both experts of the language and no other serve a sentence, with gates of the sum 1; an expert of a language
 * that the shard has not has no gradient. */
START_TEST(own_experts)
{
    bench b;
    bench_open(&b, "fixed");
    int64_t experts = b.config.moe.experts, served[16] = { 0 };
    const double *gates = ref_get(&b.run.values, "encoder.layers.1.moe.gates");
    for (int64_t s = 0; s < SENTENCES; s++)
        for (int64_t t = 0; t < b.batch->source_length[s]; t++) {
            const double *g = gates + (s * b.batch->source_width + t) * experts;
            int64_t own = 2 * b.batch->source_language[s];
            ck_assert_double_eq_tol(g[own] + g[own + 1], 1, 1e-12);
            for (int64_t e = 0; e < experts; e++)
                ck_assert_int_eq(g[e] > 0, e == own || e == own + 1);
            served[own] = served[own + 1] = 1;
        }
    ref_array *bias = ref_find(&b.params, "encoder.layers.1.moe.experts.fc2.bias");
    for (int64_t e = 0; e < experts; e++) {
        double slope = ref_difference(&b.run, &bias->data[e * b.config.model.width], 1e-5);
        ck_assert_msg((slope != 0) == (served[e] != 0), "expert %d: %g", (int)e, slope);
    }
    ck_assert_double_eq(b.run.losses.token_balance, 0);
    bench_close(&b);
}
END_TEST

/* hybrid-moe: the decoder's gates are the sentence's. */
START_TEST(one_choice_for_a_sentence)
{
    bench b;
    bench_open(&b, "hybrid");
    int64_t experts = b.config.moe.experts, width = b.batch->target_width;
    const double *gates = ref_get(&b.run.values, "decoder.layers.1.moe.gates");
    for (int64_t s = 0; s < SENTENCES; s++)
        for (int64_t t = 1; t < b.batch->target_length[s]; t++)
            ck_assert(memcmp(gates + s * width * experts, gates + (s * width + t) * experts,
                             (size_t)experts * sizeof *gates) == 0);
    bench_close(&b);
}
END_TEST

/* lingual-moe: groups of the classes' sizes; de, en and fr are high. */
START_TEST(groups_have_sizes)
{
    bench b;
    bench_open(&b, "lingual");
    static char low[] = "fy";
    char *codes[] = { b.config.languages.items[0], low, b.config.languages.items[2] };
    b.config.languages.items = codes;
    b.run.options.group[0] = 2, b.run.options.group[1] = 1, b.run.options.group[2] = 3;
    ref_table_free(&b.run.decisions);
    ref_forward(&b.run);
    const double *candidates = ref_get(&b.run.decisions, "decoder.layers.1.moe.candidates");
    for (int64_t s = 0; s < SENTENCES; s++) {
        double count = 0;
        for (int64_t e = 0; e < b.config.moe.experts; e++)
            count += candidates[s * b.config.moe.experts + e];
        ck_assert_double_eq(count, b.batch->target_language[s] == 1 ? 3 : 2);
    }
    bench_close(&b);
}
END_TEST

static ref_var *leaves(ref_tape *tape, const double *values, int64_t count)
{
    ref_var *v = ref_alloc(count, sizeof *v);
    for (int64_t i = 0; i < count; i++)
        v[i] = ref_leaf(tape, values[i]);
    return v;
}

static ref_var *param_leaves(ref_tape *tape, bench *b, const char *name)
{
    ref_array *param = ref_find(&b->params, name);
    return leaves(tape, param->data, param->count);
}

/* d(total)/d(parameter) from the tape at some elements, against differences of the whole model. */
static void agree(bench *b, const ref_tape *tape, const char *name, const ref_var *v)
{
    ref_array *param = ref_find(&b->params, name);
    for (int64_t i = 0; i < param->count; i += 1 + param->count / 7) {
        double slope = ref_difference(&b->run, &param->data[i], 1e-5), ours = tape->nodes[v[i]].gradient;
        ck_assert_msg(fabs(slope - ours) < 1e-7 * fmax(1, fabs(slope)), "%s[%d]: %g, expected %g", name, (int)i, ours,
                      slope);
    }
}

/* lingual-moe: vectors and family loss of the tape are the judge's, and so is all that trains the language router. */
START_TEST(families_on_the_tape)
{
    static const char *const names[] = { "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "norm.weight",
                                         "norm.bias" };
    static const char *const routers[] = { "encoder.layers.1.moe.task_router.weight",
                                           "decoder.layers.1.moe.task_router.weight" };
    bench b;
    bench_open(&b, "lingual");
    int64_t n = b.config.languages.count, d = b.config.model.width, experts = b.config.moe.experts, family[8];
    ref_tape tape = { 0 };
    ref_tape_start(&tape);
    ref_families(family, &b.config);
    ref_var *e = param_leaves(&tape, &b, "language.embedding.weight"), *parameters[6], *router[2], t[64], l[64];
    for (int i = 0; i < 6; i++) {
        char name[REF_NAME];
        parameters[i] = param_leaves(&tape, &b, ref_join(name, "language", names[i]));
    }
    ref_language_tape(&tape, t, e, (const ref_var *const *)parameters, n, d);
    const double *vectors = ref_get(&b.run.values, "language.vectors");
    for (int64_t i = 0; i < n * d; i++)
        ck_assert_double_eq_tol(ref_value_of(&tape, t[i]), vectors[i], 1e-12);
    ref_var loss = REF_ZERO;
    for (int m = 0; m < 2; m++) {
        router[m] = param_leaves(&tape, &b, routers[m]);
        for (int64_t i = 0; i < n * experts; i++)
            l[i] = ref_dot(&tape, t + i / experts * d, 1, router[m] + i % experts * d, 1, d);
        loss = ref_add(&tape, loss, ref_family_tape(&tape, l, family, n, experts));
    }
    ck_assert_double_gt(b.run.losses.family, 0);
    ck_assert_double_eq_tol(ref_value_of(&tape, loss), b.run.losses.family, 1e-12);
    ref_tape_back(&tape, &loss, &(float){ (float)1 }, 1);
    for (int64_t i = 0; i < tape.count; i++)
        tape.nodes[i].gradient *= b.config.lingual.family_weight;
    agree(&b, &tape, "language.embedding.weight", e);
    for (int i = 0; i < 6; i++) {
        char name[REF_NAME];
        agree(&b, &tape, ref_join(name, "language", names[i]), parameters[i]);
        free(parameters[i]);
    }
    for (int m = 0; m < 2; m++) {
        agree(&b, &tape, routers[m], router[m]);
        free(router[m]);
    }
    free(e);
    ref_tape_free(&tape);
    bench_close(&b);
}
END_TEST

enum { ROWS = 5, WIDTH = 3 };

/* Numbers in -1 … 1 that repeat no pattern. */
static void fill(double *x, int64_t count, double start)
{
    for (int64_t i = 0; i < count; i++)
        x[i] = sin(start + 12.9898 * (double)i);
}

/* residual-moe: y, dq = dy . m - dy . s + weight sign / rows and dw = (dy . m, dy . s), by tape and by formula. */
START_TEST(blend_on_the_tape)
{
    int64_t gates = _i == 0 ? 1 : 2;
    double s[ROWS * WIDTH], m[ROWS * WIDTH], z[ROWS * 2], weight = 0.7, budget = 0.9, q[ROWS * 2];
    float d_y[ROWS * WIDTH + 1];
    fill(s, ROWS * WIDTH, 1), fill(m, ROWS * WIDTH, 2), fill(z, ROWS * 2, 3);
    for (int i = 0; i < ROWS * WIDTH; i++)
        d_y[i] = (float)cos(i);
    d_y[ROWS * WIDTH] = (float)weight;
    ref_tape tape = { 0 };
    ref_tape_start(&tape);
    ref_var *sv = leaves(&tape, s, ROWS * WIDTH), *mv = leaves(&tape, m, ROWS * WIDTH);
    ref_var *zv = leaves(&tape, z, ROWS * 2);
    ref_var y[ROWS * WIDTH + 1], qv[ROWS * 2];
    if (gates == 1) {
        ref_blend_cmr_tape(&tape, y, qv, zv, sv, mv, ROWS, WIDTH);
        y[ROWS * WIDTH] = ref_budget_tape(&tape, qv, ROWS, budget);
    } else {
        ref_blend_softmax_tape(&tape, y, qv, zv, sv, mv, ROWS, WIDTH);
        y[ROWS * WIDTH] = REF_ZERO;
    }
    ref_tape_back(&tape, y, d_y, ROWS * WIDTH + 1);
    for (int row = 0; row < ROWS; row++) {
        double of_mixture = 0, of_shared = 0;
        for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
            of_mixture += (double)d_y[i] * m[i];
            of_shared += (double)d_y[i] * s[i];
        }
        if (gates == 1) {
            q[row] = 1 / (1 + exp(-z[row]));
            double d_q = of_mixture - of_shared - (double)(float)weight / ROWS;     /* the mean is below the budget */
            ck_assert_double_eq_tol(tape.nodes[zv[row]].gradient, q[row] * (1 - q[row]) * d_q, 1e-12);
        } else {
            double w = 1 / (1 + exp(z[2 * row + 1] - z[2 * row]));
            double mean = w * of_mixture + (1 - w) * of_shared;
            ck_assert_double_eq_tol(tape.nodes[zv[2 * row]].gradient, w * (of_mixture - mean), 1e-12);
            ck_assert_double_eq_tol(tape.nodes[zv[2 * row + 1]].gradient, (1 - w) * (of_shared - mean), 1e-12);
            q[row] = w;
        }
        for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++)
            ck_assert_double_eq_tol(ref_value_of(&tape, y[i]), q[row] * m[i] + (1 - q[row]) * s[i], 1e-12);
    }
    free(sv), free(mv), free(zv);
    ref_tape_free(&tape);
}
END_TEST

/* Pairs that count, worked out on paper. */
START_TEST(pairs_on_paper)
{
    /* languages 0 and 1 are one family, 2 is another */
    const double s[9] = { 1, 0.5, 0.45, 0.5, 1, -0.2, 0.45, -0.2, 1 };
    /* (0,1): 0.5 - 0.1 < 0.45 counts; (1,0): 0.4 < -0.2 does not; (0,2): 0.55 > 0.5 counts; (1,2): -0.2 does not;
     * 2 has nobody of its own */
    const double expected[9] = { 0, 1, -1, 0, 0, 0, 0, 0, 0 };
    double counted[9];
    ref_count_pairs(counted, s, (int64_t[]){ 4, 4, 9 }, 3);
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq(counted[i], expected[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("systems");
    TCase *laws = tcase_create("laws");
    tcase_set_timeout(laws, 120);
    tcase_add_test(laws, own_experts);
    tcase_add_test(laws, one_choice_for_a_sentence);
    tcase_add_test(laws, groups_have_sizes);
    tcase_add_test(laws, families_on_the_tape);
    tcase_add_loop_test(laws, blend_on_the_tape, 0, 2);
    tcase_add_test(laws, pairs_on_paper);
    suite_add_tcase(suite, laws);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
