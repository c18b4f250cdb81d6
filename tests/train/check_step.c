/* One update: against the same update in plain loops, with any number of threads, and when numbers go wrong. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ref/fixture.h"
#include "train/trainer.h"

enum { SHARDS = 3 };

typedef struct {
    thor_config config;
    thor_model model;
    thor_compute compute;
    thor_trainer trainer;
    ref_batch *invented[SHARDS];
    thor_batch batches[SHARDS];
} bench;

static void bench_open(bench *b, const char *settings, int threads)
{
    thor_error error;
    thor_shape most = { 8, 80, 80, 12, 12 };
    ref_case_config(&b->config, settings);
    b->config.model.dropout = b->config.model.attention_dropout = 0.1;
    b->config.schedule.warmup = 2;
    b->config.optimizer.lr = 0.01;
    ck_assert_msg(thor_model_open(&b->model, &b->config, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_compute_open(&b->compute, NULL, threads, &error) == THOR_OK, "%s", error.text);
    thor_status status = thor_trainer_open(&b->trainer, &b->model, &b->compute, &most, SHARDS, &error);
    ck_assert_msg(status == THOR_OK, "%s", error.text);
    thor_params_init(b->model.values, &b->model.params, b->config.seed, NULL);
    for (int i = 0; i < SHARDS; i++) {
        b->invented[i] = ref_batch_invent(&b->config, 5 + i, 2, 6, (uint64_t)i + 1);
        b->batches[i] = ref_batch_pack(b->invented[i]);
    }
}

static void bench_close(bench *b)
{
    for (int i = 0; i < SHARDS; i++) {
        ref_batch_unpack(&b->batches[i]);
        ref_batch_free(b->invented[i]);
    }
    thor_trainer_close(&b->trainer);
    thor_compute_close(&b->compute);
    thor_model_close(&b->model);
}

static float *copy(const float *values, int64_t count)
{
    float *all = malloc((size_t)count * sizeof *all);
    ck_assert_ptr_nonnull(all);
    return memcpy(all, values, (size_t)count * sizeof *all);
}

static void same(const float *a, const float *b, int64_t count, const char *what)
{
    ck_assert_msg(memcmp(a, b, (size_t)count * sizeof *a) == 0, "%s: other bits", what);
}

/* ---- the same update in plain loops ---------------------------------------------------------------------------- */

static void shard_gradient(bench *b, int shard, float *gradient, int64_t tokens, uint32_t step)
{
    thor_error error;
    thor_losses losses;
    thor_pass_options options = { .training = true, .seed = b->config.seed, .step = step, .shard = (uint32_t)shard,
                                  .shards = SHARDS, .step_tokens = tokens, .gradients = gradient };
    thor_status status = thor_pass_forward(b->trainer.pass, &b->batches[shard], &options, &losses, &error);
    ck_assert_msg(status == THOR_OK, "%s", error.text);
    thor_pass_backward(b->trainer.pass);
}

static double lanes(const float *values, int64_t count)
{
    float lane[16] = { 0 };
    for (int64_t i = 0; i < count; i++)
        lane[i % 16] = lane[i % 16] + values[i] * values[i];
    for (int width = 8; width > 0; width /= 2)
        for (int l = 0; l < width; l++)
            lane[l] = lane[l] + lane[l + width];
    return (double)lane[0];
}

static double plain_norm(const thor_params *params, const float *gradient)
{
    double sum = 0;
    for (int32_t i = 0; i < params->count; i++) {
        const thor_param *p = &params->items[params->sorted[i]];
        int64_t slices = p->experts ? p->experts : 1, size = p->count / slices;
        for (int64_t s = 0; s < slices; s++)
            sum += lanes(gradient + p->offset + s * size, size);
    }
    return sqrt(sum);
}

static void plain_adam(float *p, float *m, float *v, const float *g, int64_t n, double norm, double lr, double t)
{
    float clip = (float)fmin(1, 1.0 / (norm + 1e-6));
    float size = (float)(lr * sqrt(1 - pow(0.98, t)) / (1 - pow(0.9, t)));
    for (int64_t i = 0; i < n; i++) {
        float clipped = g[i] * clip;
        m[i] = 0.9f * m[i] + (float)(1 - 0.9) * clipped;
        v[i] = 0.98f * v[i] + ((float)(1 - 0.98) * clipped) * clipped;
        p[i] = p[i] - (size * m[i]) / (sqrtf(v[i]) + 1e-8f);
    }
}

static void check_update(bench *b, int64_t done)
{
    thor_error error;
    thor_step_report report;
    int64_t n = b->model.params.floats, tokens = 0;
    float *gradients[SHARDS], *p = copy(b->model.values, n), *m = copy(b->trainer.m, n), *v = copy(b->trainer.v, n);
    for (int i = 0; i < SHARDS; i++)
        tokens += b->batches[i].target_rows;
    for (int i = 0; i < SHARDS; i++) {
        gradients[i] = copy(p, n);
        shard_gradient(b, i, gradients[i], tokens, (uint32_t)done);
    }
    for (int64_t i = 0; i < n; i++)
        gradients[0][i] = (gradients[0][i] + gradients[1][i]) + gradients[2][i];
    double norm = plain_norm(&b->model.params, gradients[0]);
    double lr = done < 2 ? (double)done * 0.01 / 2 : 0.01 * sqrt(2 / (double)done);
    plain_adam(p, m, v, gradients[0], n, norm, lr, (double)done + 1);
    ck_assert_msg(thor_trainer_step(&b->trainer, b->batches, SHARDS, &report, &error) == THOR_OK, "%s", error.text);
    ck_assert(report.gradient_norm == norm && report.lr == lr && report.tokens == tokens && report.shards == SHARDS);
    same(b->trainer.m, m, n, "m");
    same(b->trainer.v, v, n, "v");
    same(b->model.values, p, n, "parameters");
    for (int i = 0; i < SHARDS; i++)
        free(gradients[i]);
    free(p);
    free(m);
    free(v);
}

START_TEST(is_the_plain_update)
{
    bench b;
    bench_open(&b, "thor top2", 2);
    for (int64_t done = 0; done < 4; done++)
        check_update(&b, done);
    ck_assert_int_eq(b.trainer.updates, 4);
    bench_close(&b);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    static const char *const systems[] = { "dense", "thor top2", "thor topp" };
    thor_error error;
    thor_step_report report;
    float *first = NULL;
    static const int threads[] = { 1, 2, 3, 17, 64, 300 };
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        bench b;
        bench_open(&b, systems[_i], threads[t]);
        for (int step = 0; step < 3; step++)
            ck_assert_int_eq(thor_trainer_step(&b.trainer, b.batches, SHARDS, &report, &error), THOR_OK);
        if (first)
            same(first, b.model.values, b.model.params.floats, systems[_i]);
        first = first ? first : copy(b.model.values, b.model.params.floats);
        bench_close(&b);
    }
    free(first);
}
END_TEST

/* ---- numbers that are not finite ------------------------------------------------------------------------------- */

static void check_refusal(float poison, const char *parameter, const char *named)
{
    bench b;
    thor_error error;
    thor_step_report report;
    bench_open(&b, "thor top2", 1);
    int64_t n = b.model.params.floats;
    b.model.values[b.model.params.items[thor_params_find(&b.model.params, parameter)].offset] = poison;
    float *p = copy(b.model.values, n), *m = copy(b.trainer.m, n);
    ck_assert_int_eq(thor_trainer_step(&b.trainer, b.batches, SHARDS, &report, &error), THOR_E_NUMBER);
    ck_assert_msg(strstr(error.text, named) != NULL, "'%s' is not named in: %s", named, error.text);
    same(b.model.values, p, n, "parameters");
    same(b.trainer.m, m, n, "m");
    ck_assert_int_eq(b.trainer.updates, 0);
    free(p);
    free(m);
    bench_close(&b);
}

START_TEST(refuses_what_is_not_finite)
{
    check_refusal(NAN, "encoder.layers.1.self_attn.o.bias", "encoder.layers.1");
    check_refusal(INFINITY, "decoder.layers.1.ffn_norm.weight", "decoder.layers.1");
}
END_TEST

START_TEST(refuses_too_many_shards)
{
    bench b;
    thor_error error;
    thor_step_report report;
    thor_batch many[5];
    bench_open(&b, "dense", 1);
    for (int i = 0; i < 5; i++)
        many[i] = b.batches[0];
    ck_assert_int_eq(thor_trainer_step(&b.trainer, many, 5, &report, &error), THOR_E_FAILED);
    ck_assert_int_eq(thor_trainer_step(&b.trainer, many, 0, &report, &error), THOR_E_FAILED);
    bench_close(&b);
}
END_TEST

START_TEST(schedule)
{
    thor_config config;
    ref_case_config(&config, "dense");
    config.optimizer.lr = 5e-4;
    config.schedule.warmup = 4000;
    ck_assert(thor_learning_rate(&config, 0) == 0);
    ck_assert(thor_learning_rate(&config, 1000) == 1000 * 5e-4 / 4000);
    ck_assert(thor_learning_rate(&config, 4000) == 5e-4);
    ck_assert(thor_learning_rate(&config, 16000) == 2.5e-4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step");
    TCase *tests = tcase_create("step");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, is_the_plain_update);
    tcase_add_loop_test(tests, threads_do_not_matter, 0, 3);
    tcase_add_test(tests, refuses_what_is_not_finite);
    tcase_add_test(tests, refuses_too_many_shards);
    tcase_add_test(tests, schedule);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
