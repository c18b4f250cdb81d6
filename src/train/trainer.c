#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "base/block.h"
#include "base/numbers.h"
#include "model/loss_weights.h"
#include "train/reduce.h"
#include "train/shard.h"
#include "train/share.h"

static size_t block_bytes(const thor_model *model)
{
    return thor_bytes_of(model->params.floats, sizeof(float));
}

size_t thor_trainer_bytes(const thor_model *model, const thor_shape *most, int32_t shards, int threads)
{
    size_t blocks = 2 + (size_t)thor_reduce_buffers(shards), pass = thor_pass_bytes(model, most, true, threads);
    if (block_bytes(model) > (SIZE_MAX - pass) / blocks)
        return SIZE_MAX;
    return blocks * block_bytes(model) + pass;
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static thor_status check_block(const float *block, const thor_model *model, const char *what, thor_error *error)
{
    if (block)
        return THOR_OK;
    return thor_fail(error, THOR_E_MEMORY, "%s: %.1f MiB are not available; try a smaller model, or fewer "
                     "batch.shards", what, (double)model->params.floats * sizeof(float) / 1048576.0);
}

static thor_status take_moment(float **block, const thor_trainer *trainer, const char *what, thor_error *error)
{
    int64_t floats = trainer->share.cluster ? trainer->share.owned : trainer->model->params.floats;
    *block = thor_block_zeros(&trainer->compute->par, floats);
    return check_block(*block, trainer->model, what, error);
}

/* Not cleared: a pass writes all of it. */
static thor_status take_gradient(float **block, const thor_model *model, thor_error *error)
{
    *block = thor_block_take(block_bytes(model));
    return check_block(*block, model, "gradients", error);
}

static thor_status take_all(thor_trainer *trainer, thor_error *error)
{
    int buffers = trainer->buffers;
    trainer->gradients = calloc((size_t)buffers, sizeof *trainer->gradients);
    if (!trainer->gradients)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d gradient buffers", buffers);
    THOR_TRY(take_moment(&trainer->m, trainer, "Adam's first moment", error));
    THOR_TRY(take_moment(&trainer->v, trainer, "Adam's second moment", error));
    for (int i = 0; i < buffers; i++)
        THOR_TRY(take_gradient(&trainer->gradients[i], trainer->model, error));
    return THOR_OK;
}

thor_status thor_trainer_open(thor_trainer *trainer, thor_model *model, const thor_compute *compute,
                              const thor_shape *most, int32_t shards, thor_error *error)
{
    return thor_trainer_open_together(trainer, model, compute, most, shards, NULL, NULL, error);
}

thor_status thor_trainer_open_together(thor_trainer *trainer, thor_model *model, const thor_compute *compute,
                                       const thor_shape *most, int32_t shards, const thor_cluster *cluster,
                                       const thor_cut *cut, thor_error *error)
{
    const thor_cut usual = { THOR_PIECE_FLOATS, THOR_BUCKET_FLOATS };
    *trainer = (thor_trainer){ .model = model, .compute = compute, .buffers = thor_reduce_buffers(shards) };
    cut = cut ? cut : &usual;
    thor_status status = thor_gradient_norm_open(&trainer->norm, &model->params, cut->piece, error);
    if (status == THOR_OK && !thor_cluster_alone(cluster)) {
        trainer->buffers = thor_partial_blocks(shards, cluster->size, cluster->rank);
        status = thor_share_open(trainer, cluster, cut->bucket, shards, error);
    }
    if (status == THOR_OK)
        status = take_all(trainer, error);
    if (status == THOR_OK)
        status = thor_pass_open(&trainer->pass, model, compute, most, true, error);
    if (status != THOR_OK)
        thor_trainer_close(trainer);
    return status;
}

void thor_trainer_close(thor_trainer *trainer)
{
    thor_pass_close(trainer->pass);
    thor_share_close(&trainer->share);
    thor_gradient_norm_close(&trainer->norm);
    for (int i = 0; trainer->gradients && i < trainer->buffers; i++)
        free(trainer->gradients[i]);
    free(trainer->gradients);
    free(trainer->m);
    free(trainer->v);
    *trainer = (thor_trainer){ .model = NULL };
}

/* ---- numbers that are not finite ------------------------------------------------------------------------------- */

static thor_status fail_norm(const thor_trainer *trainer, thor_error *error)
{
    int32_t first = thor_gradient_norm_first_bad(&trainer->norm);
    const char *name = first < 0 ? "all parameters together" : trainer->model->params.items[first].name;
    return thor_fail(error, THOR_E_NUMBER, "update %lld: the gradient of %s is not finite or too large for binary32; "
                     "parameters are as before; try a smaller optimizer.lr or a longer schedule.warmup",
                     (long long)trainer->updates + 1, name);
}

/* ---- one update ------------------------------------------------------------------------------------------------ */

/* The step's counts and sums, before they become means. */
typedef struct {
    double nll, smooth;
    int64_t right, sentences, routed, chosen, dropped;
} sums;

static void add_losses(thor_step_report *report, sums *s, const thor_losses *losses, int32_t shards)
{
    s->nll += losses->nll_sum;
    s->smooth += losses->smooth_sum;
    s->right += losses->task_right;
    s->sentences += losses->task_sentences;
    s->routed += losses->routed_rows;
    s->chosen += losses->chosen_experts;
    s->dropped += losses->dropped;
    for (int i = THOR_LOSS_TASK; i < THOR_LOSS_PARTS; i++)
        report->part[i] += losses->part[i] / shards;
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void finish_report(thor_step_report *report, const sums *s, const thor_config *config)
{
    double tokens = report->tokens > 0 ? (double)report->tokens : 1;
    double weight[THOR_LOSS_PARTS];
    thor_loss_weights(weight, config);
    report->part[THOR_LOSS_NLL] = s->nll / tokens;
    report->part[THOR_LOSS_TOTAL] = thor_loss_total(weight, s->smooth / tokens, report->part);
    report->task_accuracy = share(s->right, s->sentences);
    report->experts_per_token = share(s->chosen, s->routed);
    report->dropped = s->chosen > 0 ? share(s->dropped, s->chosen) : 0;
}

static thor_status run_shards(thor_trainer *trainer, const thor_batch *shards, int32_t count, thor_step_report *report,
                              thor_error *error)
{
    sums s = { .nll = 0 };
    thor_pass_options options = thor_shard_options(trainer, report);
    thor_reduce tree = thor_reduce_start(trainer->compute, trainer->gradients, trainer->model->params.floats);
    for (int32_t shard = 0; shard < count; shard++) {
        thor_losses losses = { .tokens = 0 };
        options.shard = (uint32_t)shard;
        options.gradients = thor_reduce_next(&tree);
        THOR_TRY(thor_shard_run(trainer, &tree, &shards[shard], &options, &losses, error));
        add_losses(report, &s, &losses, count);
    }
    finish_report(report, &s, &trainer->model->config);
    thor_reduce_finish(&tree);
    return THOR_OK;
}

/* The same by all processes: each runs its own shards, and all add up the losses of every one. */
static thor_status run_shards_together(thor_trainer *trainer, const thor_batch *shards, int32_t count,
                                       thor_step_report *report, thor_error *error)
{
    sums s = { .nll = 0 };
    THOR_TRY(thor_share_run(trainer, shards, count, report, error));
    for (int32_t shard = 0; shard < count; shard++)
        add_losses(report, &s, thor_share_losses(&trainer->share, shard, count), count);
    finish_report(report, &s, &trainer->model->config);
    thor_exchange_sum(&trainer->share.exchange, trainer->gradients);
    return THOR_OK;
}

static thor_status check_step(const thor_trainer *trainer, int32_t count, thor_error *error)
{
    const thor_cluster *cluster = trainer->share.cluster;
    int needed = cluster ? thor_partial_blocks(count, cluster->size, cluster->rank) : thor_reduce_buffers(count);
    if (count < 1 || needed > trainer->buffers || (cluster && count > trainer->share.exchange.shards))
        return thor_fail(error, THOR_E_FAILED, "a step of %d shards, but there are gradient buffers for fewer than "
                         "%lld", (int)count, 1LL << trainer->buffers);
    return THOR_OK;
}

thor_status thor_trainer_step(thor_trainer *trainer, const thor_batch *shards, int32_t count, thor_step_report *report,
                              thor_error *error)
{
    thor_model *model = trainer->model;
    *report = (thor_step_report){ .shards = count };
    THOR_TRY(check_step(trainer, count, error));
    for (int32_t i = 0; i < count; i++) {
        report->tokens += shards[i].target_rows;
        report->source_tokens += shards[i].source_rows;
    }
    bool together = trainer->share.cluster;
    float *gradient = trainer->gradients[0];
    THOR_TRY(together ? run_shards_together(trainer, shards, count, report, error)
                      : run_shards(trainer, shards, count, report, error));
    thor_watch_enter(trainer->watch, THOR_PHASE_UPDATE, THOR_PART_GRADIENT_NORM);
    report->gradient_norm = thor_gradient_norm_compute(&trainer->norm, trainer->compute, gradient);
    report->lr = thor_learning_rate(&model->config, trainer->updates);
    if (!isfinite(report->gradient_norm))
        return fail_norm(trainer, error);
    thor_adam_scalars scalars = thor_adam_make(&model->config, trainer->updates, report->gradient_norm);
    thor_watch_enter(trainer->watch, THOR_PHASE_UPDATE, THOR_PART_ADAM);
    if (together)
        thor_share_update(trainer, &scalars);
    else
        thor_adam_run(trainer->compute, &scalars, model->values, trainer->m, trainer->v, gradient,
                      model->params.floats);
    trainer->updates++;
    return THOR_OK;
}
