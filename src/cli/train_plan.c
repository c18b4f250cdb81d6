/* Memory and work, said before anything is taken. */
#include "cli/machine.h"
#include "cli/train_cli.h"
#include "train/reduce.h"

static void say_part(thor_run *run, const char *what, double bytes)
{
    char text[32];
    thor_log_say(&run->log, THOR_LOG_NORMAL, "  %-28s %10s", what, thor_bytes_text(text, bytes));
}

/* Returns the bytes of everything. */
static double say_memory(thor_run *run)
{
    char gradients[64];
    int buffers = thor_reduce_buffers(run->config.batch.shards);
    double block = (double)run->model.params.floats * sizeof(float);
    double activations = (double)thor_pass_bytes(&run->model, &run->most, true, run->compute.par.threads);
    double packing = (double)run->compute.pack_floats * sizeof(float) * run->compute.par.threads;
    double total = (3 + buffers) * block + activations + packing;
    snprintf(gradients, sizeof gradients, "gradients, %d of them", buffers);
    thor_log_say(&run->log, THOR_LOG_NORMAL, "memory:");
    say_part(run, "parameters", block);
    say_part(run, "Adam's moments", 2 * block);
    say_part(run, gradients, buffers * block);
    say_part(run, "activations of one shard", activations);
    say_part(run, "packed matrices", packing);
    say_part(run, "together", total);
    return total;
}

/* A token of a mixture has k experts, or about as many as reach p. */
static double likely_experts(const thor_config *config)
{
    return config->router.policy == THOR_TOP_K ? config->router.k : config->router.p * thor_config_candidates(config);
}

/* The work of the epoch's first step stands for all. */
static thor_status say_work(thor_run *run, thor_error *error)
{
    const thor_batch *shards;
    int32_t count;
    thor_position position = { 0, 0 };
    double work = 0, tokens = 0;
    THOR_TRY(thor_sampler_next(run->sampler, &position, &shards, &count, error));
    for (int32_t i = 0; i < count; i++) {
        thor_lengths lengths = thor_lengths_of(&shards[i]);
        work += 3 * thor_work_forward(&run->config, &lengths, likely_experts(&run->config)).total;
        tokens += lengths.target_rows;
    }
    thor_log_say(&run->log, THOR_LOG_NORMAL, "work: %.1f GFLOP an update of %d shards, the first with %.0f target "
                 "tokens; %lld updates", work * 1e-9, (int)count, tokens, (long long)run->config.schedule.updates);
    return THOR_OK;
}

thor_status thor_train_plan(thor_run *run, thor_error *error)
{
    char have[32], need[32];
    THOR_TRY(thor_model_plan(&run->model, &run->config, error));
    thor_log_say(&run->log, THOR_LOG_NORMAL, "parameters: %lld in %d tensors", (long long)run->model.params.elements,
                 (int)run->model.params.count);
    double bytes = say_memory(run);
    size_t machine = thor_machine_memory();
    THOR_TRY(say_work(run, error));
    if (machine > 0 && bytes > (double)machine && !run->options->force)
        return thor_fail(error, THOR_E_MEMORY, "this needs %s, the machine has %s; try a smaller --scale, "
                         "batch.max_tokens or batch.shards, or --force", thor_bytes_text(need, bytes),
                         thor_bytes_text(have, (double)machine));
    return THOR_OK;
}
