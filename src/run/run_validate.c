/* Perplexity over the validation split. */
#include <math.h>
#include <stdlib.h>

#include "base/log.h"
#include "cluster/agree.h"
#include "run/run_parts.h"

typedef thor_run_sums sums;

static void add(sums *to, const thor_losses *losses)
{
    to->nll += losses->nll_sum;
    to->tokens += losses->tokens;
    to->right += losses->task_right;
    to->sentences += losses->task_sentences;
    to->routed += losses->routed_rows;
    to->chosen += losses->chosen_experts;
}

void thor_run_add_sums(thor_run_sums *to, const thor_run_sums *from)
{
    to->nll += from->nll;
    to->tokens += from->tokens;
    to->right += from->right;
    to->sentences += from->sentences;
    to->routed += from->routed;
    to->chosen += from->chosen;
}

/* One batch of a direction; tokens 0 where there is none of that number. */
static thor_status run_batch(thor_run *run, int32_t direction, int64_t index, thor_losses *losses, thor_error *error)
{
    const thor_batch *batch;
    *losses = (thor_losses){ .tokens = 0 };
    THOR_TRY(thor_sampler_fixed(run->data.sampler, THOR_VALID, direction, index, &batch, NULL, error));
    if (batch->sentences == 0)
        return THOR_OK;
    thor_pass_options options = { .seed = run->config.seed, .shards = 1, .step_tokens = batch->target_rows };
    return thor_pass_forward(run->trainer.pass, batch, &options, losses, error);
}

/* As many batches as there are processes, one for each, from `index` on; everybody adds all of them in order. *more
 * false: there was none for the last process. */
static thor_status run_window(thor_run *run, int32_t direction, int64_t index, int64_t most, thor_losses *all, sums *to,
                              bool *more, thor_error *error)
{
    const thor_cluster *cluster = run->options->cluster;
    int rank = thor_cluster_alone(cluster) ? 0 : cluster->rank, size = thor_cluster_alone(cluster) ? 1 : cluster->size;
    thor_losses own = { .tokens = 0 };
    thor_status status = THOR_OK;
    if (most == 0 || index + rank < most)
        status = run_batch(run, direction, index + rank, &own, error);
    THOR_TRY(thor_run_agree(run, status, error));
    all[0] = own;
    if (size > 1)
        cluster->exchange(cluster->state, &own, sizeof own, all);
    for (int r = 0; r < size; r++)
        if (all[r].tokens > 0)
            add(to, &all[r]);
    *more = all[size - 1].tokens > 0;
    return THOR_OK;
}

thor_status thor_run_sum_direction(thor_run *run, int32_t direction, int64_t most, thor_run_sums *to, bool *done,
                                   thor_error *error)
{
    int size = thor_cluster_alone(run->options->cluster) ? 1 : run->options->cluster->size;
    thor_losses *all = calloc((size_t)size, sizeof *all);
    thor_status status = THOR_OK;
    if (!all)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for the losses of %d processes", size);
    bool more = true;
    status = thor_run_agree(run, status, error);
    for (int64_t index = 0; status == THOR_OK && more && (most == 0 || index < most); index += size) {
        *done = !thor_run_agree_to_stop(run);
        if (!*done)
            break;
        status = run_window(run, direction, index, most, all, to, &more, error);
    }
    free(all);
    return status;
}

static double share(double part, int64_t whole)
{
    return whole > 0 ? part / (double)whole : NAN;
}

/* nll [directions]: of a token. */
static thor_status run_all(thor_run *run, sums *all, double *nll, int32_t count, bool *done, thor_error *error)
{
    for (int32_t i = 0; i < count && *done; i++) {
        sums one = { .nll = 0 };
        THOR_TRY(thor_run_sum_direction(run, i, run->options->validate_batches, &one, done, error));
        nll[i] = share(one.nll, one.tokens);
        thor_run_add_sums(all, &one);
    }
    return THOR_OK;
}

/* Equal measures do not replace the best. */
static bool is_better(const thor_run *run, const thor_validation *v)
{
    if (run->options->best_by == THOR_BEST_BY_PERPLEXITY)
        return !isfinite(run->state.best_nll) || v->nll < run->state.best_nll;
    return !isfinite(run->state.best_score) || v->score > run->state.best_score;
}

static thor_status judge(thor_run *run, const sums *all, double score, double seconds, const double *nll,
                         thor_error *error)
{
    thor_validation v = {
        .tokens = all->tokens,
        .nll = share(all->nll, all->tokens),
        .score = score,
        .task_accuracy = share((double)all->right, all->sentences),
        .experts_per_token = share((double)all->chosen, all->routed),
        .seconds = seconds,
    };
    if (!isfinite(v.nll))
        return thor_fail(error, THOR_E_NUMBER, "update %lld: the validation loss is not finite",
                         (long long)run->trainer.updates);
    v.best = is_better(run, &v);
    run->state.validated = run->trainer.updates;
    run->state.worse = v.best ? 0 : run->state.worse + 1;
    thor_status status = thor_run_is_first(run) ? thor_run_record_validation(run, &v, nll, error) : THOR_OK;
    THOR_TRY(thor_run_agree(run, status, error));
    if (run->listener.validated && thor_run_is_first(run))
        run->listener.validated(run->listener.context, run, &v);
    if (!v.best)
        return THOR_OK;
    run->state.best_nll = v.nll;
    run->state.best_score = v.score;
    run->state.best_updates = run->trainer.updates;
    return thor_run_save(run, true, error);
}

/* Rank 0 translates, and tells the others. */
static thor_status score_together(thor_run *run, double *score, bool *done, thor_error *error)
{
    thor_status status = THOR_OK;
    if (thor_run_is_first(run))
        status = thor_run_score_validation(run, score, done, error);
    THOR_TRY(thor_run_agree(run, status, error));
    thor_cluster_spread(run->options->cluster, score, sizeof *score);
    *done = thor_cluster_first_says(run->options->cluster, *done);
    return THOR_OK;
}

thor_status thor_run_validate(thor_run *run, bool *done, thor_error *error)
{
    int32_t count;
    sums all = { .nll = 0 };
    double start = thor_seconds(), score = NAN;
    thor_sampler_directions(run->data.sampler, &count);
    double *nll = malloc(((size_t)count + 1) * sizeof *nll);
    *done = true;
    if (!nll)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the losses of %d directions", (int)count);
    thor_status status = run_all(run, &all, nll, count, done, error);
    if (status == THOR_OK && *done && run->options->best_by != THOR_BEST_BY_PERPLEXITY)
        status = score_together(run, &score, done, error);
    if (status == THOR_OK && *done && all.tokens > 0)
        status = judge(run, &all, score, thor_seconds() - start, nll, error);
    free(nll);
    return status;
}
