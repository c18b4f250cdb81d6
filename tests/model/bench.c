#include "bench.h"

#include <stdlib.h>
#include <string.h>

static void need(thor_status status, const thor_error *error)
{
    if (status != THOR_OK)
        ref_die("%s", error->text);
}

uint64_t bench_seed(void)
{
    const char *seed = getenv("THOR_TEST_SEED");
    return seed && *seed ? strtoull(seed, NULL, 10) : 1;
}

bool bench_long(void)
{
    const char *wish = getenv("THOR_TEST_LONG");
    return wish && *wish && strcmp(wish, "0") != 0;
}

/* Copies the judge's parameters into the model. Names and shapes are check_params' business. */
static void copy_parameters(bench *b)
{
    for (int32_t i = 0; i < b->model.params.count; i++) {
        const thor_param *param = &b->model.params.items[i];
        const double *from = ref_get(&b->params, param->name);
        for (int64_t j = 0; j < param->count; j++)
            b->model.values[param->offset + j] = (float)from[j];
    }
}

static void set_options(bench *b, bool training)
{
    int32_t shards = b->config.batch.shards;
    int64_t tokens = b->packed.target_rows * shards + (shards > 1 ? 5 : 0);
    b->options = (thor_pass_options){ .training = training, .seed = bench_seed(), .step = 3,
                                     .shard = (uint32_t)shards - 1, .shards = shards, .step_tokens = tokens };
    b->run = (ref_run){ .config = &b->config, .batch = b->batch, .params = &b->params };
    b->run.options = (ref_options){ .training = training, .seed = bench_seed(), .step = 3,
                                   .shard = (uint32_t)shards - 1, .shards = shards, .step_tokens = tokens };
}

void bench_open(bench *b, const ref_case *what, bool training, const char *isa, int threads)
{
    thor_error error = { 0 };
    *b = (bench){ .name = what->name };
    ref_case_config(&b->config, what->settings);
    ref_parameters_list(&b->params, &b->config);
    ref_parameters_invent(&b->params, bench_seed());
    b->batch = ref_batch_invent(&b->config, 4, 2, 5, bench_seed());
    b->packed = ref_batch_pack(b->batch);
    set_options(b, training);
    need(thor_config_check(&b->config, &error), &error);
    need(thor_model_open(&b->model, &b->config, &error), &error);
    copy_parameters(b);
    need(thor_compute_open(&b->compute, isa, threads, &error), &error);
    thor_shape most = { b->packed.sentences, b->packed.source_rows, b->packed.target_rows, b->packed.source_width,
                        b->packed.target_width };
    need(thor_pass_open(&b->pass, &b->model, &b->compute, &most, training, &error), &error);
    b->options.gradients = b->gradients = ref_alloc(b->model.params.floats, sizeof *b->gradients);
}

void bench_close(bench *b)
{
    thor_pass_close(b->pass);
    thor_compute_close(&b->compute);
    thor_model_close(&b->model);
    free(b->gradients);
    ref_batch_unpack(&b->packed);
    ref_run_free(&b->run);
    ref_table_free(&b->params);
    ref_batch_free(b->batch);
}

void bench_run(bench *b)
{
    thor_error error = { 0 };
    /* NaN: what is left over shows */
    memset(b->gradients, 0xff, (size_t)b->model.params.floats * sizeof *b->gradients);
    need(thor_pass_forward(b->pass, &b->packed, &b->options, &b->losses, &error), &error);
    if (b->options.training)
        thor_pass_backward(b->pass);
}

const float *bench_gradient(const bench *b, int32_t param)
{
    return b->gradients + b->model.params.items[param].offset;
}
