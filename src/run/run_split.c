#include "run/run_split.h"

#include <stdio.h>
#include <string.h>

#include "data/directions.h"
#include "data/format.h"

/* A model over the data, with a pass that grows with the batches. */
typedef struct reader {
    const thor_model *model;
    const thor_compute *compute;
    thor_sampler *sampler;
    thor_pass *pass;
    thor_shape most;
    thor_split split;
    thor_split_receiver *receive;
    void *context;
    int64_t sentences;
} reader;

static void enlarge(int64_t *most, int64_t value, bool *grown)
{
    if (value > *most) {
        *most = value;
        *grown = true;
    }
}

static thor_status fit_pass(reader *r, const thor_batch *batch, thor_error *error)
{
    bool grown = r->pass == NULL;
    enlarge(&r->most.sentences, batch->sentences, &grown);
    enlarge(&r->most.source_rows, batch->source_rows, &grown);
    enlarge(&r->most.target_rows, batch->target_rows, &grown);
    enlarge(&r->most.source_width, batch->source_width, &grown);
    enlarge(&r->most.target_width, batch->target_width, &grown);
    if (!grown)
        return THOR_OK;
    thor_pass_close(r->pass);
    r->pass = NULL;
    return thor_pass_open(&r->pass, r->model, r->compute, &r->most, false, error);
}

static thor_status run_batch(reader *r, thor_split_step *step, thor_error *error)
{
    thor_losses losses;
    thor_pass_options options = { .seed = r->model->config.seed, .shards = 1,
                                  .step_tokens = step->batch->target_rows };
    THOR_TRY(fit_pass(r, step->batch, error));
    THOR_TRY(thor_pass_forward(r->pass, step->batch, &options, &losses, error));
    step->pass = r->pass;
    step->losses = &losses;
    r->sentences += step->batch->sentences;
    return r->receive(r->context, step, error);
}

static thor_status run_directions(reader *r, thor_error *error)
{
    int32_t count;
    const thor_direction *directions = thor_sampler_directions(r->sampler, &count);
    for (int32_t i = 0; i < count; i++)
        for (int64_t index = 0;; index++) {
            thor_split_step step = { .direction = &directions[i], .direction_number = i };
            THOR_TRY(thor_sampler_fixed(r->sampler, r->split, i, index, &step.batch, &step.order, error));
            if (step.batch->sentences == 0)
                break;
            THOR_TRY(run_batch(r, &step, error));
        }
    return THOR_OK;
}

/* The splits with sentences in the directions that are looked at. */
static thor_status no_sentences(const reader *r, const thor_prepared *corpus, const char *folder, thor_error *error)
{
    char others[64] = "";
    int32_t count;
    const thor_direction *directions = thor_sampler_directions(r->sampler, &count);
    for (int split = 0; split < THOR_SPLITS; split++) {
        int64_t sentences = 0;
        size_t used = strlen(others);
        for (int32_t i = 0; i < count; i++)
            sentences += corpus->pairs[directions[i].pair].count[split];
        if (sentences > 0 && split != (int)r->split)
            snprintf(others + used, sizeof others - used, "%s%s", used ? ", " : "", thor_split_name((thor_split)split));
    }
    return thor_fail(error, THOR_E_FAILED, "%s: the split %s has no sentences in the model's directions; %s%s", folder,
                     thor_split_name(r->split), others[0] ? "there are some in: " : "nor has any other split", others);
}

thor_status thor_split_run(const thor_model *model, const thor_compute *compute, const thor_prepared *corpus,
                           const char *folder, thor_split split, thor_split_receiver *receive, void *context,
                           thor_error *error)
{
    reader r = { .model = model, .compute = compute, .split = split, .receive = receive, .context = context };
    thor_status status = thor_directions_sampler(&r.sampler, corpus, &model->config, folder, error);
    if (status == THOR_OK)
        status = run_directions(&r, error);
    if (status == THOR_OK && r.sentences == 0)
        status = no_sentences(&r, corpus, folder, error);
    thor_sampler_close(r.sampler);
    thor_pass_close(r.pass);
    return status;
}
