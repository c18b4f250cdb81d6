/* Perplexity over the validation split. */
#include <jansson.h>
#include <math.h>

#include "base/dmath.h"
#include "cli/train_cli.h"

/* Sums over batches. */
typedef struct {
    double nll;
    int64_t tokens, right, sentences, routed, chosen;
} sums;

static void add(sums *to, const thor_losses *losses)
{
    to->nll += losses->nll_sum;
    to->tokens += losses->tokens;
    to->right += losses->task_right;
    to->sentences += losses->task_sentences;
    to->routed += losses->routed_rows;
    to->chosen += losses->chosen_experts;
}

static void add_sums(sums *to, const sums *from)
{
    to->nll += from->nll;
    to->tokens += from->tokens;
    to->right += from->right;
    to->sentences += from->sentences;
    to->routed += from->routed;
    to->chosen += from->chosen;
}

static thor_status run_direction(thor_run *run, int32_t direction, sums *to, thor_error *error)
{
    int64_t most = run->options->validate_batches;
    for (int64_t index = 0; most == 0 || index < most; index++) {
        const thor_batch *batch;
        thor_losses losses;
        THOR_TRY(thor_sampler_fixed(run->sampler, THOR_VALID, direction, index, &batch, NULL, error));
        if (batch->sentences == 0)
            break;
        thor_pass_options options = { .seed = run->config.seed, .shards = 1, .step_tokens = batch->target_rows };
        THOR_TRY(thor_pass_forward(run->trainer.pass, batch, &options, &losses, error));
        add(to, &losses);
    }
    return THOR_OK;
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static void put_direction(const thor_run *run, json_t *object, int32_t index, const sums *s)
{
    int32_t count;
    char name[160];
    const thor_direction *direction = &thor_sampler_directions(run->sampler, &count)[index];
    int32_t domain = direction->domain;
    snprintf(name, sizeof name, "%.40s-%.40s%s%.40s", run->config.languages.items[direction->source_language],
             run->config.languages.items[direction->target_language], domain < 0 ? "" : "/",
             domain < 0 ? "" : run->corpus.domains[domain]);
    if (s->tokens > 0)
        thor_train_put(object, name, s->nll / (double)s->tokens);
}

static thor_status run_all(thor_run *run, sums *all, json_t *directions, thor_error *error)
{
    int32_t count;
    thor_sampler_directions(run->sampler, &count);
    for (int32_t i = 0; i < count; i++) {
        sums one = { .nll = 0 };
        THOR_TRY(run_direction(run, i, &one, error));
        put_direction(run, directions, i, &one);
        add_sums(all, &one);
    }
    return THOR_OK;
}

static thor_status record(thor_run *run, const sums *all, double seconds, json_t *directions, thor_error *error)
{
    double nll = all->nll / (double)all->tokens;
    json_t *line = json_object();
    json_object_set_new(line, "validation", json_true());
    json_object_set_new(line, "step", json_integer((json_int_t)run->trainer.updates));
    json_object_set_new(line, "tokens", json_integer((json_int_t)all->tokens));
    thor_train_put(line, "nll", nll);
    thor_train_put(line, "perplexity", thor_exp(nll));
    thor_train_put(line, "task_accuracy", share(all->right, all->sentences));
    thor_train_put(line, "experts_per_token", share(all->chosen, all->routed));
    thor_train_put(line, "validation_seconds", seconds);
    thor_train_put(line, "seconds", run->seconds_before + (thor_seconds() - run->started));
    json_object_set(line, "directions", directions);
    return thor_train_write_line(run, line, error);
}

static thor_status judge(thor_run *run, const sums *all, double seconds, json_t *directions, thor_error *error)
{
    double nll = all->nll / (double)all->tokens;
    if (!isfinite(nll))
        return thor_fail(error, THOR_E_NUMBER, "update %lld: the validation loss is not finite",
                         (long long)run->trainer.updates);
    bool best = !isfinite(run->state.best_nll) || nll < run->state.best_nll;
    THOR_TRY(record(run, all, seconds, directions, error));
    thor_log_keep(&run->log, "%lld validation: loss %.4f ppl %.2f%s", (long long)run->trainer.updates, nll,
                  thor_exp(nll), best ? ", the best so far" : "");
    if (!best)
        return THOR_OK;
    run->state.best_nll = nll;
    run->state.best_updates = run->trainer.updates;
    return thor_train_save(run, true, error);
}

thor_status thor_train_validate(thor_run *run, thor_error *error)
{
    sums all = { .nll = 0 };
    double start = thor_seconds();
    json_t *directions = json_object();
    if (!directions)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a validation's record");
    thor_status status = run_all(run, &all, directions, error);
    if (status == THOR_OK && all.tokens > 0)
        status = judge(run, &all, thor_seconds() - start, directions, error);
    json_decref(directions);
    run->window.since += thor_seconds() - start;
    return status;
}
