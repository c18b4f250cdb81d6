#include "train/digest.h"

#include "base/hash.h"

const char *const thor_loss_names[THOR_LOSS_COUNT] = { "total", "nll", "task", "task_balance", "token_balance",
                                                       "dynamic", "budget", "family", "tokens" };

void thor_step_losses(double losses[THOR_LOSS_COUNT], const thor_step_report *report)
{
    for (int i = 0; i < THOR_LOSS_PARTS; i++)
        losses[i] = report->part[i];
    losses[THOR_LOSS_PARTS] = (double)report->tokens;
}

static void add_block(thor_sha256 *hash, const thor_params *params, const float *block)
{
    for (int32_t i = 0; i < params->count; i++) {
        const thor_param *param = &params->items[params->sorted[i]];
        thor_sha256_add_f32(hash, block + param->offset, (size_t)param->count);
    }
}

void thor_digest_trainer(char hex[65], const thor_trainer *trainer, const thor_step_report *report)
{
    const thor_params *params = &trainer->model->params;
    thor_sha256 hash;
    thor_sha256_start(&hash);
    add_block(&hash, params, trainer->model->values);
    add_block(&hash, params, trainer->m);
    add_block(&hash, params, trainer->v);
    if (report) {
        double losses[THOR_LOSS_COUNT];
        thor_step_losses(losses, report);
        thor_sha256_add_f64(&hash, losses, THOR_LOSS_COUNT);
    }
    thor_sha256_hex(&hash, hex);
}

thor_shape thor_batch_shape(const thor_batch *batch)
{
    return (thor_shape){ batch->sentences, batch->source_rows, batch->target_rows, batch->source_width,
                         batch->target_width };
}

static thor_status make_steps(char hex[65], thor_trainer *trainer, const thor_batch *batch, int64_t steps,
                              thor_error *error)
{
    thor_step_report report = { .tokens = 0 };
    for (int64_t i = 0; i < steps; i++)
        THOR_TRY(thor_trainer_step(trainer, batch, 1, &report, error));
    thor_digest_trainer(hex, trainer, steps > 0 ? &report : NULL);
    return THOR_OK;
}

thor_status thor_digest_model(char hex[65], thor_model *model, const thor_batch *batch, int64_t steps,
                              const thor_compute *compute, thor_error *error)
{
    thor_trainer trainer;
    thor_shape shape = thor_batch_shape(batch);
    if (compute->backend)
        return thor_fail(error, THOR_E_USAGE, "golden numbers are those of the reference products; choose "
                         "--backend=reference");
    THOR_TRY(thor_trainer_open(&trainer, model, compute, &shape, 1, error));
    thor_status status = make_steps(hex, &trainer, batch, steps, error);
    thor_trainer_close(&trainer);
    return status;
}

thor_status thor_digest_run(char hex[65], const thor_config *config, const thor_batch *batch, int64_t steps,
                            const thor_compute *compute, thor_error *error)
{
    thor_model model;
    THOR_TRY(thor_model_open(&model, config, error));
    thor_params_init(model.values, &model.params, model.config.seed, &compute->par);
    thor_status status = thor_digest_model(hex, &model, batch, steps, compute, error);
    thor_model_close(&model);
    return status;
}
