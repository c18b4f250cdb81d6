/* What a configuration means for its system, and what no model can have. */
#include "model/config.h"

#include <string.h>

#include "model/keys.h"
#include "model/labels.h"
#include "model/sequence.h"
#include "model/systems.h"

int32_t thor_config_candidates(const thor_config *config)
{
    if (thor_system_of(config)->owned > 0)
        return thor_system_of(config)->owned;
    if (!thor_system_has_candidates(config))
        return config->moe.experts;
    return thor_config_group(config);
}

void thor_config_settle(thor_config *config)
{
    if (thor_system_has_candidates(config))
        config->task.candidates = thor_config_candidates(config);
    for (int i = 0; thor_system_has_groups(config) && i < THOR_GROUPS; i++)
        if (config->lingual.sizes[i] == 0)
            config->lingual.sizes[i] = thor_config_candidates(config);
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

#define REFUSE(...) thor_fail(error, THOR_E_USAGE, __VA_ARGS__)

static thor_status check_shape(const thor_config *c, thor_error *error)
{
    if (c->model.width % 2 != 0)
        return REFUSE("model.width is %d, but positions need an even width", (int)c->model.width);
    if (c->model.width % c->model.heads != 0)
        return REFUSE("model.heads is %d, but has to divide model.width, which is %d", (int)c->model.heads,
                      (int)c->model.width);
    if (c->batch.max_tokens < (int64_t)c->batch.max_pieces + 3)
        return REFUSE("batch.max_tokens is %lld, but a sentence of batch.max_pieces (%d) pieces and its "
                      "special tokens takes %d", (long long)c->batch.max_tokens, (int)c->batch.max_pieces,
                      (int)c->batch.max_pieces + 3);
    if (c->search.max_length_a == 0 && c->search.max_length_b < 1)
        return REFUSE("search.max_length_a is 0 and search.max_length_b is %g: no translation could have "
                      "a token; set one of them to more", c->search.max_length_b);
    return THOR_OK;
}

static thor_status check_mixture(const thor_config *c, thor_error *error)
{
    int32_t encoder = c->model.encoder_layers, decoder = c->model.decoder_layers;
    int32_t layers = encoder > decoder ? encoder : decoder;
    if (c->moe.every < 1 || c->moe.every > layers)
        return REFUSE("moe.every is %d, but with mixtures it has to be from 1 to the number of layers, %d "
                      "(moe.system = dense has none)", (int)c->moe.every, (int)layers);
    if (c->router.policy == THOR_TOP_P && c->moe.capacity_factor > 0)
        return REFUSE("moe.capacity_factor is %g, but router.policy = top_p has no capacity; set it to 0",
                      c->moe.capacity_factor);
    if (c->router.policy == THOR_TOP_P && c->router.renormalize == THOR_RENORMALIZE_TRUE)
        return REFUSE("router.renormalize is true, but router.policy = top_p does not rescale its "
                      "weights; set it to auto or false");
    return THOR_OK;
}

static thor_status check_candidates(const thor_config *c, thor_error *error)
{
    int32_t candidates = thor_config_candidates(c), experts = c->moe.experts;
    if (candidates > experts)
        return REFUSE("task.candidates is %d, more than moe.experts, which is %d", (int)candidates, (int)experts);
    if (c->router.policy == THOR_TOP_K && c->router.k > candidates)
        return REFUSE("router.k is %d, but a token can choose among %d %s only", (int)c->router.k,
                      (int)candidates,
                      thor_system_has_candidates(c) ? "candidates (task.candidates)" : "experts (moe.experts)");
    return THOR_OK;
}

static thor_status check_task(const thor_config *c, thor_error *error)
{
    if (c->task.representation == THOR_REPRESENTATION_NONE && c->task.use != THOR_USE_NONE)
        return REFUSE("task.representation is none, which leaves nothing to use; set task.use to none");
    if (c->task.label == THOR_LABEL_DOMAIN && c->languages.count > 0 && c->domains.count == 0)
        return REFUSE("task.label is domain, but there are no domains; the data has to name them");
    thor_config derived = *c;
    derived.task.count = 0;
    if (c->languages.count > 0 && c->task.count > 0 && c->task.count < thor_config_tasks(&derived))
        return REFUSE("task.count is %d, but there are %d labels; set it to 0 or more than that",
                      (int)c->task.count, (int)thor_config_tasks(&derived));
    return THOR_OK;
}

static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/* Names stand in files, on command lines and inside __xx__. */
static thor_status check_names(const char *key, const thor_names *names, size_t most, thor_error *error)
{
    for (int32_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        size_t length = strlen(name);
        if (length < 1 || length > most || strspn(name, allowed) != length)
            return REFUSE("%s: '%.140s' has to be 1 to %zu ASCII letters, digits, '-' and '_'", key, name, most);
        if (thor_names_find(names, name) != i)
            return REFUSE("%s: '%s' appears twice", key, name);
    }
    return THOR_OK;
}

static thor_status check_vocabulary(const thor_config *c, thor_error *error)
{
    int64_t fewest = thor_sequence_ids(1, c->languages.count);
    if (c->vocab.ids != 0 && c->vocab.ids < fewest)
        return REFUSE("vocab.ids is %d, but 4 special ids, at least 1 piece, [CLS] and %d languages are %lld",
                      (int)c->vocab.ids, (int)c->languages.count, (long long)fewest);
    return THOR_OK;
}

thor_status thor_config_check(const thor_config *config, thor_error *error)
{
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    for (size_t i = 0; i < count; i++)
        THOR_TRY(thor_key_check(&keys[i], config, error));
    THOR_TRY(check_names("languages", &config->languages, THOR_NAME_LETTERS, error));
    THOR_TRY(check_names("domains", &config->domains, THOR_NAME_LETTERS, error));
    THOR_TRY(check_names("pairs", &config->pairs, THOR_DIRECTION_NAME - 1, error));
    THOR_TRY(check_shape(config, error));
    THOR_TRY(check_vocabulary(config, error));
    const thor_system_line *line = thor_system_of(config);
    if (!line->mixtures)
        return THOR_OK;
    THOR_TRY(check_mixture(config, error));
    if (line->check)
        THOR_TRY(line->check(config, error));
    THOR_TRY(check_candidates(config, error));
    return line->guided ? check_task(config, error) : THOR_OK;
}
