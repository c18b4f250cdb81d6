/* What is too large is refused with a sentence: sites of dropout, layers, types. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "model/activations.h"
#include "model/keys.h"
#include "model/sites.h"

static void recipe(thor_config *config, int64_t max_tokens, double dropout)
{
    thor_error error;
    ck_assert_int_eq(thor_config_recipe(config, "gs-moe", &error), THOR_OK);
    ck_assert_int_eq(thor_config_scale(config, "tiny", &error), THOR_OK);
    config->moe.experts = 256;
    config->model.ffn_width = 2048;
    config->model.activation_dropout = dropout;
    config->batch.max_tokens = max_tokens;
    config->vocab.ids = 32;
    ck_assert_int_eq(thor_names_add(&config->languages, "en", &error), THOR_OK);
}

/* Opens a pass of at most `rows` rows and `sentences` of up to 64 over a model that has no values. */
static thor_status open_pass(thor_config *config, int64_t sentences, int64_t rows, thor_error *error)
{
    thor_model model;
    thor_pass *pass;
    thor_compute compute = { .par = { 1 } };
    const thor_shape most = { sentences, rows, rows, 64, 64 };
    ck_assert_int_eq(thor_model_plan(&model, config, error), THOR_OK);
    thor_status status = thor_pass_open(&pass, &model, &compute, &most, true, error);
    if (status == THOR_OK)
        thor_pass_close(pass);
    thor_model_close(&model);
    thor_config_free(config);
    return status;
}

START_TEST(masks_do_not_repeat)
{
    thor_config config;
    thor_error error;
    recipe(&config, 65536, 0.1);        /* 65,536 tokens * 256 experts * 2,048 units = 2^35 */
    ck_assert_int_eq(open_pass(&config, 1024, 65536, &error), THOR_E_USAGE);
    ck_assert_msg(strstr(error.text, "moe.experts.activation.dropout") && strstr(error.text, "2^34") &&
                      strstr(error.text, "batch.max_tokens"), "%s", error.text);
}
END_TEST

/* Up to the limit all is well: site by site, since nobody takes that memory for a test. */
START_TEST(the_edge)
{
    thor_site_use use = { .rate = 0.1, .mask = { .dtype = THOR_U8, .name = "edge", .dims = 2,
                                                 .shape = { INT64_C(1) << 17, INT64_C(1) << 17 } } };
    thor_error error;
    ck_assert_int_eq(thor_site_check(&use, &error), THOR_OK);
    use.mask.shape[0]++;
    ck_assert_int_eq(thor_site_check(&use, &error), THOR_E_USAGE);
    use.mask.shape[0] = use.mask.shape[1] = INT64_MAX / 4;
    ck_assert_int_eq(thor_site_check(&use, &error), THOR_E_USAGE);
}
END_TEST

START_TEST(no_dropout_no_limit)
{
    thor_config config;
    thor_error error;
    recipe(&config, 65536, 0);
    ck_assert_int_eq(thor_sites_check(&config, 1024, 64, 64, &error), THOR_OK);
    thor_config_free(&config);
}
END_TEST

/* Many short sentences or a few long ones: their product is no batch. */
START_TEST(many_sentences_are_not_long)
{
    thor_config config;
    thor_error error;
    recipe(&config, 8192, 0.1);
    ck_assert_int_eq(thor_sites_check(&config, 2048, 64, 64, &error), THOR_E_USAGE);
    ck_assert_int_eq(open_pass(&config, 2048, 8192, &error), THOR_OK);
}
END_TEST

/* Layer 255 of a site's number is the embedding. */
START_TEST(layers)
{
    thor_config config;
    thor_error error;
    recipe(&config, 4096, 0);
    config.model.encoder_layers = 255;
    ck_assert_int_eq(thor_config_check(&config, &error), THOR_OK);
    config.model.encoder_layers = 256;
    ck_assert_int_eq(thor_config_check(&config, &error), THOR_E_USAGE);
    ck_assert_msg(strstr(error.text, "255") != NULL, "%s", error.text);
    thor_config_free(&config);
}
END_TEST

static const float *nowhere(void *context, const thor_weight *weight)
{
    (void)context, (void)weight;
    return NULL;
}

START_TEST(types)
{
    thor_config config;
    thor_network network;
    thor_error error;
    recipe(&config, 4096, 0);
    const thor_weights half = { .take = nowhere, .dtype = THOR_BF16 };
    ck_assert_int_eq(thor_network_make(&network, &config, &half, &error), THOR_E_FAILED);
    ck_assert_msg(strstr(error.text, "BF16") != NULL, "%s", error.text);
    thor_config_free(&config);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limits");
    TCase *tests = tcase_create("limits");
    tcase_add_test(tests, masks_do_not_repeat);
    tcase_add_test(tests, the_edge);
    tcase_add_test(tests, no_dropout_no_limit);
    tcase_add_test(tests, many_sentences_are_not_long);
    tcase_add_test(tests, layers);
    tcase_add_test(tests, types);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
