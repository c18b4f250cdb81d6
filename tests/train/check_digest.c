#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "model/sequence.h"
#include "train/digest.h"
#include "train/invented_batch.h"

/* ---- invented batches ------------------------------------------------------------------------------------------ */

static const char *const recipes[] = { "dense", "gs-moe", "thor-top2", "thor-topp" };

enum { RECIPES = sizeof recipes / sizeof *recipes };

static void small_config(thor_config *config, const char *recipe, const thor_invention *invention)
{
    thor_error error;
    ck_assert_msg(thor_config_recipe(config, recipe, &error) == THOR_OK, "%s", error.text);
    ck_assert_int_eq(thor_config_scale(config, "tiny", &error), THOR_OK);
    ck_assert_msg(thor_invented_config(config, invention, &error) == THOR_OK, "%s", error.text);
}

static void invent(thor_invented_batch *invented, thor_config *config, const char *recipe,
                   const thor_invention *invention, uint64_t seed)
{
    thor_error error;
    small_config(config, recipe, invention);
    ck_assert_msg(thor_invented_batch_make(invented, config, invention, seed, &error) == THOR_OK, "%s", error.text);
}

static void check_sentence(const thor_batch *batch, const thor_config *config, const thor_invention *invention,
                           int64_t b)
{
    const int32_t *s = batch->source + batch->source_offset[b], *in = batch->target_in + batch->target_offset[b];
    const int32_t *out = batch->target_out + batch->target_offset[b];
    int64_t m = batch->source_offset[b + 1] - batch->source_offset[b];
    int64_t n = batch->target_offset[b + 1] - batch->target_offset[b];
    bool cls = thor_config_has_predictor(config);
    if (cls)
        ck_assert_int_eq(*s++, thor_config_cls(config));
    ck_assert_int_eq(*s++, thor_config_language_token(config, batch->source_language[b]));
    m -= cls + 2;
    ck_assert(m >= invention->shortest && m <= invention->longest);
    for (int64_t i = 0; i < m; i++)
        ck_assert(s[i] >= 4 && s[i] < 4 + invention->pieces);
    ck_assert(s[m] == 2 && in[0] == 2 && out[n - 1] == 2);
    ck_assert_int_eq(out[0], thor_config_language_token(config, batch->target_language[b]));
    ck_assert(n - 2 >= invention->shortest && n - 2 <= invention->longest);
    for (int64_t i = 0; i + 1 < n; i++)
        ck_assert_int_eq(in[i + 1], out[i]);
    ck_assert_int_ne(batch->source_language[b], batch->target_language[b]);
    ck_assert_int_eq(batch->task_label[b], batch->target_language[b]);
}

START_TEST(sentences_are_whole)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    thor_config config;
    invention.sentences = 40;
    invent(&invented, &config, recipes[_i], &invention, 3);
    ck_assert_int_eq(invented.batch.sentences, 40);
    ck_assert_int_eq(invented.batch.source_offset[40], invented.batch.source_rows);
    for (int64_t b = 0; b < 40; b++)
        check_sentence(&invented.batch, &config, &invention, b);
    thor_invented_batch_free(&invented);
    thor_config_free(&config);
}
END_TEST

/* The first sentence of a batch does not change with the number of them. */
START_TEST(draws_are_places)
{
    thor_invention one = thor_invention_default(), many = one;
    thor_invented_batch a, b, other;
    thor_config config, second, third;
    one.sentences = 1;
    invent(&a, &config, "thor-top2", &one, 5);
    invent(&b, &second, "thor-top2", &many, 5);
    invent(&other, &third, "thor-top2", &one, 6);
    ck_assert(memcmp(a.batch.source, b.batch.source, (size_t)a.batch.source_rows * sizeof(int32_t)) == 0);
    ck_assert(memcmp(a.batch.target_out, b.batch.target_out, (size_t)a.batch.target_rows * sizeof(int32_t)) == 0);
    ck_assert(a.batch.source_rows != other.batch.source_rows ||
              memcmp(a.batch.source, other.batch.source, (size_t)a.batch.source_rows * sizeof(int32_t)) != 0);
    thor_invented_batch_free(&a);
    thor_invented_batch_free(&b);
    thor_invented_batch_free(&other);
    thor_config_free(&config);
    thor_config_free(&second);
    thor_config_free(&third);
}
END_TEST

/* Labels of every kind, in range; only directions that are listed. */
START_TEST(labels)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    thor_config config;
    thor_error error;
    invention.sentences = 50;
    ck_assert_int_eq(thor_config_recipe(&config, "thor-top2", &error), THOR_OK);
    ck_assert_int_eq(thor_config_scale(&config, "tiny", &error), THOR_OK);
    config.task.label = (thor_task_label)_i;
    if (config.task.label == THOR_LABEL_PAIR)
        ck_assert_int_eq(thor_names_add(&config.pairs, "de-en", &error), THOR_OK);
    ck_assert_msg(thor_invented_config(&config, &invention, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_invented_batch_make(&invented, &config, &invention, 1, &error) == THOR_OK, "%s", error.text);
    const thor_batch *batch = &invented.batch;
    for (int64_t b = 0; b < 50; b++) {
        ck_assert(batch->task_label[b] >= 0 && batch->task_label[b] < thor_config_tasks(&config));
        if (config.task.label == THOR_LABEL_SOURCE_LANGUAGE)
            ck_assert_int_eq(batch->task_label[b], batch->source_language[b]);
        if (config.task.label == THOR_LABEL_PAIR)
            ck_assert(batch->source_language[b] == 1 && batch->target_language[b] == 0 && batch->task_label[b] == 0);
    }
    thor_invented_batch_free(&invented);
    thor_config_free(&config);
}
END_TEST

START_TEST(refuses_what_cannot_be)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    thor_config config;
    thor_error error;
    small_config(&config, "dense", &invention);
    invention.longest = 3;
    ck_assert_int_eq(thor_invented_batch_make(&invented, &config, &invention, 1, &error), THOR_E_USAGE);
    invention = thor_invention_default();
    invention.pieces = 20;
    ck_assert_int_eq(thor_invented_batch_make(&invented, &config, &invention, 1, &error), THOR_E_USAGE);
    ck_assert_int_eq(thor_invented_config(&config, &invention, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "vocab.ids"));
    thor_config_free(&config);
}
END_TEST

/* ---- digests --------------------------------------------------------------------------------------------------- */

static void digest(char hex[65], const char *recipe, int64_t steps, uint64_t seed, const char *isa, int threads)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    thor_config config;
    thor_compute compute;
    thor_error error;
    invention.sentences = 3;
    invent(&invented, &config, recipe, &invention, seed);
    config.seed = seed;
    ck_assert_msg(thor_compute_open(&compute, isa, threads, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_digest_run(hex, &config, &invented.batch, steps, &compute, &error) == THOR_OK, "%s",
                  error.text);
    thor_compute_close(&compute);
    thor_invented_batch_free(&invented);
    thor_config_free(&config);
}

START_TEST(the_same_everywhere)
{
    const thor_kernels *tables[8];
    int count = thor_kernels_list(tables, 8);
    char first[65], other[65];
    digest(first, recipes[_i], 3, 9, "scalar", 1);
    for (int t = 0; t < count; t++)
        for (int threads = 1; threads <= 3; threads++) {
            digest(other, recipes[_i], 3, 9, tables[t]->name, threads);
            ck_assert_msg(strcmp(first, other) == 0, "%s: %s with %d threads: %s, not %s", recipes[_i],
                          tables[t]->name, threads, other, first);
        }
    digest(other, recipes[_i], 3, 10, "auto", 2);
    ck_assert_str_ne(first, other);
    digest(other, recipes[_i], 2, 9, "auto", 2);
    ck_assert_str_ne(first, other);
}
END_TEST

static void add_named(thor_sha256 *hash, const thor_params *params, const float *block)
{
    const char *last = "";
    for (int32_t done = 0; done < params->count; done++) {
        const thor_param *next = NULL;
        for (int32_t i = 0; i < params->count; i++)
            if (strcmp(params->items[i].name, last) > 0 && (!next || strcmp(params->items[i].name, next->name) < 0))
                next = &params->items[i];
        thor_sha256_add_f32(hash, block + next->offset, (size_t)next->count);
        last = next->name;
    }
}

/* The bytes that thor-golden(5) lists, put together by hand. */
START_TEST(is_made_of_the_listed_bytes)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    thor_config config;
    thor_compute compute;
    thor_model model;
    thor_trainer trainer;
    thor_step_report r;
    thor_error error;
    char expected[65], got[65];
    invent(&invented, &config, "thor-topp", &invention, 4);
    thor_shape shape = thor_batch_shape(&invented.batch);
    ck_assert_int_eq(thor_compute_open(&compute, "auto", 1, &error), THOR_OK);
    ck_assert_int_eq(thor_model_open(&model, &config, &error), THOR_OK);
    thor_params_init(model.values, &model.params, config.seed, NULL);
    ck_assert_int_eq(thor_trainer_open(&trainer, &model, &compute, &shape, 1, &error), THOR_OK);
    ck_assert_int_eq(thor_trainer_step(&trainer, &invented.batch, 1, &r, &error), THOR_OK);
    ck_assert_int_eq(thor_trainer_step(&trainer, &invented.batch, 1, &r, &error), THOR_OK);
    const double losses[] = { r.part[THOR_LOSS_TOTAL], r.part[THOR_LOSS_NLL], r.part[THOR_LOSS_TASK],
                              r.part[THOR_LOSS_TASK_BALANCE], r.part[THOR_LOSS_TOKEN_BALANCE],
                              r.part[THOR_LOSS_DYNAMIC], 0, 0, (double)invented.batch.target_rows };
    thor_sha256 hash;
    thor_sha256_start(&hash);
    add_named(&hash, &model.params, model.values);
    add_named(&hash, &model.params, trainer.m);
    add_named(&hash, &model.params, trainer.v);
    thor_sha256_add_f64(&hash, losses, 9);
    thor_sha256_hex(&hash, expected);
    ck_assert_int_eq(thor_digest_run(got, &config, &invented.batch, 2, &compute, &error), THOR_OK);
    ck_assert_str_eq(got, expected);
    thor_trainer_close(&trainer);
    thor_model_close(&model);
    thor_compute_close(&compute);
    thor_invented_batch_free(&invented);
    thor_config_free(&config);
}
END_TEST

static void no_products(const struct thor_gemm *product, int threads)
{
    (void)product;
    (void)threads;
}

START_TEST(refuses_another_back_end)
{
    thor_compute compute = { .backend = no_products };
    thor_model model = { .values = NULL };
    thor_batch batch = { .sentences = 1 };
    thor_error error;
    char hex[65];
    ck_assert_int_eq(thor_digest_model(hex, &model, &batch, 1, &compute, &error), THOR_E_USAGE);
    ck_assert_ptr_nonnull(strstr(error.text, "reference"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tests = tcase_create("digest");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, sentences_are_whole, 0, RECIPES);
    tcase_add_test(tests, draws_are_places);
    tcase_add_loop_test(tests, labels, 0, 4);
    tcase_add_test(tests, refuses_what_cannot_be);
    tcase_add_loop_test(tests, the_same_everywhere, 0, RECIPES);
    tcase_add_test(tests, is_made_of_the_listed_bytes);
    tcase_add_test(tests, refuses_another_back_end);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
