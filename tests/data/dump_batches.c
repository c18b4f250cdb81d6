/* Prints the batches that a sampler deals, for tests/data/batches.sh to compare with a plain program's:
 *
 *   dump_batches FOLDER RECIPE SEED TEMPERATURE MAX-TOKENS MAX-PIECES SHARDS FIRST-EPOCH FIRST-BATCH STEPS
 *
 * A line for every shard of every step: epoch, place of the batch in it, then source-target:sentence for each
 * sentence. */
#include <stdio.h>
#include <stdlib.h>

#include "data/sampler_state.h"

/* `after`: the position behind the step. */
static void print_step(const thor_sampler *sampler, const thor_position *after, const thor_batch *shards,
                       int32_t count)
{
    for (int32_t k = 0; k < count; k++) {
        const thor_batch *shard = &shards[k];
        printf("%lld %lld", (long long)after->epoch, (long long)(after->batch - count + k));
        for (int64_t b = 0; b < shard->sentences; b++)
            printf(" %s-%s:%lld", sampler->config->languages.items[shard->source_language[b]],
                   sampler->config->languages.items[shard->target_language[b]],
                   (long long)sampler->shards[k].order[b]);
        putchar('\n');
    }
}

static thor_status dump(char **words, const thor_prepared *corpus, thor_config *config, thor_error *error)
{
    THOR_TRY(thor_config_recipe(config, words[2], error));
    for (int32_t i = 0; i < corpus->language_count; i++)
        THOR_TRY(thor_names_add(&config->languages, corpus->languages[i], error));
    config->vocab.ids = 4 + corpus->pieces + 1 + corpus->language_count;
    config->seed = strtoull(words[3], NULL, 10);
    config->batch.temperature = strtod(words[4], NULL);
    config->batch.max_tokens = (int32_t)atoi(words[5]);
    config->batch.max_pieces = (int32_t)atoi(words[6]);
    config->batch.shards = (int32_t)atoi(words[7]);
    thor_sampler *sampler;
    THOR_TRY(thor_sampler_open(&sampler, corpus, config, NULL, 0, error));
    thor_position at = { .epoch = atoll(words[8]), .batch = atoll(words[9]) };
    thor_status status = THOR_OK;
    for (int64_t step = 0; step < atoll(words[10]) && status == THOR_OK; step++) {
        const thor_batch *shards;
        int32_t count;
        status = thor_sampler_next(sampler, &at, &shards, &count, error);
        if (status == THOR_OK)
            print_step(sampler, &at, shards, count);
    }
    thor_sampler_close(sampler);
    return status;
}

int main(int argc, char **argv)
{
    thor_error error;
    thor_prepared corpus = { .languages = NULL };
    thor_config config = { .seed = 0 };
    if (argc != 11) {
        fprintf(stderr, "usage: dump_batches FOLDER RECIPE SEED TEMPERATURE MAX-TOKENS MAX-PIECES SHARDS FIRST-EPOCH "
                        "FIRST-BATCH STEPS\n");
        return 2;
    }
    thor_status status = thor_prepared_open(&corpus, argv[1], NULL, THOR_CHECK_CONTENT, &error);
    if (status == THOR_OK)
        status = dump(argv, &corpus, &config, &error);
    thor_config_free(&config);
    thor_prepared_close(&corpus);
    if (status != THOR_OK)
        fprintf(stderr, "dump_batches: %s\n", error.text);
    return thor_exit_code(status);
}
