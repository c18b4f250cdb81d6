#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

const ref_case ref_cases[] = {
    { "dense", "dense" },
    { "thor-top1, no task, no context", "thor top1 no-task no-context" },
    { "thor-top2, no task, no context", "thor top2 no-task no-context" },
    { "thor-top1", "thor top1" },
    { "thor-top2", "thor top2" },
    { "thor-topp", "thor topp" },
    { "thor-topp-no-task", "thor topp no-task" },
    { "thor-topp-no-context", "thor topp no-context" },
    { "thor-topp-predicted", "thor topp predicted" },
    { "thor-topp-golden", "thor topp golden" },
    { "thor-topp-infuse", "thor topp infuse" },
    { "dense, post-norm", "dense post" },
    { "post-norm", "thor top2 post" },
    { "post-norm, every layer", "thor topp post every1" },
    { "every layer", "thor top2 every1" },
    { "no mixture in the encoder", "thor top2 short-encoder" },
    { "tap embedding", "thor top2 tap-embedding" },
    { "pool cls", "thor topp cls" },
    { "pool mean", "thor topp mean" },
    { "label source language", "thor top1 source-language golden" },
    { "label pair", "thor top2 pair" },
    { "label domain", "thor topp domain" },
    { "context added", "thor top2 add" },
    { "context added, experts fed", "thor top2 add feed" },
    { "experts fed", "thor topp feed" },
    { "infuse, experts fed", "thor top2 infuse feed" },
    { "infuse, no context", "thor top1 infuse no-context" },
    { "task not used", "thor top2 use-none" },
    { "balance over sentences", "thor topp sentences" },
    { "balance over sentences, predicted", "thor top2 sentences predicted" },
    { "first choices", "thor top2 first" },
    { "first choices, top-p", "thor topp first" },
    { "top-1 renormalised", "thor top1 renormalize" },
    { "top-2 not renormalised", "thor top2 plain" },
    { "label smoothing", "thor topp smoothing" },
    { "dropout", "thor topp dropout" },
    { "dropout, dense", "dense dropout smoothing" },
    { "dropout, post-norm", "thor top2 dropout post" },
    { "capacity by priority", "thor top2 three tight" },
    { "capacity by position", "thor top2 three tight position" },
    { "capacity, top-1", "thor top1 no-task no-context capacity" },
    { "capacity, top-2", "thor top2 no-task no-context capacity" },
    { "capacity, not renormalised", "thor top2 no-task no-context capacity plain first" },
    { "capacity, dropout, smoothing", "thor top2 no-task no-context capacity dropout smoothing first" },
    { "two shards", "thor topp two-shards" },
    { "two shards, dropout", "thor top2 two-shards dropout smoothing" },
    { "odd sizes", "thor top2 odd" },
    { "odd sizes, top-p", "thor topp odd dropout" },
    { "hybrid-moe", "hybrid first" },
    { "hybrid-moe, capacity", "hybrid capacity first dropout" },
    { "hybrid-moe, top-1, post-norm", "hybrid top1 post" },
    { "hybrid-moe, top-p", "hybrid topp every1" },
    { "lingual-moe", "lingual first" },
    { "lingual-moe, capacity", "lingual three tight first dropout" },
    { "lingual-moe, without families", "lingual no-family post" },
    { "lingual-moe, top-p", "lingual three topp every1" },
    { "lingual-moe, odd sizes", "lingual odd smoothing two-shards" },
    { "ls-moe", "fixed" },
    { "ls-moe, post-norm, every layer", "fixed post every1 dropout" },
    { "ls-moe, capacity", "fixed tight" },
    { "residual-moe", "residual first" },
    { "residual-moe, capacity, dropout", "residual tight first dropout smoothing" },
    { "residual-moe, post-norm, two shards", "residual post every1 two-shards" },
    { "residual-moe, softmax", "residual softmax top1 first" },
    { "residual-moe, softmax, capacity", "residual softmax top1 capacity dropout post" },
};
const int ref_case_count = (int)(sizeof ref_cases / sizeof *ref_cases);

static char related[] = "german de en";
static char *families[] = { related };
static char codes[][3] = { "de", "en", "fr" }, topics[][5] = { "law", "news" };
static char directions[][6] = { "de-en", "en-de", "en-fr", "fr-en" };
static char *languages[] = { codes[0], codes[1], codes[2] }, *domains[] = { topics[0], topics[1] };
static char *pairs[] = { directions[0], directions[1], directions[2], directions[3] };

static void defaults(thor_config *config)
{
    *config = (thor_config){
        .model = { .encoder_layers = 2, .decoder_layers = 2, .width = 8, .ffn_width = 12, .heads = 2 },
        .moe = { .every = 2, .experts = 4 },
        .router = { .k = 2, .p = 0.5 },
        .task = { .candidates = 2, .representation = THOR_REPRESENTATION_NONE, .use = THOR_USE_NONE },
        .context = { .form = THOR_CONTEXT_NONE },
        .residual = { .budget = 0.8, .budget_weight = 0.4 },
        .lingual = { .grow_every = 100, .family_loss = true, .family_weight = 0.6, .families = { families, 1 } },
        .loss = { .task = 0.5, .task_balance = 0.3, .token_balance = 0.2, .dynamic = 0.1 },
        .optimizer = { .lr = 5e-4, .beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .clip_norm = 1 },
        .schedule = { .warmup = 4000, .updates = 10 },
        .batch = { .max_tokens = 512, .shards = 1, .temperature = 1.5, .max_pieces = 100 },
        .search = { .beam = 5, .length_penalty = 1, .max_length_b = 200 },
        .vocab = { .size = 12, .ids = 20 },
        .languages = { languages, 3 }, .domains = { domains, 2 }, .pairs = { pairs, 4 },
        .seed = 1,
    };
}

static void set_thor(thor_config *config)
{
    config->moe.system = THOR_SYSTEM_THOR;
    config->task.representation = THOR_REPRESENTATION_MIXED;
    config->task.use = THOR_USE_HIERARCHICAL;
    config->context.form = THOR_CONTEXT_INTERPOLATE;
}

static bool set_router(thor_config *c, const char *word)
{
    if (strcmp(word, "dense") == 0) c->moe.system = THOR_SYSTEM_DENSE;
    else if (strcmp(word, "fixed") == 0) c->moe.system = THOR_SYSTEM_FIXED, c->moe.experts = 7;
    else if (strcmp(word, "hybrid") == 0) c->moe.system = THOR_SYSTEM_HYBRID;
    else if (strcmp(word, "residual") == 0) c->moe.system = THOR_SYSTEM_RESIDUAL;
    else if (strcmp(word, "softmax") == 0) c->residual.form = THOR_RESIDUAL_SOFTMAX;
    else if (strcmp(word, "lingual") == 0) c->moe.system = THOR_SYSTEM_LINGUAL;
    else if (strcmp(word, "no-family") == 0) c->lingual.family_loss = false;
    else if (strcmp(word, "token") == 0) c->moe.system = THOR_SYSTEM_TOKEN;
    else if (strcmp(word, "thor") == 0) set_thor(c);
    else if (strcmp(word, "top1") == 0) c->router.k = 1;
    else if (strcmp(word, "top2") == 0) c->router.k = 2;
    else if (strcmp(word, "topp") == 0) c->router.policy = THOR_TOP_P;
    else if (strcmp(word, "renormalize") == 0) c->router.renormalize = THOR_RENORMALIZE_TRUE;
    else if (strcmp(word, "plain") == 0) c->router.renormalize = THOR_RENORMALIZE_FALSE;
    else if (strcmp(word, "capacity") == 0) c->moe.capacity_factor = 1;
    else if (strcmp(word, "tight") == 0) c->moe.capacity_factor = 0.6;
    else if (strcmp(word, "position") == 0) c->moe.capacity_order = THOR_CAPACITY_POSITION;
    else if (strcmp(word, "every1") == 0) c->moe.every = 1;
    else if (strcmp(word, "first") == 0) c->balance.count = THOR_COUNT_FIRST;
    else if (strcmp(word, "sentences") == 0) c->balance.task_over = THOR_TASK_OVER_SENTENCES;
    else return false;
    return true;
}

static bool set_task(thor_config *c, const char *word)
{
    if (strcmp(word, "no-task") == 0) c->task.representation = THOR_REPRESENTATION_NONE, c->task.use = THOR_USE_NONE;
    else if (strcmp(word, "predicted") == 0) c->task.representation = THOR_REPRESENTATION_PREDICTED;
    else if (strcmp(word, "golden") == 0) c->task.representation = THOR_REPRESENTATION_GOLDEN;
    else if (strcmp(word, "infuse") == 0) c->task.use = THOR_USE_INFUSE;
    else if (strcmp(word, "use-none") == 0) c->task.use = THOR_USE_NONE;
    else if (strcmp(word, "three") == 0) c->task.candidates = 3;
    else if (strcmp(word, "tap-embedding") == 0) c->task.tap = THOR_TAP_EMBEDDING;
    else if (strcmp(word, "cls") == 0) c->task.pool = THOR_POOL_CLS;
    else if (strcmp(word, "mean") == 0) c->task.pool = THOR_POOL_MEAN;
    else if (strcmp(word, "source-language") == 0) c->task.label = THOR_LABEL_SOURCE_LANGUAGE;
    else if (strcmp(word, "pair") == 0) c->task.label = THOR_LABEL_PAIR;
    else if (strcmp(word, "domain") == 0) c->task.label = THOR_LABEL_DOMAIN;
    else if (strcmp(word, "no-context") == 0) c->context.form = THOR_CONTEXT_NONE;
    else if (strcmp(word, "add") == 0) c->context.form = THOR_CONTEXT_ADD;
    else if (strcmp(word, "feed") == 0) c->context.feed_experts = true;
    else return false;
    return true;
}

static bool set_stack(thor_config *c, const char *word)
{
    if (strcmp(word, "post") == 0) c->model.norm = THOR_NORM_POST;
    else if (strcmp(word, "short-encoder") == 0) c->model.encoder_layers = 1;
    else if (strcmp(word, "smoothing") == 0) c->loss.label_smoothing = 0.1;
    else if (strcmp(word, "dropout") == 0) {
        c->model.dropout = 0.1, c->model.attention_dropout = 0.2, c->model.activation_dropout = 0.3;
    }
    else if (strcmp(word, "two-shards") == 0) c->batch.shards = 2;
    else if (strcmp(word, "odd") == 0) {
        c->model.width = 18, c->model.heads = 3, c->model.ffn_width = 21;
        c->moe.experts = 18, c->task.candidates = 5, c->vocab.ids = 37, c->vocab.size = 29;
    } else return false;
    return true;
}

void ref_case_config(thor_config *config, const char *settings)
{
    char words[256], *rest = words;
    defaults(config);
    snprintf(words, sizeof words, "%s", settings);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
        if (!set_router(config, word) && !set_task(config, word) && !set_stack(config, word))
            ref_die("the fixture knows no setting %s", word);
}
