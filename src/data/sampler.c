#include "data/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "data/fill.h"
#include "data/format.h"
#include "data/plan.h"
#include "data/shares.h"

enum { SHUFFLE_SENTENCES = 0, SHUFFLE_BATCHES = 1 };    /* shards of THOR_SITE_SHUFFLE */

/* The sentences of one pair and split that may be used. */
typedef struct usable {
    int64_t count;
    uint32_t *items;            /* [count]; NULL: all of them, 0 … count-1 */
} usable;

struct thor_sampler {
    const thor_prepared *corpus;
    const thor_config *config;
    thor_direction *directions;
    int32_t count;
    usable (*usable)[THOR_SPLITS];      /* [pairs] */
    double *shares;             /* [count] */
    int64_t *counts;            /* [count] of the epoch that is planned */
    int64_t virtual_size;
    int64_t longest[2], least;  /* of train and valid: longest source and target side, smallest size of a sentence */
    thor_plan epoch_plan, fixed_plan;
    int64_t epoch;              /* that epoch_plan holds; -1: none */
    thor_split fixed_split;
    int32_t fixed_direction;    /* that fixed_plan holds; -1: none */
    thor_shard *shards;         /* [batch.shards] */
    thor_batch *batches;        /* [batch.shards] */
    thor_shard fixed_shard;
};

/* ---- what there is ------------------------------------------------------------------------------------------------- */

static int64_t pieces(const thor_sampler *sampler, int32_t pair, thor_split split, int side, int64_t sentence)
{
    const int64_t *offsets = sampler->corpus->files->pairs[pair][split][side][THOR_OFFSETS].values;
    return offsets[sentence + 1] - offsets[sentence];
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t extra_source(const thor_sampler *sampler)
{
    return thor_config_has_predictor(sampler->config) ? 3 : 2;
}

static bool fits(const thor_sampler *sampler, int32_t pair, thor_split split, int64_t sentence)
{
    int64_t most = sampler->config->batch.max_pieces;
    return split == THOR_TEST || (pieces(sampler, pair, split, 0, sentence) <= most && pieces(sampler, pair, split, 1, sentence) <= most);
}

/* Counts, and lists where not all of them fit. */
static thor_status find_usable(thor_sampler *sampler, int32_t pair, thor_split split, thor_error *error)
{
    usable *found = &sampler->usable[pair][split];
    int64_t all = sampler->corpus->pairs[pair].count[split];
    if (all > UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "a pair of the corpus has %lld sentences; at most %u can be sampled from", (long long)all,
                         UINT32_MAX);
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

static uint32_t usable_at(const usable *list, uint32_t index)
{
    return list->items ? list->items[index] : index;
}

/* Longest sides and the smallest sentence of a direction. */
static void measure(thor_sampler *sampler, const thor_direction *direction, thor_split split)
{
    const usable *list = &sampler->usable[direction->pair][split];
    for (int64_t i = 0; i < list->count; i++) {
        int64_t sentence = usable_at(list, (uint32_t)i);
        int64_t source = pieces(sampler, direction->pair, split, direction->source_side, sentence) + extra_source(sampler);
        int64_t target = pieces(sampler, direction->pair, split, 1 - direction->source_side, sentence) + 2;
        int64_t size = larger(source, target);
        sampler->longest[0] = larger(sampler->longest[0], source);
        sampler->longest[1] = larger(sampler->longest[1], target);
        if (sampler->least == 0 || size < sampler->least)
            sampler->least = size;
    }
}

/* ---- directions ---------------------------------------------------------------------------------------------------- */

/* The task label of details.md A3; without a predictor nobody reads it and it may be -1. */
static thor_status find_label(const thor_sampler *sampler, thor_direction *direction, thor_error *error)
{
    const thor_config *config = sampler->config;
    const char *domain = direction->domain >= 0 ? sampler->corpus->domains[direction->domain] : NULL;
    char name[128];
    snprintf(name, sizeof name, "%.60s-%.60s", config->languages.items[direction->source_language],
             config->languages.items[direction->target_language]);
    switch (config->task.label) {
    case THOR_LABEL_SOURCE_LANGUAGE:
        direction->label = direction->source_language;
        break;
    case THOR_LABEL_TARGET_LANGUAGE:
        direction->label = direction->target_language;
        break;
    case THOR_LABEL_PAIR:
        direction->label = thor_names_find(&config->pairs, name);
        break;
    case THOR_LABEL_DOMAIN:
        direction->label = domain ? thor_names_find(&config->domains, domain) : -1;
        break;
    }
    if (direction->label < 0 && thor_config_has_predictor(config))
        return thor_fail(error, THOR_E_USAGE, "task.label: direction %s (domain %s) has no label among the %s of the configuration", name,
                         domain ? domain : "none", config->task.label == THOR_LABEL_PAIR ? "pairs" : "domains");
    return THOR_OK;
}

static thor_status find_language(const thor_sampler *sampler, int32_t language, int32_t *found, thor_error *error)
{
    const char *name = sampler->corpus->languages[language];
    *found = thor_names_find(&sampler->config->languages, name);
    return *found >= 0 ? THOR_OK
                       : thor_fail(error, THOR_E_USAGE, "the corpus has the language %s, which the configuration's languages lack; use the list of the corpus",
                                   name);
}

static thor_status complete(const thor_sampler *sampler, thor_direction *direction, thor_error *error)
{
    if (direction->pair < 0 || direction->pair >= sampler->corpus->pair_count || direction->source_side < 0 ||
        direction->source_side > 1)
        return thor_fail(error, THOR_E_USAGE, "a direction names pair %d, side %d; the corpus has %d pairs", (int)direction->pair,
                         direction->source_side, (int)sampler->corpus->pair_count);
    const thor_pair *pair = &sampler->corpus->pairs[direction->pair];
    int32_t languages[2] = { pair->first, pair->second };
    direction->domain = pair->domain;
    THOR_TRY(find_language(sampler, languages[direction->source_side], &direction->source_language, error));
    THOR_TRY(find_language(sampler, languages[1 - direction->source_side], &direction->target_language, error));
    return find_label(sampler, direction, error);
}

static thor_status take_directions(thor_sampler *sampler, const thor_direction *directions, int32_t count, thor_error *error)
{
    sampler->count = directions ? count : 2 * sampler->corpus->pair_count;
    if (sampler->count < 1 || sampler->count > UINT16_MAX)
        return thor_fail(error, THOR_E_USAGE, "%d directions to train; expected 1 to %d", (int)sampler->count, UINT16_MAX);
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

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static thor_status check_fit(const thor_prepared *corpus, const thor_config *config, thor_error *error)
{
    int64_t ids = 4 + (int64_t)corpus->pieces + 1 + config->languages.count;
    if (config->vocab.ids != ids)
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d, but the corpus's vocabulary of %d pieces and %d languages make %lld; use the corpus that the model was trained on",
                         (int)config->vocab.ids, (int)corpus->pieces, (int)config->languages.count, (long long)ids);
    if (config->batch.shards < 1 || config->batch.max_tokens < 1 || config->batch.max_pieces < 1 || !(config->batch.temperature > 0))
        return thor_fail(error, THOR_E_USAGE, "batch.shards, batch.max_tokens, batch.max_pieces and batch.temperature have to be above 0");
    return THOR_OK;
}

static thor_status set_shares(thor_sampler *sampler, thor_error *error)
{
    int64_t all = 0;
    for (int32_t i = 0; i < sampler->count; i++)
        all += sampler->counts[i] = sampler->usable[sampler->directions[i].pair][THOR_TRAIN].count;
    if (all == 0)
        return thor_fail(error, THOR_E_USAGE, "no training sentence has at most batch.max_pieces = %d pieces on both sides",
                         (int)sampler->config->batch.max_pieces);
    thor_shares(sampler->shares, sampler->counts, sampler->count, sampler->config->batch.temperature);
    sampler->virtual_size = thor_virtual_size(sampler->shares, sampler->counts, sampler->count);
    int64_t longest = larger(sampler->longest[0], sampler->longest[1]);
    if (longest > sampler->config->batch.max_tokens || longest > THOR_LENGTH_MOST)
        return thor_fail(error, THOR_E_USAGE, "batch.max_tokens is %lld, but the longest sentence has %lld tokens; raise it (at most %d tokens a sentence) or lower batch.max_pieces",
                         (long long)sampler->config->batch.max_tokens, (long long)longest, THOR_LENGTH_MOST);
    return THOR_OK;
}

static thor_status open_sampler(thor_sampler *sampler, const thor_direction *directions, int32_t count, thor_error *error)
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

/* ---- an epoch ------------------------------------------------------------------------------------------------------ */

static uint16_t short_length(int64_t length)
{
    return length < THOR_LENGTH_MOST ? (uint16_t)length : THOR_LENGTH_MOST;
}

static void add_entry(thor_sampler *sampler, thor_plan *plan, int32_t number, thor_split split, uint32_t index)
{
    const thor_direction *direction = &sampler->directions[number];
    uint32_t sentence = usable_at(&sampler->usable[direction->pair][split], index);
    plan->entries[plan->entry_count++] = (thor_entry){
        .sentence = sentence,
        .direction = (uint16_t)number,
        .source = short_length(pieces(sampler, direction->pair, split, direction->source_side, sentence) + extra_source(sampler)),
        .target = short_length(pieces(sampler, direction->pair, split, 1 - direction->source_side, sentence) + 2),
    };
}

/* Step 2 of sampler.h for one direction. */
static thor_status draw(thor_sampler *sampler, thor_plan *plan, int32_t number, int64_t epoch, thor_error *error)
{
    thor_rng rng = thor_rng_make(sampler->config->seed, THOR_SITE_SAMPLE, (uint32_t)epoch, (uint32_t)number);
    int64_t n = sampler->usable[sampler->directions[number].pair][THOR_TRAIN].count, wanted = sampler->counts[number];
    if (wanted > n) {
        for (int64_t k = 0; k < wanted; k++)
            add_entry(sampler, plan, number, THOR_TRAIN, (uint32_t)thor_rng_below(&rng, (uint64_t)k, (uint64_t)n));
        return THOR_OK;
    }
    uint32_t *items = malloc(((size_t)n + 1) * sizeof *items);
    if (!items)
        return thor_fail(error, THOR_E_MEMORY, "no memory to draw from %lld sentences", (long long)n);
    for (int64_t i = 0; i < n; i++)
        items[i] = (uint32_t)i;
    thor_shuffle_words(items, n, wanted, &rng);
    for (int64_t k = 0; k < wanted; k++)
        add_entry(sampler, plan, number, THOR_TRAIN, items[k]);
    free(items);
    return THOR_OK;
}

static thor_status plan_epoch(thor_sampler *sampler, int64_t epoch, thor_error *error)
{
    if (epoch < 0 || epoch > UINT32_MAX)
        return thor_fail(error, THOR_E_USAGE, "epoch %lld; expected 0 to %u", (long long)epoch, UINT32_MAX);
    if (epoch == sampler->epoch)
        return THOR_OK;
    sampler->epoch = -1;
    uint64_t seed = sampler->config->seed;
    thor_rng counts = thor_rng_make(seed, THOR_SITE_SAMPLE, (uint32_t)epoch, (uint32_t)sampler->count);
    thor_rng sentences = thor_rng_make(seed, THOR_SITE_SHUFFLE, (uint32_t)epoch, SHUFFLE_SENTENCES);
    thor_rng batches = thor_rng_make(seed, THOR_SITE_SHUFFLE, (uint32_t)epoch, SHUFFLE_BATCHES);
    thor_plan *plan = &sampler->epoch_plan;
    thor_share_counts(sampler->counts, sampler->shares, sampler->count, sampler->virtual_size, &counts);
    THOR_TRY(thor_plan_clear(plan, sampler->virtual_size, error));
    for (int32_t i = 0; i < sampler->count; i++)
        THOR_TRY(draw(sampler, plan, i, epoch, error));
    thor_shuffle_entries(plan->entries, plan->entry_count, &sentences);
    THOR_TRY(thor_plan_sort(plan, error));
    THOR_TRY(thor_plan_cut(plan, sampler->config->batch.max_tokens, error));
    thor_shuffle_words(plan->order, plan->batch_count, plan->batch_count, &batches);
    sampler->epoch = epoch;
    return THOR_OK;
}

static thor_status fill(thor_sampler *sampler, thor_shard *shard, const thor_plan *plan, thor_split split, int64_t index,
                        thor_error *error)
{
    uint32_t batch = plan->order[index];
    return thor_shard_fill(shard, sampler->corpus, sampler->config, sampler->directions, split,
                           plan->entries + plan->starts[batch], plan->starts[batch + 1] - plan->starts[batch], error);
}

thor_status thor_sampler_next(thor_sampler *sampler, thor_position *position, const thor_batch **shards, int32_t *count,
                              thor_error *error)
{
    thor_position at = *position;
    THOR_TRY(plan_epoch(sampler, at.epoch, error));
    if (at.batch < 0 || at.batch > sampler->epoch_plan.batch_count)
        return thor_fail(error, THOR_E_FORMAT, "batch %lld of epoch %lld does not exist, the epoch has %lld; the corpus or batch settings are not those of the saved state",
                         (long long)at.batch, (long long)at.epoch, (long long)sampler->epoch_plan.batch_count);
    if (at.batch == sampler->epoch_plan.batch_count) {
        at = (thor_position){ .epoch = at.epoch + 1 };
        THOR_TRY(plan_epoch(sampler, at.epoch, error));
    }
    int32_t taken = 0;
    for (; taken < sampler->config->batch.shards && at.batch < sampler->epoch_plan.batch_count; taken++, at.batch++) {
        THOR_TRY(fill(sampler, &sampler->shards[taken], &sampler->epoch_plan, THOR_TRAIN, at.batch, error));
        sampler->batches[taken] = sampler->shards[taken].batch;
    }
    *shards = sampler->batches;
    *count = taken;
    *position = at;
    return THOR_OK;
}

int64_t thor_sampler_epoch_batches(thor_sampler *sampler, int64_t epoch, thor_error *error)
{
    return plan_epoch(sampler, epoch, error) == THOR_OK ? sampler->epoch_plan.batch_count : -1;
}

/* ---- fixed order --------------------------------------------------------------------------------------------------- */

static thor_status plan_fixed(thor_sampler *sampler, thor_split split, int32_t direction, thor_error *error)
{
    if (sampler->fixed_direction == direction && sampler->fixed_split == split)
        return THOR_OK;
    sampler->fixed_direction = -1;
    thor_plan *plan = &sampler->fixed_plan;
    int64_t count = sampler->usable[sampler->directions[direction].pair][split].count;
    THOR_TRY(thor_plan_clear(plan, count, error));
    for (int64_t i = 0; i < count; i++)
        add_entry(sampler, plan, direction, split, (uint32_t)i);
    THOR_TRY(thor_plan_sort(plan, error));
    THOR_TRY(thor_plan_cut(plan, sampler->config->batch.max_tokens, error));
    sampler->fixed_direction = direction;
    sampler->fixed_split = split;
    return THOR_OK;
}

thor_status thor_sampler_fixed(thor_sampler *sampler, thor_split split, int32_t direction, int64_t index, const thor_batch **batch,
                               const int64_t **order, thor_error *error)
{
    if (direction < 0 || direction >= sampler->count || index < 0)
        return thor_fail(error, THOR_E_USAGE, "batch %lld of direction %d; there are %d directions", (long long)index, (int)direction,
                         (int)sampler->count);
    THOR_TRY(plan_fixed(sampler, split, direction, error));
    thor_shard *shard = &sampler->fixed_shard;
    if (index >= sampler->fixed_plan.batch_count)
        shard->batch = (thor_batch){ .sentences = 0 };
    else
        THOR_TRY(fill(sampler, shard, &sampler->fixed_plan, split, index, error));
    *batch = &shard->batch;
    if (order)
        *order = shard->order;
    return THOR_OK;
}
