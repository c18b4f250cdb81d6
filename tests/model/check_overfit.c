/* A model of 2 layers learns 50 invented sentences by heart: every part of the backward pass pulls in the right
 * direction. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/pass.h"
#include "tests/ref/fixture.h"

static const char *const systems[] = { "dense", "thor top1", "thor top2", "thor topp" };
enum { SYSTEMS = 4, SENTENCES = 50, STEPS = 600 };

/* What Adam keeps, and the scalars of update number t + 1. */
static thor_adam_scalars adam_scalars(int64_t t)
{
    double rate = 3e-3 * fmin(1, (double)(t + 1) / 20), step = (double)(t + 1);
    return (thor_adam_scalars){ .beta1 = 0.9f, .one_minus_beta1 = 0.1f, .beta2 = 0.98f, .one_minus_beta2 = 0.02f,
                                .eps = 1e-8f, .clip = 1, .decay = 1,
                                .step_size = (float)(rate * sqrt(1 - pow(0.98, step)) / (1 - pow(0.9, step))) };
}

static void open_model(thor_config *config, thor_model *model, const char *settings)
{
    thor_error error;
    ref_case_config(config, settings);
    config->model.width = 32;
    config->model.heads = 4;
    config->model.ffn_width = 64;
    config->vocab.size = 52;
    config->vocab.ids = 60;
    config->loss.task = config->loss.task_balance = config->loss.token_balance = 1e-2;
    config->loss.dynamic = 1e-4;
    ck_assert_msg(thor_model_open(model, config, &error) == THOR_OK, "%s", error.text);
    thor_params_init(model->values, &model->params, 1, NULL);
}

/* Steps until the mean loss is below `wanted`; returns the last mean loss. */
static double train(thor_pass *pass, const thor_compute *compute, thor_model *model, const thor_batch *batch,
                    double wanted, int *steps)
{
    int64_t n = model->params.floats;
    float *memory = ref_alloc(3 * n, sizeof *memory), *gradients = memory, *m = memory + n, *v = memory + 2 * n;
    double loss = INFINITY;
    for (*steps = 0; *steps < STEPS && !(loss < wanted); ++*steps) {
        thor_pass_options options = { .training = true, .seed = 1, .step = (uint32_t)*steps, .shards = 1,
                                      .step_tokens = batch->target_rows, .gradients = gradients };
        thor_losses losses;
        thor_error error;
        ck_assert_msg(thor_pass_forward(pass, batch, &options, &losses, &error) == THOR_OK, "%s", error.text);
        thor_pass_backward(pass);
        thor_adam_scalars scalars = adam_scalars(*steps);
        compute->kernels->adam(model->values, m, v, gradients, &scalars, n);
        loss = losses.nll_sum / (double)losses.tokens;
    }
    free(memory);
    return loss;
}

START_TEST(learns_by_heart)
{
    thor_config config;
    thor_model model;
    thor_compute compute;
    thor_pass *pass;
    thor_error error;
    int steps;
    open_model(&config, &model, systems[_i]);
    ref_batch *batch = ref_batch_invent(&config, SENTENCES, 3, 6, 1);
    thor_batch packed = ref_batch_pack(batch);
    thor_shape most = { packed.sentences, packed.source_rows, packed.target_rows, packed.source_width,
                       packed.target_width };
    ck_assert_msg(thor_compute_open(&compute, NULL, 1, &error) == THOR_OK, "%s", error.text);
    ck_assert_msg(thor_pass_open(&pass, &model, &compute, &most, true, &error) == THOR_OK, "%s", error.text);
    double loss = train(pass, &compute, &model, &packed, 0.01, &steps);
    printf("%s: mean loss %.4f after %d steps\n", systems[_i], loss, steps);
    ck_assert_msg(loss < 0.01, "%s: mean loss %g after %d steps", systems[_i], loss, steps);
    thor_pass_close(pass);
    thor_compute_close(&compute);
    thor_model_close(&model);
    ref_batch_unpack(&packed);
    ref_batch_free(batch);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("overfit");
    TCase *overfit = tcase_create("overfit");
    tcase_set_timeout(overfit, 300);
    tcase_add_loop_test(overfit, learns_by_heart, 0, SYSTEMS);
    suite_add_tcase(suite, overfit);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
