/* From options and data to a complete configuration. */
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hash.h"
#include "cli/train_cli.h"
#include "data/format.h"
#include "file/config_json.h"

enum { MOST_VOCABULARY = 1 << 28, MOST_INDEX = 1 << 28 };

/* ---- recipe, scale, keys ---- */

static thor_status load_base(thor_run *run, thor_error *error)
{
    if (run->options->recipe)
        return thor_config_load(&run->config, run->options->recipe, error);
    if (run->resumed)
        return thor_checkpoint_config(&run->config, run->last, error);
    return thor_fail(error, THOR_E_USAGE, "--recipe is missing: name a recipe such as thor-top2, or a configuration "
                     "file");
}

thor_status thor_train_configure(thor_run *run, thor_error *error)
{
    const thor_train_options *options = run->options;
    THOR_TRY(load_base(run, error));
    if (options->scale)
        THOR_TRY(thor_config_scale(&run->config, options->scale, error));
    for (size_t i = 0; i < options->set.count; i++)
        THOR_TRY(thor_config_set(&run->config, options->set.items[i], error));
    return thor_config_check(&run->config, error);
}

/* ---- directions ---- */

static void direction_name(char name[160], const thor_prepared *corpus, const thor_pair *pair, int source_side)
{
    const char *first = corpus->languages[pair->first], *second = corpus->languages[pair->second];
    snprintf(name, 160, "%.70s-%.70s", source_side ? second : first, source_side ? first : second);
}

/* "de-en", "de-*", "*-en". */
static bool matches(const char *pattern, size_t length, const char *name)
{
    size_t i = 0;
    for (; i < length; i++, name++) {
        if (pattern[i] == '*') {
            while (*name && *name != '-')
                name++;
            name--;
        } else if (pattern[i] != *name) {
            return false;
        }
    }
    return *name == '\0';
}

/* Adds `name` to the sorted list, once. */
static thor_status add_sorted(thor_names *names, const char *name, thor_error *error)
{
    if (thor_names_find(names, name) >= 0)
        return THOR_OK;
    THOR_TRY(thor_names_add(names, name, error));
    char *item = names->items[names->count - 1];
    int32_t i = names->count - 1;
    for (; i > 0 && strcmp(names->items[i - 1], item) > 0; i--)
        names->items[i] = names->items[i - 1];
    names->items[i] = item;
    return THOR_OK;
}

/* Adds the corpus's directions that match. */
static thor_status add_matching(thor_run *run, const char *pattern, size_t length, thor_error *error)
{
    char name[160];
    int32_t found = 0;
    for (int32_t i = 0; i < 2 * run->corpus.pair_count; i++) {
        direction_name(name, &run->corpus, &run->corpus.pairs[i / 2], i % 2);
        if (!matches(pattern, length, name))
            continue;
        found++;
        THOR_TRY(add_sorted(&run->config.pairs, name, error));
    }
    if (found == 0)
        return thor_fail(error, THOR_E_USAGE, "--directions: '%.*s' is no direction of %s; write them as de-en or "
                         "*-en, separated by commas", (int)length, pattern, run->options->data);
    return THOR_OK;
}

static thor_status choose_directions(thor_run *run, thor_error *error)
{
    const char *list = run->options->directions;
    if (!list && run->config.pairs.count > 0)
        return THOR_OK;
    thor_config_set(&run->config, "pairs=", NULL);
    list = list ? list : "*-*";
    for (const char *item = list; *item; item += strcspn(item, ",") + (item[strcspn(item, ",")] == ','))
        THOR_TRY(add_matching(run, item, strcspn(item, ","), error));
    return THOR_OK;
}

/* The sampler's directions: those of config.pairs, in the order of the corpus. */
static thor_status open_sampler(thor_run *run, thor_error *error)
{
    char name[160];
    int32_t count = 0;
    thor_direction *directions = calloc(2 * (size_t)run->corpus.pair_count + 1, sizeof *directions);
    if (!directions)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the list of directions");
    for (int32_t i = 0; i < 2 * run->corpus.pair_count; i++) {
        direction_name(name, &run->corpus, &run->corpus.pairs[i / 2], i % 2);
        if (thor_names_find(&run->config.pairs, name) >= 0)
            directions[count++] = (thor_direction){ .pair = i / 2, .source_side = i % 2 };
    }
    thor_status status = count > 0 ? thor_sampler_open(&run->sampler, &run->corpus, &run->config, directions, count,
                                                       error)
                                   : thor_fail(error, THOR_E_USAGE, "pairs: none of the configuration's directions "
                                               "is in %s", run->options->data);
    free(directions);
    return status;
}

/* ---- data ---- */

static thor_status take_names(thor_names *names, char *const *items, int32_t count, thor_error *error)
{
    for (int32_t i = 0; i < count && names->count < count; i++)
        THOR_TRY(thor_names_add(names, items[i], error));
    return THOR_OK;
}

/* corpus.index has the checksum of every other file of the corpus: its own stands for all of them. */
static thor_status take_checksum(thor_run *run, thor_error *error)
{
    char *text, *path = thor_path(run->options->data, THOR_DATA_INDEX);
    size_t count;
    thor_sha256 hash;
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a name in it", run->options->data);
    thor_status status = thor_read_file(path, MOST_INDEX, &text, &count, error);
    free(path);
    THOR_TRY(status);
    thor_sha256_start(&hash);
    thor_sha256_add(&hash, text, count);
    thor_sha256_hex(&hash, run->state.data);
    free(text);
    memcpy(run->state.vocabulary, run->corpus.vocabulary_checksum, sizeof run->state.vocabulary);
    return THOR_OK;
}

static thor_status complete(thor_run *run, thor_error *error)
{
    thor_config *config = &run->config;
    if (config->languages.count == 0)
        THOR_TRY(take_names(&config->languages, run->corpus.languages, run->corpus.language_count, error));
    if (config->domains.count == 0)
        THOR_TRY(take_names(&config->domains, run->corpus.domains, run->corpus.domain_count, error));
    THOR_TRY(choose_directions(run, error));
    int32_t ids = 4 + run->corpus.pieces + 1 + config->languages.count;
    if (config->vocab.ids != 0 && config->vocab.ids != ids)
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d, but the vocabulary of %s and %d languages have %d ids",
                         (int)config->vocab.ids, run->options->data, (int)config->languages.count, (int)ids);
    config->vocab.ids = ids;
    config->vocab.size = run->corpus.pieces;
    return thor_config_check(config, error);
}

thor_status thor_train_open_data(thor_run *run, thor_error *error)
{
    if (!run->options->data)
        return thor_fail(error, THOR_E_USAGE, "--data is missing: name a folder that 'thor prepare' wrote");
    thor_par par = thor_par_make((int)run->options->threads);
    THOR_TRY(thor_prepared_open(&run->corpus, run->options->data, &par, THOR_CHECK_CONTENT, error));
    THOR_TRY(complete(run, error));
    THOR_TRY(take_checksum(run, error));
    THOR_TRY(thor_read_file(run->corpus.vocabulary_path, MOST_VOCABULARY, &run->vocabulary, &run->vocabulary_count,
                            error));
    THOR_TRY(open_sampler(run, error));
    thor_shape *most = &run->most;
    thor_sampler_limits(run->sampler, &most->sentences, &most->source_rows, &most->source_width, &most->target_width);
    most->target_rows = most->source_rows;
    return THOR_OK;
}
