#include "shards_digest.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "train/digest.h"

enum { SHARDS = 8 };

/* One shard with all that computing it needs: nothing is shared but the model's values, which are only read. */
typedef struct shard {
    thor_invented_batch invented;
    thor_compute compute;
    thor_pass *pass;
    thor_pass_options options;
    float *gradient;
    thor_losses losses;
    thor_status status;
    thor_error error;
} shard;

typedef struct work {
    thor_model model;
    thor_trainer trainer;
    thor_shape most;
    shard shards[SHARDS];
    thor_batch batches[SHARDS];
    int64_t tokens, source_tokens;
} work;

static thor_status invent(work *w, const thor_config *config, thor_error *error)
{
    thor_invention invention = thor_invention_default();
    for (int i = 0; i < SHARDS; i++) {
        THOR_TRY(thor_invented_batch_make(&w->shards[i].invented, config, &invention, (uint64_t)i + 1, error));
        thor_batch *batch = &w->batches[i];
        *batch = w->shards[i].invented.batch;
        w->most.sentences = thor_larger(w->most.sentences, batch->sentences);
        w->most.source_rows = thor_larger(w->most.source_rows, batch->source_rows);
        w->most.target_rows = thor_larger(w->most.target_rows, batch->target_rows);
        w->most.source_width = thor_larger(w->most.source_width, batch->source_width);
        w->most.target_width = thor_larger(w->most.target_width, batch->target_width);
        w->tokens += batch->target_rows;
        w->source_tokens += batch->source_rows;
    }
    return THOR_OK;
}

static thor_status open_shards(work *w, const thor_compute *compute, thor_error *error)
{
    for (int i = 0; i < SHARDS; i++) {
        shard *s = &w->shards[i];
        THOR_TRY(thor_compute_open(&s->compute, compute->kernels->name, 1, error));
        THOR_TRY(thor_pass_open(&s->pass, &w->model, &s->compute, &w->most, true, error));
        s->gradient = calloc((size_t)w->model.params.floats, sizeof *s->gradient);
        if (!s->gradient)
            return thor_fail(error, THOR_E_MEMORY, "no memory for the gradient of shard %d", i);
    }
    return THOR_OK;
}

static void close_work(work *w)
{
    for (int i = 0; i < SHARDS; i++) {
        thor_pass_close(w->shards[i].pass);
        thor_compute_close(&w->shards[i].compute);
        free(w->shards[i].gradient);
        thor_invented_batch_free(&w->shards[i].invented);
    }
    thor_trainer_close(&w->trainer);
    thor_model_close(&w->model);
}

/* ---- gradients, in any order ----------------------------------------------------------------------------------- */

static void *run_shard(void *argument)
{
    shard *s = argument;
    s->status = thor_pass_forward(s->pass, &s->invented.batch, &s->options, &s->losses, &s->error);
    if (s->status == THOR_OK)
        thor_pass_backward(s->pass);
    return NULL;
}

static thor_status run_together(work *w, thor_error *error)
{
    pthread_t threads[SHARDS];
    int started = 0;
    while (started < SHARDS && pthread_create(&threads[started], NULL, run_shard, &w->shards[started]) == 0)
        started++;
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started == SHARDS ? THOR_OK : thor_fail(error, THOR_E_FAILED, "only %d threads could be started", started);
}

static thor_status run_gradients(work *w, bool together, thor_error *error)
{
    for (int i = 0; i < SHARDS; i++)
        w->shards[i].options = (thor_pass_options){
            .training = true, .seed = w->model.config.seed, .step = (uint32_t)w->trainer.updates,
            .shard = (uint32_t)i, .shards = SHARDS, .step_tokens = w->tokens, .gradients = w->shards[i].gradient
        };
    if (together)
        THOR_TRY(run_together(w, error));
    for (int i = SHARDS - 1; i >= 0 && !together; i--)
        run_shard(&w->shards[i]);
    for (int i = 0; i < SHARDS; i++)
        if (w->shards[i].status != THOR_OK) {
            *error = w->shards[i].error;
            return w->shards[i].status;
        }
    return THOR_OK;
}

/* ---- the update ------------------------------------------------------------------------------------------------ */

/* ((0+1)+(2+3))+((4+5)+(6+7)). */
static float *add_tree(work *w)
{
    for (int distance = 1; distance < SHARDS; distance *= 2)
        for (int i = 0; i < SHARDS; i += 2 * distance) {
            float *sum = w->shards[i].gradient;
            const float *more = w->shards[i + distance].gradient;
            for (int64_t j = 0; j < w->model.params.floats; j++)
                sum[j] = sum[j] + more[j];
        }
    return w->shards[0].gradient;
}

/* The losses of a step from those of its shards in their order. */
static thor_step_report report_of(const work *w)
{
    thor_step_report report = { .tokens = w->tokens, .source_tokens = w->source_tokens, .shards = SHARDS };
    const thor_config *config = &w->model.config;
    double smooth = 0, *part = report.part;
    for (int i = 0; i < SHARDS; i++) {
        const thor_losses *losses = &w->shards[i].losses;
        part[THOR_LOSS_NLL] += losses->nll_sum;
        smooth += losses->smooth_sum;
        for (int loss = THOR_LOSS_TASK; loss < THOR_LOSS_PARTS; loss++)
            part[loss] += losses->part[loss] / SHARDS;
    }
    part[THOR_LOSS_NLL] /= (double)w->tokens;
    part[THOR_LOSS_TOTAL] = smooth / (double)w->tokens + config->loss.task * part[THOR_LOSS_TASK] +
                            (config->loss.task_balance * part[THOR_LOSS_TASK_BALANCE] +
                             config->loss.token_balance * part[THOR_LOSS_TOKEN_BALANCE] +
                             config->loss.dynamic * part[THOR_LOSS_DYNAMIC] +
                             config->residual.budget_weight * part[THOR_LOSS_BUDGET] +
                             config->lingual.family_weight * part[THOR_LOSS_FAMILY]);
    return report;
}

static thor_status update(work *w, const char *order, thor_step_report *report, thor_error *error)
{
    thor_trainer *t = &w->trainer;
    if (strcmp(order, "ordered") == 0)
        return thor_trainer_step(t, w->batches, SHARDS, report, error);
    THOR_TRY(run_gradients(w, strcmp(order, "together") == 0, error));
    float *gradient = add_tree(w);
    *report = report_of(w);
    double norm = thor_gradient_norm_compute(&t->norm, t->compute, gradient);
    thor_adam_scalars scalars = thor_adam_make(&w->model.config, t->updates, norm);
    thor_adam_run(t->compute, &scalars, w->model.values, t->m, t->v, gradient, w->model.params.floats);
    t->updates++;
    return THOR_OK;
}

static thor_status run(char hex[65], work *w, const thor_config *config, int64_t steps, const thor_compute *compute,
                       const char *order, thor_error *error)
{
    thor_step_report report;
    THOR_TRY(invent(w, config, error));
    THOR_TRY(thor_model_open(&w->model, config, error));
    thor_params_init(w->model.values, &w->model.params, config->seed, NULL);
    THOR_TRY(thor_trainer_open(&w->trainer, &w->model, compute, &w->most, SHARDS, error));
    if (strcmp(order, "ordered") != 0)
        THOR_TRY(open_shards(w, compute, error));
    for (int64_t step = 0; step < steps; step++)
        THOR_TRY(update(w, order, &report, error));
    thor_digest_trainer(hex, &w->trainer, steps > 0 ? &report : NULL);
    return THOR_OK;
}

thor_status digest_shards(char hex[65], const thor_config *config, int64_t steps, const thor_compute *compute,
                          const char *order, thor_error *error)
{
    if (strcmp(order, "ordered") != 0 && strcmp(order, "reversed") != 0 && strcmp(order, "together") != 0)
        return thor_fail(error, THOR_E_USAGE, "'%s' is none of one, ordered, reversed, together", order);
    work *w = calloc(1, sizeof *w);
    if (!w)
        return thor_fail(error, THOR_E_MEMORY, "no memory for eight shards");
    thor_status status = run(hex, w, config, steps, compute, order, error);
    close_work(w);
    free(w);
    return status;
}
