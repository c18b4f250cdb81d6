/* The digest of a training, by the core alone: what a machine without JSON, Unicode and BLAS can still prove.
 *
 *   core_digest RECIPE SCALE STEPS ISA THREADS [one | ordered | reversed | together]
 *
 * prints SHA-256 (train/digest.h) after STEPS updates on the batch that the golden command invents, seed 1, dropout as
 * in the recipe. `one`: that batch is the only shard. The others: eight shards, invented from seeds 1 to 8, computed
 * one after another by the trainer, in the opposite order, or at the same time on a thread each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shards_digest.h"
#include "train/digest.h"

enum { SEED = 1, WORDS = 6 };

static thor_status make_config(thor_config *config, const char *recipe, const char *scale, thor_error *error)
{
    thor_invention invention = thor_invention_default();
    THOR_TRY(thor_config_recipe(config, recipe, error));
    THOR_TRY(thor_config_scale(config, scale, error));
    config->seed = SEED;
    if (strcmp(recipe, "ls-moe") == 0)
        config->moe.experts = 2 * (int32_t)invention.languages;     /* two for each */
    return thor_invented_config(config, &invention, error);
}

static thor_status digest_one(char hex[65], const thor_config *config, int64_t steps, const thor_compute *compute,
                              thor_error *error)
{
    thor_invention invention = thor_invention_default();
    thor_invented_batch invented;
    THOR_TRY(thor_invented_batch_make(&invented, config, &invention, SEED, error));
    thor_status status = thor_digest_run(hex, config, &invented.batch, steps, compute, error);
    thor_invented_batch_free(&invented);
    return status;
}

static thor_status digest(char hex[65], char *words[], thor_error *error)
{
    thor_config config = { .seed = 0 };
    thor_compute compute = { .kernels = NULL };
    int64_t steps = strtoll(words[2], NULL, 10);
    thor_status status = make_config(&config, words[0], words[1], error);
    if (status == THOR_OK)
        status = thor_compute_open(&compute, words[3], (int)strtol(words[4], NULL, 10), error);
    if (status == THOR_OK)
        status = strcmp(words[5], "one") == 0 ? digest_one(hex, &config, steps, &compute, error)
                                              : digest_shards(hex, &config, steps, &compute, words[5], error);
    thor_compute_close(&compute);
    thor_config_free(&config);
    return status;
}

int main(int count, char *argument[])
{
    char hex[65] = "", one[] = "one";
    char *words[WORDS] = { NULL, NULL, NULL, NULL, NULL, one };
    thor_error error = { .text = "" };
    if (count < WORDS || count > WORDS + 1) {
        fprintf(stderr, "usage: core_digest RECIPE SCALE STEPS ISA THREADS [one | ordered | reversed | together]\n");
        return 2;
    }
    for (int i = 1; i < count; i++)
        words[i - 1] = argument[i];
    if (digest(hex, words, &error) != THOR_OK) {
        fprintf(stderr, "core_digest: %s\n", error.text);
        return 1;
    }
    printf("%s\n", hex);
    return 0;
}
