/* The steps of a run. */
#include "run/run.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/machine.h"
#include "base/units.h"
#include "cluster/partials.h"
#include "file/config_json.h"
#include "run/run_parts.h"
#include "simd/blas.h"
#include "train/reduce.h"

/* ---- 1: recipe, scale, keys ---- */

static thor_status load_base(thor_run *run, thor_error *error)
{
    if (run->options->recipe)
        return thor_config_load(&run->config, run->options->recipe, error);
    if (run->resumed)
        return thor_checkpoint_config(&run->config, run->last, error);
    return thor_fail(error, THOR_E_USAGE, "--recipe is missing: name a recipe such as thor-top2, or a configuration "
                     "file");
}

/* On rank 0, which alone sees the folder. */
static thor_status make_config(thor_run *run, thor_error *error)
{
    const thor_run_options *o = run->options;
    if (o->output)
        THOR_TRY(thor_run_look(run, error));
    THOR_TRY(load_base(run, error));
    return thor_config_adjust(&run->config, o->setup, o->scale, o->set, o->set_count, error);
}

thor_status thor_run_configure(thor_run *run, const thor_run_options *options, const thor_run_listener *listener,
                               thor_error *error)
{
    run->options = options;
    if (listener)
        run->listener = *listener;
    THOR_TRY(thor_run_share_config(run, thor_run_is_first(run) ? make_config(run, error) : THOR_OK, error));
    run->target = run->config.schedule.updates;
    if (options->updates > 0 && options->updates < run->target)
        run->target = options->updates;
    return thor_config_check(&run->config, error);
}

/* ---- 2 and 3: compute and data ---- */

static thor_status open_compute(thor_run *run, thor_error *error)
{
    THOR_TRY(thor_compute_open(&run->compute, run->options->isa, run->options->threads, error));
    return thor_backend_choose(&run->compute, run->options->backend ? run->options->backend : "reference", error);
}

thor_status thor_run_open_compute(thor_run *run, thor_error *error)
{
    return thor_run_agree(run, open_compute(run, error), error);
}

static thor_status open_data(thor_run *run, thor_error *error)
{
    if (!run->options->data)
        return thor_fail(error, THOR_E_USAGE, "--data is missing: name a folder that 'thor prepare' wrote");
    thor_par par = thor_par_make(run->options->threads);
    return thor_run_data_open(&run->data, &run->config, run->options->data, run->options->directions,
                              run->options->setup, &par, error);
}

thor_status thor_run_open_data(thor_run *run, thor_error *error)
{
    THOR_TRY(thor_run_agree(run, open_data(run, error), error));
    return thor_run_compare(run, error);
}

/* ---- 4: the plan ---- */

static thor_run_memory memory_of(const thor_run *run)
{
    const thor_cluster *cluster = run->options->cluster;
    bool alone = thor_cluster_alone(cluster);
    int32_t shards = run->config.batch.shards;
    int blocks = alone ? thor_reduce_buffers(shards) : thor_partial_blocks(shards, cluster->size, cluster->rank);
    double block = (double)run->model.params.floats * sizeof(float);
    thor_run_memory m = {
        .parameters = block,
        .moments = 2 * block / (alone ? 1 : cluster->size),
        .gradients = blocks * block,
        .activations = (double)thor_pass_bytes(&run->model, &run->data.most, true, run->compute.par.threads),
        .packing = (double)run->compute.pack_floats * sizeof(float) * run->compute.par.threads,
        .gradient_blocks = blocks,
    };
    m.total = m.parameters + m.moments + m.gradients + m.activations + m.packing;
    return m;
}

static thor_status measure_work(thor_run *run, thor_error *error)
{
    const thor_batch *shards;
    thor_position position = { 0, 0 };
    THOR_TRY(thor_sampler_next(run->data.sampler, &position, &shards, &run->work.shards, error));
    for (int32_t i = 0; i < run->work.shards; i++) {
        thor_lengths lengths = thor_lengths_of(&shards[i]);
        run->work.operations += 3 * thor_work_forward(&run->config, &lengths, thor_likely_experts(&run->config)).total;
        run->work.target_tokens += lengths.target_rows;
    }
    return THOR_OK;
}

thor_status thor_run_plan(thor_run *run, thor_error *error)
{
    THOR_TRY(thor_run_agree(run, thor_model_plan(&run->model, &run->config, error), error));
    run->memory = memory_of(run);
    return thor_run_agree(run, measure_work(run, error), error);
}

/* ---- 5: the start ---- */

thor_status thor_run_check_memory(const thor_run *run, thor_error *error)
{
    char have[32], need[32];
    double machine = (double)thor_machine_memory();
    if (machine > 0 && run->memory.total > machine && !run->options->force)
        return thor_fail(error, THOR_E_MEMORY, "this needs %s, the machine has %s; try a smaller --scale, "
                         "batch.max_tokens or batch.shards, or --force", thor_bytes_text(need, run->memory.total),
                         thor_bytes_text(have, machine));
    return THOR_OK;
}

static void tell_left_out(const thor_run *run)
{
    static const char *const names[] = { [THOR_TRAIN] = "training", [THOR_VALID] = "validation" };
    for (int split = THOR_TRAIN; split <= THOR_VALID; split++) {
        int64_t all, left_out = thor_sampler_left_out(run->data.sampler, (thor_split)split, &all);
        if (left_out > 0)
            thor_run_warn(run, "%lld of %lld %s pairs have a side with more than batch.max_pieces (%d) pieces and are "
                          "left out; --set batch.max_pieces=N takes longer ones", (long long)left_out, (long long)all,
                          names[split], (int)run->config.batch.max_pieces);
    }
}

static thor_status take_memory(thor_run *run, thor_error *error)
{
    THOR_TRY(thor_run_check_memory(run, error));
    if (!run->options->output)
        return thor_fail(error, THOR_E_USAGE, "-o is missing: name the folder that the run is written to");
    THOR_TRY(thor_model_take(&run->model, &run->compute.par, error));
    return thor_trainer_open_together(&run->trainer, &run->model, &run->compute, &run->data.most,
                                      run->config.batch.shards, run->options->cluster, NULL, error);
}

thor_status thor_run_start(thor_run *run, thor_error *error)
{
    THOR_TRY(thor_run_agree(run, take_memory(run, error), error));
    THOR_TRY(thor_run_share_start(run, thor_run_is_first(run) ? thor_run_enter(run, error) : THOR_OK, error));
    if (run->resumed && run->trainer.share.cluster)
        THOR_TRY(thor_run_share_moments(run, error));
    if (thor_run_is_first(run))
        tell_left_out(run);
    run->started = thor_seconds();
    run->seconds_before = run->state.seconds;
    run->updates_before = run->trainer.updates;
    return THOR_OK;
}

thor_status thor_run_open(thor_run *run, const thor_run_options *options, const thor_run_listener *listener,
                          thor_error *error)
{
    THOR_TRY(thor_run_configure(run, options, listener, error));
    THOR_TRY(thor_run_open_compute(run, error));
    THOR_TRY(thor_run_open_data(run, error));
    THOR_TRY(thor_run_plan(run, error));
    return thor_run_start(run, error);
}

void thor_run_close(thor_run *run)
{
    if (run->metrics)
        fclose(run->metrics);
    thor_trainer_close(&run->trainer);
    thor_model_close(&run->model);
    thor_compute_close(&run->compute);
    thor_run_data_close(&run->data);
    thor_config_free(&run->config);
    free(run->last);
    free(run->best);
    free(run->config_path);
    free(run->metrics_path);
    *run = (thor_run){ .target = 0 };
}
