/* A training on several processes has the bits of one: weights, moments and losses. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cluster/local_cluster.h"
#include "train/invented_batch.h"
#include "train/trainer.h"

enum { MOST_SHARDS = 8, UPDATES = 6 };

/* One training; what is known of it afterwards. */
typedef struct {
    const char *recipe;
    double capacity;
    int32_t shards;             /* of a step; every third step has fewer, as the last of an epoch has */
    const thor_cut *cut;
    int spoiled;                /* a shard whose loss is not finite in the fourth update, or -1 */
    int64_t floats;
    float *values, *m, *v;
    thor_step_report reports[UPDATES];
} training;

static void configure(thor_config *config, const training *t, thor_invention *invention)
{
    thor_error error;
    *invention = thor_invention_default();
    invention->sentences = 3;
    invention->pieces = 60;
    ck_assert_int_eq(thor_config_recipe(config, t->recipe, &error), THOR_OK);
    ck_assert_int_eq(thor_config_scale(config, "tiny", &error), THOR_OK);
    config->moe.capacity_factor = t->capacity;
    config->model.dropout = config->model.attention_dropout = 0.1;
    config->schedule.warmup = 2;
    config->optimizer.lr = 0.01;
    ck_assert_msg(thor_invented_config(config, invention, &error) == THOR_OK, "%s", error.text);
}

/* Packed moments to where their floats are. */
static void unpack(const thor_trainer *trainer, const float *packed, float *block)
{
    const thor_buckets *buckets = &trainer->share.buckets;
    int rank = trainer->share.cluster->rank;
    for (int64_t b = 0; b < buckets->count; b++) {
        const int64_t *at = thor_bucket_at(buckets, b);
        memcpy(block + at[rank], packed + buckets->packed[b * buckets->size + rank],
               (size_t)(at[rank + 1] - at[rank]) * sizeof(float));
    }
}

static void keep(training *t, const thor_trainer *trainer)
{
    size_t bytes = (size_t)trainer->model->params.floats * sizeof(float);
    if (!trainer->share.cluster) {
        t->floats = trainer->model->params.floats;
        t->values = memcpy(malloc(bytes), trainer->model->values, bytes);
        t->m = memcpy(malloc(bytes), trainer->m, bytes);
        t->v = memcpy(malloc(bytes), trainer->v, bytes);
        return;
    }
    float *block = malloc(bytes);
    ck_assert(memcmp(trainer->model->values, t->values, bytes) == 0);
    memcpy(block, t->m, bytes);
    unpack(trainer, trainer->m, block);
    ck_assert(memcmp(block, t->m, bytes) == 0);
    memcpy(block, t->v, bytes);
    unpack(trainer, trainer->v, block);
    ck_assert(memcmp(block, t->v, bytes) == 0);
    free(block);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void compare_reports(const thor_step_report *a, const thor_step_report *b)
{
    ck_assert(a->tokens == b->tokens && a->source_tokens == b->source_tokens && a->shards == b->shards);
    for (int i = 0; i < THOR_LOSS_PARTS; i++)
        ck_assert(same_number(a->part[i], b->part[i]));
    ck_assert(same_number(a->task_accuracy, b->task_accuracy) && same_number(a->dropped, b->dropped) &&
              same_number(a->experts_per_token, b->experts_per_token) && a->gradient_norm == b->gradient_norm);
}

static void train(training *t, thor_trainer *trainer, thor_invented_batch *invented)
{
    thor_batch batches[MOST_SHARDS];
    for (int u = 0; u < UPDATES; u++) {
        int32_t count = u % 3 == 2 && t->shards > 3 ? t->shards - 3 : t->shards;
        thor_step_report report;
        thor_error error = { .code = THOR_OK };
        for (int i = 0; i < MOST_SHARDS; i++)
            batches[i] = invented[(i + u) % MOST_SHARDS].batch;
        float *spoiled = &trainer->model->values[trainer->model->params.items[0].offset], before = *spoiled;
        bool fails = t->spoiled >= 0 && u == 3;
        int32_t first = 0, end = count;
        if (trainer->share.cluster)
            thor_shards_of(count, trainer->share.cluster->size, trainer->share.cluster->rank, &first, &end);
        if (fails && first <= t->spoiled && t->spoiled < end)
            *spoiled = NAN;
        thor_status status = thor_trainer_step(trainer, batches, count, &report, &error);
        *spoiled = fails ? before : *spoiled;
        if (fails) {
            ck_assert_int_eq(status, THOR_E_NUMBER);
            ck_assert_ptr_nonnull(strstr(error.text, "update 4, shard "));
            continue;
        }
        ck_assert_msg(status == THOR_OK, "%s", error.text);
        if (trainer->share.cluster)
            compare_reports(&report, &t->reports[u]);
        else
            t->reports[u] = report;
    }
}

static void run(void *context, const thor_cluster *cluster)
{
    training *t = context;
    thor_invention invention;
    thor_invented_batch invented[MOST_SHARDS];
    thor_config config;
    thor_model model;
    thor_compute compute;
    thor_trainer trainer;
    thor_error error;
    thor_shape most = { 3, 60, 60, 20, 20 };
    configure(&config, t, &invention);
    for (int i = 0; i < MOST_SHARDS; i++)
        ck_assert_msg(thor_invented_batch_make(&invented[i], &config, &invention, (uint64_t)i + 1, &error) == THOR_OK,
                      "%s", error.text);
    ck_assert_msg(thor_model_open(&model, &config, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    ck_assert_msg(thor_trainer_open_together(&trainer, &model, &compute, &most, t->shards, cluster, t->cut, &error) ==
                  THOR_OK, "%s", error.text);
    thor_params_init(model.values, &model.params, 1, NULL);
    train(t, &trainer, invented);
    keep(t, &trainer);
    thor_trainer_close(&trainer);
    thor_compute_close(&compute);
    thor_model_close(&model);
    for (int i = 0; i < MOST_SHARDS; i++)
        thor_invented_batch_free(&invented[i]);
    thor_config_free(&config);
}

static void run_alone(training *t)
{
    run(t, NULL);
}

static void forget(training *t)
{
    free(t->values);
    free(t->m);
    free(t->v);
}

static const thor_cut small_cut = { 64, 640 };

static const training cases[] = {
    { .recipe = "thor-topp", .shards = 8, .spoiled = -1 },
    { .recipe = "thor-topp", .shards = 8, .spoiled = -1, .cut = &small_cut },
    { .recipe = "thor-top2", .shards = 5, .spoiled = -1, .cut = &small_cut },
    { .recipe = "gs-moe", .capacity = 1, .shards = 8, .spoiled = -1 },
    { .recipe = "st-moe", .capacity = 1, .shards = 5, .spoiled = -1, .cut = &small_cut },
    { .recipe = "lingual-moe", .shards = 6, .spoiled = -1, .cut = &small_cut },
    { .recipe = "thor-top2", .shards = 8, .spoiled = 5 },
};

START_TEST(bits_of_one_process)
{
    static const int sizes[] = { 2, 3, 4, 5, 8, 9 };
    training t = cases[_i];
    run_alone(&t);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        local_cluster_run(sizes[i], run, &t);
    forget(&t);
}
END_TEST

/* Each rank owns about as much as the others, and has no more moments than that. */
static void measure(void *context, const thor_cluster *cluster)
{
    training *t = context;
    thor_invention invention;
    thor_config config;
    thor_model model;
    thor_compute compute;
    thor_trainer trainer;
    thor_error error;
    thor_shape most = { 3, 60, 60, 20, 20 };
    configure(&config, t, &invention);
    ck_assert_int_eq(thor_model_open(&model, &config, &error), THOR_OK);
    ck_assert_int_eq(thor_compute_open(&compute, NULL, 1, &error), THOR_OK);
    ck_assert_int_eq(thor_trainer_open_together(&trainer, &model, &compute, &most, 8, cluster, &small_cut, &error),
                     THOR_OK);
    ck_assert_int_lt(trainer.share.owned, 2 * model.params.floats / cluster->size);
    ck_assert_int_gt(trainer.share.owned, 0);
    thor_trainer_close(&trainer);
    thor_compute_close(&compute);
    thor_model_close(&model);
    thor_config_free(&config);
}

START_TEST(moments_are_shared_out)
{
    training t = cases[1];
    local_cluster_run(2, measure, &t);
    local_cluster_run(4, measure, &t);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("together");
    TCase *tests = tcase_create("together");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, bits_of_one_process, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tests, moments_are_shared_out);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
