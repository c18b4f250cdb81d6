#include "bench_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "model/sequence.h"

enum { FIRST_PIECE = 4 };

static void set_system(thor_config *config, const bench_work *work)
{
    config->moe.experts = work->experts;
    config->moe.every = work->every;
    config->moe.capacity_factor = 0;
    config->task.representation = THOR_REPRESENTATION_NONE;
    config->task.use = THOR_USE_NONE;
    config->context.form = THOR_CONTEXT_NONE;
    config->loss.task = config->loss.task_balance = config->loss.dynamic = 0;
}

thor_status bench_work_config(thor_config *config, const bench_work *work, thor_error *error)
{
    THOR_TRY(thor_config_recipe(config, work->experts > 0 ? "thor-top2" : "dense", error));
    THOR_TRY(thor_config_scale(config, work->size, error));
    if (work->experts > 0)
        set_system(config, work);
    config->model.dropout = config->model.attention_dropout = config->model.activation_dropout = work->dropout;
    config->loss.label_smoothing = work->smoothing;
    config->batch.shards = 1;
    THOR_TRY(thor_names_add(&config->languages, "en", error));
    THOR_TRY(thor_names_add(&config->languages, "de", error));
    config->vocab.ids = strcmp(work->size, "base") == 0 ? 32000 : 8000;
    return thor_config_check(config, error);
}

static void draw(int32_t *ids, int64_t count, const thor_config *config, uint32_t which)
{
    thor_rng rng = thor_rng_make(config->seed, THOR_SITE_TEST + which, 0, 0);
    int32_t pieces = thor_config_cls(config) - FIRST_PIECE;
    for (int64_t i = 0; i < count; i++)
        ids[i] = FIRST_PIECE + (int32_t)thor_rng_below(&rng, (uint64_t)i, (uint64_t)pieces);
}

thor_status bench_work_batch(thor_batch *batch, const bench_work *work, const thor_config *config, thor_error *error)
{
    int64_t B = work->sentences, rows = B * work->length;
    int64_t *offset = malloc((size_t)(B + 1) * sizeof *offset);
    int32_t *ids = calloc((size_t)(3 * rows + 3 * B), sizeof *ids);
    *batch = (thor_batch){ .sentences = B, .source_rows = rows, .target_rows = rows, .source_width = work->length,
                           .target_width = work->length, .source_offset = offset, .target_offset = offset,
                           .source = ids };
    if (!offset || !ids) {
        bench_work_free_batch(batch);
        return thor_fail(error, THOR_E_MEMORY, "no memory for a batch of %lld rows", (long long)rows);
    }
    for (int64_t b = 0; b <= B; b++)
        offset[b] = b * work->length;
    for (int side = 0; side < 3; side++)
        draw(ids + side * rows, rows, config, (uint32_t)side);
    batch->target_in = ids + rows;
    batch->target_out = ids + 2 * rows;
    batch->source_language = ids + 3 * rows;        /* all 0 */
    batch->target_language = batch->source_language + B;
    batch->task_label = batch->target_language + B;
    return THOR_OK;
}

void bench_work_free_batch(thor_batch *batch)
{
    free((void *)(uintptr_t)batch->source_offset);
    free((void *)(uintptr_t)batch->source);
    *batch = (thor_batch){ .sentences = 0 };
}
