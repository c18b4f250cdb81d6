/* The systems of thor-model(7) at paper scale, and the sizes of the other scales. */
#include <stdio.h>
#include <string.h>

#include "model/config.h"

/* Lingual-SMoE's families, for the languages of OPUS-16. */
static const char *const families[] = {
    "germanic en de fy nb", "slavic bg sk sl hr", "romance pt", "celtic ga", "indo-iranian as mr", "uralic se",
    "niger-congo rw", "sino-tibetan zh", "isolate eu",
};

static const char *const names[] = {
    "dense", "st-moe", "gs-moe", "ls-moe", "hybrid-moe", "residual-moe", "lingual-moe", "thor-top1", "thor-top2",
    "thor-topp", "thor-topp-no-task", "thor-topp-no-context", "thor-topp-predicted", "thor-topp-golden",
    "thor-topp-infuse", NULL,
};

typedef struct scale {
    const char *name;
    int32_t layers, width, ffn_width, heads, experts;
    int64_t max_tokens;
    int32_t shards;
    int64_t warmup, updates;
    int32_t pieces;
} scale;

/* The table of thor-config(5). */
static const scale scales[] = {
    { "tiny", 2, 32, 64, 2, 8, 512, 2, 20, 100, 200 },
    { "small", 3, 256, 1024, 4, 8, 2048, 1, 400, 4000, 8000 },
    { "base", 6, 512, 2048, 8, 32, 4096, 2, 4000, 35000, 32000 },
    { "paper", 6, 512, 2048, 8, 32, 8192, 8, 4000, 35000, 64000 },
};

const char *const *thor_config_recipes(void)
{
    return names;
}

static void apply(thor_config *config, const scale *to)
{
    config->model.encoder_layers = config->model.decoder_layers = to->layers;
    config->model.width = to->width;
    config->model.ffn_width = to->ffn_width;
    config->model.heads = to->heads;
    config->moe.experts = to->experts;
    config->batch.max_tokens = to->max_tokens;
    config->batch.shards = to->shards;
    config->schedule.warmup = to->warmup;
    config->schedule.updates = to->updates;
    config->vocab.size = to->pieces;
}

thor_status thor_config_scale(thor_config *config, const char *name, thor_error *error)
{
    for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
        if (strcmp(scales[i].name, name) == 0) {
            apply(config, &scales[i]);
            return THOR_OK;
        }
    return thor_fail(error, THOR_E_USAGE, "scale '%s' is unknown; there are tiny, small, base, paper", name);
}

/* thor-topp at paper scale: the defaults of thor-config(5). */
static thor_config defaults(void)
{
    thor_config config = {
        .model = { .norm = THOR_NORM_PRE, .dropout = 0.1, .attention_dropout = 0.1 },
        .moe = { .system = THOR_SYSTEM_THOR, .every = 2, .capacity_order = THOR_CAPACITY_PRIORITY },
        .router = { .policy = THOR_TOP_P, .k = 2, .p = 0.5, .renormalize = THOR_RENORMALIZE_AUTO },
        .task = { .label = THOR_LABEL_TARGET_LANGUAGE, .tap = THOR_TAP_BEFORE_MOE, .pool = THOR_POOL_MAX,
                  .representation = THOR_REPRESENTATION_MIXED, .use = THOR_USE_HIERARCHICAL },
        .context = { .form = THOR_CONTEXT_INTERPOLATE },
        .balance = { .task_over = THOR_TASK_OVER_TASKS, .count = THOR_COUNT_SELECTED },
        .loss = { .task = 0.01, .task_balance = 0.05, .token_balance = 0.05, .dynamic = 1e-4 },
        .residual = { .form = THOR_RESIDUAL_CMR, .budget = 0.8, .budget_weight = 0.1 },
        .lingual = { .grow_every = 100, .family_weight = 0.05 },
        .optimizer = { .lr = 5e-4, .beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .clip_norm = 1.0 },
        .batch = { .temperature = 1.5, .max_pieces = 100 },
        .search = { .beam = 5, .length_penalty = 1.0, .max_length_b = 200 },
        .vocab = { .type = THOR_VOCAB_BPE },
        .seed = 1,
    };
    apply(&config, &scales[3]);
    return config;
}

/* What the six systems that are not THOR share: no task, no context, first-choice balance under a capacity. */
static void make_baseline(thor_config *config, thor_system system, int32_t k)
{
    config->moe.system = system;
    config->moe.capacity_factor = 1.0;
    config->router.policy = THOR_TOP_K;
    config->router.k = k;
    config->task.representation = THOR_REPRESENTATION_NONE;
    config->task.use = THOR_USE_NONE;
    config->context.form = THOR_CONTEXT_NONE;
    config->balance.count = THOR_COUNT_FIRST;
    config->loss.task = config->loss.task_balance = config->loss.dynamic = 0;
}

/* No loss of a mixture, no places to fill. */
static void make_plain(thor_config *config)
{
    config->moe.capacity_factor = 0;
    config->balance.count = THOR_COUNT_SELECTED;
    config->loss.token_balance = 0;
}

static thor_status make_lingual(thor_config *config, thor_error *error)
{
    make_baseline(config, THOR_SYSTEM_LINGUAL, 2);
    config->lingual.family_loss = true;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        THOR_TRY(thor_names_add(&config->lingual.families, families[i], error));
    return THOR_OK;
}

static thor_status make_other(thor_config *config, const char *name, thor_error *error)
{
    if (strcmp(name, "dense") == 0) {
        make_baseline(config, THOR_SYSTEM_DENSE, 2);
        make_plain(config);
    } else if (strcmp(name, "st-moe") == 0) {
        make_baseline(config, THOR_SYSTEM_TOKEN, 1);
    } else if (strcmp(name, "gs-moe") == 0) {
        make_baseline(config, THOR_SYSTEM_TOKEN, 2);
    } else if (strcmp(name, "ls-moe") == 0) {
        make_baseline(config, THOR_SYSTEM_FIXED, 2);
        make_plain(config);
    } else if (strcmp(name, "hybrid-moe") == 0) {
        make_baseline(config, THOR_SYSTEM_HYBRID, 2);
    } else if (strcmp(name, "residual-moe") == 0) {
        make_baseline(config, THOR_SYSTEM_RESIDUAL, 2);
    } else {
        return make_lingual(config, error);
    }
    return THOR_OK;
}

static void make_thor(thor_config *config, const char *variant)
{
    if (strcmp(variant, "top1") == 0 || strcmp(variant, "top2") == 0) {
        config->router.policy = THOR_TOP_K;
        config->router.k = variant[3] - '0';
        config->loss.dynamic = 0;
    } else if (strcmp(variant, "topp-no-task") == 0) {
        config->task.representation = THOR_REPRESENTATION_NONE;
        config->task.use = THOR_USE_NONE;
    } else if (strcmp(variant, "topp-no-context") == 0) {
        config->context.form = THOR_CONTEXT_NONE;
    } else if (strcmp(variant, "topp-predicted") == 0) {
        config->task.representation = THOR_REPRESENTATION_PREDICTED;
    } else if (strcmp(variant, "topp-golden") == 0) {
        config->task.representation = THOR_REPRESENTATION_GOLDEN;
    } else if (strcmp(variant, "topp-infuse") == 0) {
        config->task.use = THOR_USE_INFUSE;
    }
}

thor_status thor_config_recipe(thor_config *config, const char *name, thor_error *error)
{
    bool known = false;
    char list[320] = "";
    for (int i = 0; names[i]; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
        known = known || strcmp(names[i], name) == 0;
    }
    if (!known)
        return thor_fail(error, THOR_E_USAGE, "recipe '%s' is unknown; there are %s, or a configuration file", name,
                         list);
    *config = defaults();
    snprintf(config->recipe, sizeof config->recipe, "%s", name);
    if (strncmp(name, "thor-", 5) == 0) {
        make_thor(config, name + 5);
        return THOR_OK;
    }
    thor_status status = make_other(config, name, error);
    if (status != THOR_OK)
        thor_config_free(config);
    return status;
}
