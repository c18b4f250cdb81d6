/* Memory and work, said before anything is taken. */
#include <stdio.h>

#include "base/units.h"
#include "cli/train_cli.h"

static void show_part(thor_log *log, const char *what, double bytes)
{
    char text[32];
    thor_log_say(log, THOR_LOG_NORMAL, "  %-28s %10s", what, thor_bytes_text(text, bytes));
}

void train_show_plan(thor_log *log, const thor_run *run)
{
    const thor_run_memory *memory = &run->memory;
    const thor_run_work *work = &run->work;
    char gradients[64];
    snprintf(gradients, sizeof gradients, "gradients, %d of them", memory->gradient_blocks);
    thor_log_say(log, THOR_LOG_NORMAL, "parameters: %lld in %d tensors", (long long)run->model.params.elements,
                 (int)run->model.params.count);
    thor_log_say(log, THOR_LOG_NORMAL, "memory:");
    show_part(log, "parameters", memory->parameters);
    show_part(log, "Adam's moments", memory->moments);
    show_part(log, gradients, memory->gradients);
    show_part(log, "activations of one shard", memory->activations);
    show_part(log, "packed matrices", memory->packing);
    show_part(log, "together", memory->total);
    thor_log_say(log, THOR_LOG_NORMAL, "work: %.1f GFLOP an update of %d shards, the first with %.0f target tokens; "
                 "%lld updates", work->operations * 1e-9, (int)work->shards, work->target_tokens,
                 (long long)run->config.schedule.updates);
}
