#include "train/golden.h"

#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "train/golden_tensors.h"

static thor_status copy_block(float **copy, const float *block, const thor_params *params, thor_error *error)
{
    size_t bytes = thor_bytes_of(params->floats, sizeof *block);
    *copy = malloc(bytes);
    if (!*copy)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a copy of %lld parameters",
                         (long long)params->floats);
    memcpy(*copy, block, bytes);
    return THOR_OK;
}

/* Step 1 up to its gradient, with the memory of a trainer that has made no step. */
static thor_status first_step(thor_golden *golden, thor_trainer *trainer, const thor_batch *batch, thor_error *error)
{
    const thor_model *model = trainer->model;
    thor_losses losses;
    thor_golden_collector c = { &golden->forward, batch, THOR_OK, error };
    int64_t rows = thor_larger(batch->source_rows, batch->target_rows);
    thor_inside inside = { thor_golden_collect, &c, malloc(thor_bytes_of(rows * model->config.model.width,
                                                                        sizeof(float))) };
    thor_pass_options options = { .training = true, .seed = model->config.seed, .shards = 1,
                                  .step_tokens = batch->target_rows, .gradients = trainer->gradients[0],
                                  .inside = &inside };
    if (!inside.room)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld rows of a layer", (long long)rows);
    thor_status status = thor_pass_forward(trainer->pass, batch, &options, &losses, error);
    free(inside.room);
    THOR_TRY(status);
    THOR_TRY(c.status);
    THOR_TRY(thor_golden_forward(&golden->forward, trainer->pass, batch, model->config.vocab.ids, error));
    thor_pass_backward(trainer->pass);
    return copy_block(&golden->gradients, trainer->gradients[0], &model->params, error);
}

void thor_update_names(const char *names[THOR_UPDATE_COUNT])
{
    names[0] = "lr";
    names[1] = "gradient_norm";
    names[2] = "clip";
    memcpy(names + 3, thor_loss_names, sizeof thor_loss_names);
}

static void note_update(double update[THOR_UPDATE_COUNT], const thor_trainer *trainer, const thor_step_report *report)
{
    thor_adam_scalars scalars = thor_adam_make(&trainer->model->config, trainer->updates - 1, report->gradient_norm);
    update[0] = report->lr;
    update[1] = report->gradient_norm;
    update[2] = scalars.clip;
    thor_step_losses(update + 3, report);
}

static thor_status take_updates(thor_golden *golden, int64_t steps, thor_error *error)
{
    golden->update_count = steps < THOR_MOST_UPDATES_TOLD ? steps : THOR_MOST_UPDATES_TOLD;
    golden->updates = calloc((size_t)golden->update_count, sizeof *golden->updates);
    if (!golden->updates)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the losses of %lld updates", (long long)steps);
    return THOR_OK;
}

static thor_status all_steps(thor_golden *golden, thor_trainer *trainer, const thor_batch *batch, int64_t steps,
                             thor_error *error)
{
    thor_step_report report;
    THOR_TRY(take_updates(golden, steps, error));
    for (int64_t i = 0; i < steps; i++) {
        THOR_TRY(thor_trainer_step(trainer, batch, 1, &report, error));
        if (i < golden->update_count)
            note_update(golden->updates[i], trainer, &report);
    }
    memcpy(golden->losses, golden->updates[0] + 3, sizeof golden->losses);
    thor_digest_trainer(golden->digest, trainer, &report);
    THOR_TRY(copy_block(&golden->m, trainer->m, &trainer->model->params, error));
    return copy_block(&golden->v, trainer->v, &trainer->model->params, error);
}

/* Logits and masks are the large ones besides what training takes. */
size_t thor_golden_bytes(const thor_model *model, const thor_batch *batch, int threads)
{
    thor_shape shape = thor_batch_shape(batch);
    size_t training = thor_trainer_bytes(model, &shape, 1, threads);
    double logits = (double)batch->sentences * (double)batch->target_width * (double)model->config.vocab.ids * 4;
    double copies = 4 * (double)model->params.floats * 4;
    return logits + copies > (double)(SIZE_MAX / 2) || training > SIZE_MAX / 2 ? SIZE_MAX
                                                                               : training + (size_t)(logits + copies);
}

thor_status thor_golden_compute(thor_golden *golden, thor_model *model, const thor_batch *batch, int64_t steps,
                                const thor_compute *compute, thor_error *error)
{
    thor_trainer trainer;
    thor_shape shape = thor_batch_shape(batch);
    *golden = (thor_golden){ .initial = NULL };
    if (compute->backend)
        return thor_fail(error, THOR_E_USAGE, "golden numbers are those of the reference products; choose "
                         "--backend=reference");
    if (steps < 1)
        return thor_fail(error, THOR_E_USAGE, "%lld steps; expected at least 1", (long long)steps);
    THOR_TRY(copy_block(&golden->initial, model->values, &model->params, error));
    THOR_TRY(thor_golden_batch(&golden->batch, batch, error));
    THOR_TRY(thor_golden_dropout(&golden->dropout, &model->config, batch, 0, error));
    THOR_TRY(thor_trainer_open(&trainer, model, compute, &shape, 1, error));
    thor_status status = first_step(golden, &trainer, batch, error);
    if (status == THOR_OK)
        status = all_steps(golden, &trainer, batch, steps, error);
    thor_trainer_close(&trainer);
    return status;
}

void thor_golden_free(thor_golden *golden)
{
    thor_tensor_list_free(&golden->batch);
    thor_tensor_list_free(&golden->dropout);
    thor_tensor_list_free(&golden->forward);
    free(golden->initial);
    free(golden->gradients);
    free(golden->updates);
    free(golden->m);
    free(golden->v);
    *golden = (thor_golden){ .initial = NULL };
}
