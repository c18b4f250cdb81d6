#include "run/run_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "data/directions.h"
#include "data/format.h"
#include "model/sequence.h"

enum { MOST_VOCABULARY = 1 << 28, MOST_INDEX = 1 << 28 };

static thor_status take_names(thor_names *names, char *const *items, int32_t count, thor_error *error)
{
    for (int32_t i = 0; i < count && names->count < count; i++)
        THOR_TRY(thor_names_add(names, items[i], error));
    return THOR_OK;
}

static thor_status take_directions(thor_config *config, const thor_prepared *corpus, const char *folder,
                                   const char *directions, thor_setup setup, thor_error *error)
{
    if (!directions && config->pairs.count > 0)
        return THOR_OK;
    if (!directions)
        directions = thor_setup_into_english(setup, corpus->languages, corpus->language_count) ? "*-en" : "*-*";
    return thor_directions_choose(&config->pairs, corpus, directions, folder, error);
}

thor_status thor_run_data_complete(thor_config *config, const thor_prepared *corpus, const char *folder,
                                   const char *directions, thor_setup setup, thor_error *error)
{
    if (config->languages.count == 0)
        THOR_TRY(take_names(&config->languages, corpus->languages, corpus->language_count, error));
    if (config->domains.count == 0)
        THOR_TRY(take_names(&config->domains, corpus->domains, corpus->domain_count, error));
    THOR_TRY(take_directions(config, corpus, folder, directions, setup, error));
    int32_t ids = (int32_t)thor_sequence_ids(corpus->pieces, config->languages.count);
    if (config->vocab.ids != 0 && config->vocab.ids != ids)
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d, but the vocabulary of %s and %d languages have %d ids",
                         (int)config->vocab.ids, folder, (int)config->languages.count, (int)ids);
    config->vocab.ids = ids;
    config->vocab.size = corpus->pieces;
    thor_config_settle(config);
    return thor_config_check(config, error);
}

/* corpus.index has the checksum of every other file of the corpus: its own stands for all of them. */
static thor_status take_checksum(char checksum[65], const char *folder, thor_error *error)
{
    char *text, *path = thor_path(folder, THOR_DATA_INDEX);
    size_t count;
    thor_sha256 hash;
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", folder);
    thor_status status = thor_read_file(path, MOST_INDEX, &text, &count, error);
    free(path);
    THOR_TRY(status);
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, count);
    thor_sha256_hex(&hash, checksum);
    free(text);
    return THOR_OK;
}

thor_status thor_run_data_open(thor_run_data *data, thor_config *config, const char *folder, const char *directions,
                               thor_setup setup, const thor_par *par, thor_error *error)
{
    thor_shape *most = &data->most;
    THOR_TRY(thor_prepared_open(&data->corpus, folder, par, THOR_CHECK_CONTENT, error));
    THOR_TRY(thor_run_data_complete(config, &data->corpus, folder, directions, setup, error));
    THOR_TRY(take_checksum(data->checksum, folder, error));
    THOR_TRY(thor_read_file(data->corpus.vocabulary_path, MOST_VOCABULARY, &data->vocabulary, &data->vocabulary_count,
                            error));
    THOR_TRY(thor_directions_sampler(&data->sampler, &data->corpus, config, folder, error));
    thor_sampler_limits(data->sampler, &most->sentences, &most->source_rows, &most->source_width, &most->target_width);
    most->target_rows = most->source_rows;
    return THOR_OK;
}

void thor_run_data_close(thor_run_data *data)
{
    thor_sampler_close(data->sampler);
    thor_prepared_close(&data->corpus);
    free(data->vocabulary);
    *data = (thor_run_data){ .sampler = NULL };
}
