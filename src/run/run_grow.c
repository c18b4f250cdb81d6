/* Groups of experts that grow (thor-model(7), lingual-moe). */
#include <math.h>
#include <string.h>

#include "model/families.h"
#include "model/systems.h"
#include "run/run_parts.h"

bool thor_run_owes_growth(const thor_run *run)
{
    int64_t updates = run->trainer.updates;
    return thor_system_has_groups(&run->config) && updates > run->state.grown &&
           updates % run->config.lingual.grow_every == 0;
}

/* The whole set, and the classes of target languages. */
typedef struct {
    thor_run_sums all, of[THOR_GROUPS];
} tally;

static thor_status count_all(thor_run *run, tally *t, bool *done, thor_error *error)
{
    int32_t count;
    const thor_direction *directions = thor_sampler_directions(run->data.sampler, &count);
    *done = true;
    for (int32_t i = 0; i < count && *done; i++) {
        thor_run_sums one = { .nll = 0 };
        THOR_TRY(thor_run_sum_direction(run, i, 0, &one, done, error));
        thor_run_add_sums(&t->all, &one);
        thor_run_add_sums(&t->of[thor_language_class(&run->config, directions[i].target_language)], &one);
    }
    return THOR_OK;
}

static double per_token(const thor_run_sums *sums)
{
    return sums->tokens > 0 ? sums->nll / (double)sums->tokens : NAN;
}

/* The model's copy of the configuration is what a pass reads and a checkpoint holds. */
static void grow(thor_run *run, const double *nll)
{
    int32_t *sizes = run->config.lingual.sizes;
    for (int i = 0; i < THOR_GROUPS; i++)
        if (nll[i] > run->state.group_best && sizes[i] < run->config.moe.experts)      /* no sentences: NaN */
            sizes[i]++;
    memcpy(run->model.config.lingual.sizes, sizes, sizeof run->config.lingual.sizes);
}

thor_status thor_run_grow(thor_run *run, bool *done, thor_error *error)
{
    tally t = { .all = { .nll = 0 } };
    double nll[THOR_GROUPS];
    THOR_TRY(count_all(run, &t, done, error));
    if (!*done)
        return THOR_OK;
    double all = per_token(&t.all);
    for (int i = 0; i < THOR_GROUPS; i++)
        nll[i] = per_token(&t.of[i]);
    if (t.all.tokens > 0 && !isfinite(all))
        return thor_fail(error, THOR_E_NUMBER, "update %lld: the validation loss is not finite",
                         (long long)run->trainer.updates);
    if (!(run->state.group_best <= all))
        run->state.group_best = all;
    run->state.grown = run->trainer.updates;
    grow(run, nll);
    thor_status status = thor_run_is_first(run) ? thor_run_record_growth(run, all, nll, error) : THOR_OK;
    return thor_run_agree(run, status, error);
}
