#include "train/shard.h"

#include <math.h>
#include <string.h>

/* ---- numbers that are not finite ------------------------------------------------------------------------------- */

typedef struct {
    char name[THOR_MAX_NAME];
} bad_tensor;

static void look_for_bad(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    bad_tensor *bad = context;
    const float *values = tensor->data;
    int64_t count = thor_tensor_count(tensor);
    (void)rows;
    if (bad->name[0] || tensor->dtype != THOR_F32)
        return;
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i])) {
            memcpy(bad->name, tensor->name, sizeof bad->name);
            return;
        }
}

static thor_status check_losses(const thor_trainer *trainer, const thor_losses *losses, int32_t shard,
                                thor_error *error)
{
    double sum = losses->nll_sum + losses->smooth_sum;
    for (int i = 0; i < THOR_LOSS_PARTS; i++)
        sum += losses->part[i];
    if (isfinite(sum))
        return THOR_OK;
    bad_tensor bad = { "" };
    thor_pass_visit(trainer->pass, look_for_bad, &bad);
    return thor_fail(error, THOR_E_NUMBER, "update %lld, shard %d: the loss is not finite; the first such tensor is "
                     "%s; parameters are as before; try a smaller optimizer.lr or a longer schedule.warmup",
                     (long long)trainer->updates + 1, (int)shard, bad.name[0] ? bad.name : "logits");
}

/* ---- one shard ------------------------------------------------------------------------------------------------- */

thor_status thor_shard_run(thor_trainer *trainer, thor_reduce *tree, const thor_batch *batch,
                               const thor_pass_options *options, thor_losses *losses, thor_error *error)
{
    THOR_TRY(thor_pass_forward(trainer->pass, batch, options, losses, error));
    THOR_TRY(check_losses(trainer, losses, (int32_t)options->shard, error));
    thor_pass_backward(trainer->pass);
    thor_watch_enter(trainer->watch, THOR_PHASE_UPDATE, THOR_PART_SUM);
    thor_reduce_push(tree);
    return THOR_OK;
}

thor_pass_options thor_shard_options(const thor_trainer *trainer, const thor_step_report *report)
{
    return (thor_pass_options){ .training = true, .seed = trainer->model->config.seed,
                                .step = (uint32_t)trainer->updates, .shards = report->shards,
                                .step_tokens = report->tokens, .watch = trainer->watch };
}
