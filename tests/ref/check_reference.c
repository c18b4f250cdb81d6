/* Laws that hold for the model whatever its numbers are: they judge the judge. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

enum { SEED = 7 };

/* A configuration, parameters and a batch ready to run. */
typedef struct bench {
    thor_config config;
    ref_table params;
    ref_batch *batch;
    ref_run run;
} bench;

static void bench_open(bench *b, const char *settings, bool training)
{
    *b = (bench){ 0 };
    ref_case_config(&b->config, settings);
    ref_parameters_list(&b->params, &b->config);
    ref_parameters_invent(&b->params, SEED);
    b->batch = ref_batch_invent(&b->config, 4, 2, 5, SEED);
    b->run = (ref_run){ .config = &b->config, .batch = b->batch, .params = &b->params };
    b->run.options = (ref_options){ .training = training, .seed = SEED };
}

static void bench_close(bench *b)
{
    ref_run_free(&b->run);
    ref_table_free(&b->params);
    ref_batch_free(b->batch);
}

/* Runs other sentences through the same model. */
static ref_run other_run(const bench *b, const ref_batch *batch)
{
    ref_run run = { .config = b->run.config, .batch = batch, .params = b->run.params, .options = b->run.options };
    ref_forward(&run);
    return run;
}

static double distance(const double *a, const double *b, int64_t n)
{
    double largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(a[i] - b[i]));
    return largest;
}

static double logits_distance(ref_run *a, int64_t sentence_a, ref_run *b, int64_t sentence_b, int64_t rows)
{
    int64_t ids = a->config->vocab.ids;
    const double *left = ref_get(&a->values, "logits") + sentence_a * a->batch->target_width * ids;
    const double *right = ref_get(&b->values, "logits") + sentence_b * b->batch->target_width * ids;
    return distance(left, right, rows * ids);
}

/* Alone, padded, among others, in another order: a sentence's numbers are its own. */
START_TEST(company_and_padding)
{
    bench b;
    bench_open(&b, ref_cases[_i].settings, false);
    ref_forward(&b.run);
    ref_batch *turned = ref_batch_take(b.batch, (int64_t[]){ 3, 2, 1, 0 }, 4, 3);
    ref_run other = other_run(&b, turned);
    for (int64_t s = 0; s < 4; s++) {
        ref_batch *single = ref_batch_take(b.batch, &s, 1, 0);
        ref_run alone = other_run(&b, single);
        int64_t rows = b.batch->target_length[s];
        ck_assert_msg(logits_distance(&b.run, s, &other, 3 - s, rows) < 1e-12, "%s: order", ref_cases[_i].name);
        ck_assert_msg(logits_distance(&b.run, s, &alone, 0, rows) < 1e-12, "%s: alone", ref_cases[_i].name);
        ref_run_free(&alone);
        ref_batch_free(single);
    }
    ref_run_free(&other);
    ref_batch_free(turned);
    bench_close(&b);
}
END_TEST

/* A later target word changes nothing before it, and something at it. */
START_TEST(causal)
{
    bench b;
    bench_open(&b, ref_cases[_i].settings, false);
    ref_forward(&b.run);
    int64_t width = b.batch->target_width, at = 2;
    int32_t *word = &b.batch->target_in[0 * width + at];
    *word = *word == 5 ? 6 : 5;
    ref_run other = other_run(&b, b.batch);
    ck_assert_msg(logits_distance(&b.run, 0, &other, 0, at) == 0, "%s", ref_cases[_i].name);
    ck_assert_msg(logits_distance(&b.run, 0, &other, 0, at + 1) > 1e-6, "%s", ref_cases[_i].name);
    ref_run_free(&other);
    bench_close(&b);
}
END_TEST

static void swap_slices(ref_table *params, const char *name, int64_t a, int64_t b)
{
    ref_array *param = ref_find(params, name);
    int64_t size = param->count / param->shape[0];
    for (int64_t i = 0; i < size; i++) {
        double held = param->data[a * size + i];
        param->data[a * size + i] = param->data[b * size + i];
        param->data[b * size + i] = held;
    }
}

/* Experts have no order: exchanging two of them with their routers' rows leaves every logit and loss. */
START_TEST(experts_exchanged)
{
    static const char *names[] = { "experts.fc1.weight", "experts.fc1.bias", "experts.fc2.weight", "experts.fc2.bias",
                                   "router.weight", "task_router.weight" };
    bench b;
    bench_open(&b, "thor topp", true);
    ref_forward(&b.run);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[REF_NAME];
        swap_slices(&b.params, ref_join(name, "encoder.layers.1.moe", names[i]), 0, 2);
        swap_slices(&b.params, ref_join(name, "decoder.layers.1.moe", names[i]), 1, 3);
    }
    ref_run other = other_run(&b, b.batch);
    for (int64_t s = 0; s < 4; s++)
        ck_assert(logits_distance(&b.run, s, &other, s, b.batch->target_length[s]) < 1e-12);
    ck_assert_double_eq_tol(b.run.losses.total, other.losses.total, 1e-12);
    ref_run_free(&other);
    bench_close(&b);
}
END_TEST

/* Experts that are all alike and gates that sum to 1 make the mixture one FFN: the numbers of the dense model. */
START_TEST(equal_experts_are_one_ffn)
{
    bench moe, dense;
    bench_open(&moe, "token top2", false);
    bench_open(&dense, "dense", false);
    for (int i = 0; i < dense.params.count; i++) {
        ref_array *to = dense.params.items[i], *from = ref_find(&moe.params, to->name);
        char name[REF_NAME], *part = strstr(to->name, ".ffn.");
        if (from) {
            memcpy(to->data, from->data, (size_t)to->count * sizeof *to->data);
            continue;
        }
        *part = 0;
        ref_join(name, to->name, "moe.experts");
        *part = '.';
        char whole[REF_NAME];
        from = ref_find(&moe.params, ref_join(whole, name, part + strlen(".ffn.")));
        for (int64_t j = 0; j < from->count; j++)
            from->data[j] = to->data[j % to->count];
    }
    ref_forward(&moe.run);
    ref_forward(&dense.run);
    ck_assert_double_eq_tol(moe.run.losses.nll_sum, dense.run.losses.nll_sum, 1e-10);
    bench_close(&moe);
    bench_close(&dense);
}
END_TEST

static void clear(ref_table *params, const char *suffix)
{
    for (int i = 0; i < params->count; i++)
        if (strstr(params->items[i]->name, suffix))
            memset(params->items[i]->data, 0, (size_t)params->items[i]->count * sizeof(double));
}

/* Routers of zeros: P uniform over the candidates, so each mixture's L_tb is C, L_lb is k E/C, the entropy ln C. */
START_TEST(uniform_routers)
{
    bench b;
    bench_open(&b, "thor topp", false);
    clear(&b.params, "router.weight");
    ref_forward(&b.run);
    ck_assert_double_eq_tol(b.run.losses.task_balance, 2 * 2.0, 1e-12);
    ck_assert_double_eq_tol(b.run.losses.dynamic, 2 * log(2), 1e-12);
    ck_assert_double_eq_tol(b.run.losses.token_balance, 2 * (4 * 1 * 0.5), 1e-12);
    ck_assert_int_eq(b.run.losses.chosen_experts, b.run.losses.routed_rows);
    bench_close(&b);
}
END_TEST

/* Label smoothing as cross entropy with the smoothed target distribution, from the logits. */
START_TEST(smoothed_loss)
{
    bench b;
    bench_open(&b, "dense smoothing", false);
    ref_forward(&b.run);
    int64_t ids = b.config.vocab.ids;
    const double *z = ref_get(&b.run.values, "logits");
    double loss = 0;
    for (int64_t s = 0; s < 4; s++)
        for (int64_t t = 0; t < b.batch->target_length[s]; t++) {
            int64_t row = s * b.batch->target_width + t;
            double sum = 0;
            for (int64_t v = 0; v < ids; v++)
                sum += exp(z[row * ids + v]);
            for (int64_t v = 0; v < ids; v++)
                loss -= (v == b.batch->target_out[row] ? 0.9 : 0.1 / 19) * (z[row * ids + v] - log(sum));
        }
    ck_assert_double_eq_tol(b.run.losses.smooth_sum, loss, 1e-10);
    bench_close(&b);
}
END_TEST

/* No expert serves more rows than its places, and with places for all nothing is dropped. */
START_TEST(capacity_holds)
{
    bench b;
    bench_open(&b, _i ? "thor top2 three tight position" : "thor top2 three tight", true);
    ref_forward(&b.run);
    ck_assert_int_gt(b.run.losses.dropped, 0);
    const double *kept = ref_get(&b.run.decisions, "encoder.layers.1.moe.kept");
    int64_t rows = 0, taken[4] = { 0 };
    for (int64_t s = 0; s < 4; s++)
        rows += b.batch->source_length[s];
    for (int64_t i = 0; i < 4 * b.batch->source_width * 4; i++)
        taken[i % 4] += kept[i] != 0;
    for (int e = 0; e < 4; e++)
        ck_assert_int_le(taken[e], (int64_t)(0.6 * 2 * (double)((rows + 2) / 3)));
    b.config.moe.capacity_factor = 4;
    ref_run other = other_run(&b, b.batch);
    ck_assert_int_eq(other.losses.dropped, 0);
    ref_run_free(&other);
    bench_close(&b);
}
END_TEST

/* Gradients that are zero in real numbers: biases of keys, experts that no row chose, routers of one candidate. */
START_TEST(zero_gradients)
{
    bench b;
    bench_open(&b, "thor top1", true);
    ref_forward(&b.run);
    ref_array *bias = ref_find(&b.params, "decoder.layers.0.cross_attn.k.bias");
    for (int64_t i = 0; i < bias->count; i++)
        ck_assert_double_eq_tol(ref_difference(&b.run, &bias->data[i], 1e-5), 0, 1e-9);
    const double *selected = ref_get(&b.run.decisions, "encoder.layers.1.moe.selected");
    ref_array *fc1 = ref_find(&b.params, "encoder.layers.1.moe.experts.fc1.bias");
    int64_t used[4] = { 0 };
    for (int64_t i = 0; i < 4 * b.batch->source_width * 4; i++)
        used[i % 4] += selected[i] != 0;
    for (int64_t e = 0; e < 4; e++) {
        double sum = 0;
        for (int64_t i = 0; i < 12; i++)
            sum += fabs(ref_difference(&b.run, &fc1->data[e * 12 + i], 1e-5));
        ck_assert_msg((sum > 0) == (used[e] > 0), "expert %d serves %d rows, its gradient is %g", (int)e, (int)used[e],
                      sum);
    }
    bench_close(&b);
}
END_TEST

/* Differences at two steps agree: with decisions held, the loss has no corner anywhere. */
START_TEST(differences_are_smooth)
{
    bench b;
    bench_open(&b, ref_cases[_i].settings, true);
    ref_forward(&b.run);
    for (int i = 0; i < b.params.count; i++) {
        ref_array *param = b.params.items[i];
        double *element = &param->data[param->count / 2];
        double fine = ref_difference(&b.run, element, 1e-5), coarse = ref_difference(&b.run, element, 1e-4);
        ck_assert_msg(fabs(fine - coarse) < 1e-5 * fmax(1, fabs(fine)), "%s: %s: %g, %g", ref_cases[_i].name,
                      param->name, fine, coarse);
    }
    bench_close(&b);
}
END_TEST

/* Dropout keeps 1-p of a site's elements, scaled by 1/(1-p), and other steps, shards and seeds keep others. */
START_TEST(dropout_differs_by_step)
{
    bench b;
    bench_open(&b, "thor top2 dropout", true);
    ref_forward(&b.run);
    double first = b.run.losses.nll_sum;
    for (int i = 0; i < 3; i++) {
        ref_options options = b.run.options;
        b.run.options.step += i == 0;
        b.run.options.shard += i == 1;
        b.run.options.seed += i == 2;
        ref_forward(&b.run);
        ck_assert_double_ne(b.run.losses.nll_sum, first);
        b.run.options = options;
    }
    ref_forward(&b.run);
    ck_assert_double_eq(b.run.losses.nll_sum, first);
    bench_close(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference");
    TCase *laws = tcase_create("laws");
    tcase_set_timeout(laws, 120);
    tcase_add_loop_test(laws, company_and_padding, 0, ref_case_count);
    tcase_add_loop_test(laws, causal, 0, ref_case_count);
    tcase_add_test(laws, experts_exchanged);
    tcase_add_test(laws, equal_experts_are_one_ffn);
    tcase_add_test(laws, uniform_routers);
    tcase_add_test(laws, smoothed_loss);
    tcase_add_loop_test(laws, capacity_holds, 0, 2);
    tcase_add_test(laws, zero_gradients);
    tcase_add_loop_test(laws, differences_are_smooth, 0, ref_case_count);
    tcase_add_test(laws, dropout_differs_by_step);
    suite_add_tcase(suite, laws);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
