/* Opening a sampler: which sentences may be used, which directions there are, and how often each is drawn. */
#include <stdlib.h>
#include <string.h>

#include "base/numbers.h"
#include "data/sampler_state.h"
#include "data/shares.h"
#include "model/labels.h"

/* ---- what there is ----------------------------------------------------------------------------------------------- */

static bool fits(const thor_sampler *sampler, int32_t pair, thor_split split, int64_t sentence)
{
    int64_t most = sampler->config->batch.max_pieces;
    return split == THOR_TEST || (thor_side_pieces(sampler, pair, split, 0, sentence) <= most &&
                                  thor_side_pieces(sampler, pair, split, 1, sentence) <= most);
}

/* Counts, and lists where not all of them fit. */
static thor_status find_usable(thor_sampler *sampler, int32_t pair, thor_split split, thor_error *error)
{
    thor_usable *found = &sampler->usable[pair][split];
    int64_t all = sampler->corpus->pairs[pair].count[split];
    if (all > UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "a pair of the corpus has %lld sentences; at most %u can be sampled from",
                         (long long)all, UINT32_MAX);
    for (int64_t i = 0; i < all; i++)
        found->count += fits(sampler, pair, split, i);
    if (found->count == all)
        return THOR_OK;
    found->items = malloc(((size_t)found->count + 1) * sizeof *found->items);
    if (!found->items)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a list of %lld sentences", (long long)found->count);
    int64_t at = 0;
    for (int64_t i = 0; i < all; i++)
        if (fits(sampler, pair, split, i))
            found->items[at++] = (uint32_t)i;
    return THOR_OK;
}

/* Longest sides and the smallest sentence of a direction. */
static void measure(thor_sampler *sampler, const thor_direction *direction, thor_split split)
{
    const thor_usable *list = &sampler->usable[direction->pair][split];
    for (int64_t i = 0; i < list->count; i++) {
        int64_t sentence = thor_usable_at(list, (uint32_t)i);
        int64_t source = thor_source_length(sampler, direction, split, sentence);
        int64_t target = thor_target_length(sampler, direction, split, sentence);
        int64_t size = thor_larger(source, target);
        sampler->longest[0] = thor_larger(sampler->longest[0], source);
        sampler->longest[1] = thor_larger(sampler->longest[1], target);
        if (sampler->least == 0 || size < sampler->least)
            sampler->least = size;
    }
}

int64_t thor_sampler_left_out(const thor_sampler *sampler, thor_split split, int64_t *all)
{
    int64_t used = 0;
    *all = 0;
    for (int32_t i = 0; i < sampler->count; i++) {
        int32_t pair = sampler->directions[i].pair;
        bool again = false;
        for (int32_t j = 0; j < i; j++)
            again |= sampler->directions[j].pair == pair;
        used += again ? 0 : sampler->usable[pair][split].count;
        *all += again ? 0 : sampler->corpus->pairs[pair].count[split];
    }
    return *all - used;
}

/* ---- directions -------------------------------------------------------------------------------------------------- */

/* Without a predictor nobody reads the label and it may be -1. */
static thor_status find_label(const thor_sampler *sampler, thor_direction *direction, thor_error *error)
{
    const thor_config *config = sampler->config;
    const char *domain = direction->domain >= 0 ? sampler->corpus->domains[direction->domain] : NULL;
    char name[THOR_DIRECTION_NAME];
    direction->label = thor_direction_label(config, direction->source_language, direction->target_language,
                                            domain ? thor_names_find(&config->domains, domain) : -1);
    if (direction->label < 0 && thor_config_has_predictor(config))
        return thor_fail(error, THOR_E_USAGE,
                         "task.label: direction %s (domain %s) has no label among the %s of the configuration",
                         thor_config_direction(name, config, direction->source_language, direction->target_language),
                         domain ? domain : "none", config->task.label == THOR_LABEL_PAIR ? "pairs" : "domains");
    return THOR_OK;
}

static thor_status find_language(const thor_sampler *sampler, int32_t language, int32_t *found, thor_error *error)
{
    const char *name = sampler->corpus->languages[language];
    *found = thor_names_find(&sampler->config->languages, name);
    return *found >= 0 ? THOR_OK
                       : thor_fail(error, THOR_E_USAGE,
                                   "the corpus has the language %s, which the configuration's "
                                   "languages lack; use the list of the corpus",
                                   name);
}

static thor_status complete(const thor_sampler *sampler, thor_direction *direction, thor_error *error)
{
    if (direction->pair < 0 || direction->pair >= sampler->corpus->pair_count || direction->source_side < 0 ||
        direction->source_side > 1)
        return thor_fail(error, THOR_E_USAGE, "a direction names pair %d, side %d; the corpus has %d pairs",
                         (int)direction->pair, direction->source_side, (int)sampler->corpus->pair_count);
    const thor_pair *pair = &sampler->corpus->pairs[direction->pair];
    int32_t languages[2] = { pair->first, pair->second };
    direction->domain = pair->domain;
    THOR_TRY(find_language(sampler, languages[direction->source_side], &direction->source_language, error));
    THOR_TRY(find_language(sampler, languages[1 - direction->source_side], &direction->target_language, error));
    return find_label(sampler, direction, error);
}

static thor_status take_directions(thor_sampler *sampler, const thor_direction *directions, int32_t count,
                                   thor_error *error)
{
    sampler->count = directions ? count : 2 * sampler->corpus->pair_count;
    if (sampler->count < 1 || sampler->count > UINT16_MAX)
        return thor_fail(error, THOR_E_USAGE, "%d directions to train; expected 1 to %d", (int)sampler->count,
                         UINT16_MAX);
    sampler->directions = calloc((size_t)sampler->count, sizeof *sampler->directions);
    sampler->shares = calloc((size_t)sampler->count, sizeof *sampler->shares);
    sampler->counts = calloc((size_t)sampler->count, sizeof *sampler->counts);
    if (!sampler->directions || !sampler->shares || !sampler->counts)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d directions", (int)sampler->count);
    for (int32_t i = 0; i < sampler->count; i++) {
        thor_direction *direction = &sampler->directions[i];
        direction->pair = directions ? directions[i].pair : i / 2;
        direction->source_side = directions ? directions[i].source_side : i % 2;
        THOR_TRY(complete(sampler, direction, error));
    }
    return THOR_OK;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static thor_status check_fit(const thor_prepared *corpus, const thor_config *config, thor_error *error)
{
    int64_t ids = thor_sequence_ids(corpus->pieces, config->languages.count);
    if (config->vocab.ids != ids)
        return thor_fail(error, THOR_E_USAGE,
                         "vocab.ids is %d, but the corpus's vocabulary of %d pieces and %d "
                         "languages make %lld; use the corpus that the model was trained on",
                         (int)config->vocab.ids, (int)corpus->pieces, (int)config->languages.count, (long long)ids);
    if (config->batch.shards < 1 || config->batch.max_tokens < 1 || config->batch.max_pieces < 1 ||
        !(config->batch.temperature > 0))
        return thor_fail(error, THOR_E_USAGE,
                         "batch.shards, batch.max_tokens, batch.max_pieces and batch.temperature have to be above 0");
    return THOR_OK;
}

static thor_status set_shares(thor_sampler *sampler, thor_error *error)
{
    int64_t all = 0;
    for (int32_t i = 0; i < sampler->count; i++)
        all += sampler->counts[i] = sampler->usable[sampler->directions[i].pair][THOR_TRAIN].count;
    if (all == 0)
        return thor_fail(error, THOR_E_USAGE,
                         "no training sentence has at most batch.max_pieces = %d pieces on both sides",
                         (int)sampler->config->batch.max_pieces);
    thor_shares(sampler->shares, sampler->counts, sampler->count, sampler->config->batch.temperature);
    sampler->virtual_size = thor_virtual_size(sampler->shares, sampler->counts, sampler->count);
    int64_t longest = thor_larger(sampler->longest[0], sampler->longest[1]);
    if (longest > sampler->config->batch.max_tokens || longest > THOR_LENGTH_MOST)
        return thor_fail(error, THOR_E_USAGE,
                         "batch.max_tokens is %lld, but the longest sentence has %lld tokens; "
                         "raise it (at most %d tokens a sentence) or lower batch.max_pieces",
                         (long long)sampler->config->batch.max_tokens, (long long)longest, THOR_LENGTH_MOST);
    return THOR_OK;
}

static thor_status open_sampler(thor_sampler *sampler, const thor_direction *directions, int32_t count,
                                thor_error *error)
{
    const thor_prepared *corpus = sampler->corpus;
    THOR_TRY(check_fit(corpus, sampler->config, error));
    THOR_TRY(take_directions(sampler, directions, count, error));
    size_t shards = (size_t)sampler->config->batch.shards;
    sampler->usable = calloc((size_t)corpus->pair_count, sizeof *sampler->usable);
    sampler->shards = calloc(shards, sizeof *sampler->shards);
    sampler->batches = calloc(shards, sizeof *sampler->batches);
    if (!sampler->usable || !sampler->shards || !sampler->batches)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu shards", shards);
    for (int32_t pair = 0; pair < corpus->pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++)
            THOR_TRY(find_usable(sampler, pair, (thor_split)split, error));
    for (int32_t i = 0; i < sampler->count; i++) {
        measure(sampler, &sampler->directions[i], THOR_TRAIN);
        measure(sampler, &sampler->directions[i], THOR_VALID);
    }
    return set_shares(sampler, error);
}

thor_status thor_sampler_open(thor_sampler **sampler, const thor_prepared *corpus, const thor_config *config,
                              const thor_direction *directions, int32_t count, thor_error *error)
{
    *sampler = calloc(1, sizeof **sampler);
    if (!*sampler)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a sampler");
    (*sampler)->corpus = corpus;
    (*sampler)->config = config;
    (*sampler)->epoch = -1;
    (*sampler)->fixed_direction = -1;
    thor_status status = open_sampler(*sampler, directions, count, error);
    if (status != THOR_OK) {
        thor_sampler_close(*sampler);
        *sampler = NULL;
    }
    return status;
}

void thor_sampler_close(thor_sampler *sampler)
{
    if (!sampler)
        return;
    for (int32_t pair = 0; sampler->usable && pair < sampler->corpus->pair_count; pair++)
        for (int split = 0; split < THOR_SPLITS; split++)
            free(sampler->usable[pair][split].items);
    for (int32_t i = 0; sampler->shards && i < sampler->config->batch.shards; i++)
        thor_shard_free(&sampler->shards[i]);
    thor_shard_free(&sampler->fixed_shard);
    thor_plan_free(&sampler->epoch_plan);
    thor_plan_free(&sampler->fixed_plan);
    free(sampler->usable);
    free(sampler->shards);
    free(sampler->batches);
    free(sampler->directions);
    free(sampler->shares);
    free(sampler->counts);
    free(sampler);
}

const thor_direction *thor_sampler_directions(const thor_sampler *sampler, int32_t *count)
{
    *count = sampler->count;
    return sampler->directions;
}

void thor_sampler_limits(const thor_sampler *sampler, int64_t *sentences, int64_t *rows, int64_t *source_width,
                         int64_t *target_width)
{
    *rows = sampler->config->batch.max_tokens;
    *sentences = sampler->config->batch.max_tokens / sampler->least;
    *source_width = sampler->longest[0];
    *target_width = sampler->longest[1];
}
