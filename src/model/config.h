/* The configuration of a model and its training: one field for each key of thor-config(5). Strings and lists are owned
 * by the struct and freed by thor_config_free. */
#ifndef THOR_MODEL_CONFIG_H
#define THOR_MODEL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/language_group.h"
#include "base/status.h"
#include "nn/choices.h"

/* The largest search.beam: what the search has room for. */
enum { THOR_MOST_BEAM = 64 };

typedef enum { THOR_NORM_PRE, THOR_NORM_POST } thor_norm;
typedef enum {
    THOR_SYSTEM_DENSE,
    THOR_SYSTEM_TOKEN,
    THOR_SYSTEM_FIXED,
    THOR_SYSTEM_HYBRID,
    THOR_SYSTEM_RESIDUAL,
    THOR_SYSTEM_LINGUAL,
    THOR_SYSTEM_THOR
} thor_system;
typedef enum { THOR_RENORMALIZE_AUTO, THOR_RENORMALIZE_TRUE, THOR_RENORMALIZE_FALSE } thor_renormalize;
typedef enum {
    THOR_LABEL_TARGET_LANGUAGE,
    THOR_LABEL_SOURCE_LANGUAGE,
    THOR_LABEL_PAIR,
    THOR_LABEL_DOMAIN
} thor_task_label;
typedef enum { THOR_TAP_BEFORE_MOE, THOR_TAP_EMBEDDING } thor_task_tap;
typedef enum { THOR_USE_HIERARCHICAL, THOR_USE_INFUSE, THOR_USE_NONE } thor_task_use;
typedef enum { THOR_TASK_OVER_TASKS, THOR_TASK_OVER_SENTENCES } thor_task_over;
typedef enum { THOR_VOCAB_BPE, THOR_VOCAB_UNIGRAM } thor_vocab_type;

enum { THOR_NAME_LETTERS = 64 };        /* of a language or domain, at most */

typedef struct thor_names {
    char **items;               /* language codes, domain names or "en-de" pairs */
    int32_t count;
} thor_names;

typedef struct thor_config {
    char recipe[64];            /* the recipe's name, for people; no key of its own */
    struct {
        int32_t encoder_layers, decoder_layers, width, ffn_width, heads;
        thor_norm norm;
        double dropout, attention_dropout, activation_dropout;
    } model;
    struct {
        thor_system system;
        int32_t every, experts;
        double capacity_factor;
        thor_capacity_order capacity_order;
    } moe;
    struct {
        thor_policy policy;
        int32_t k;
        double p;
        thor_renormalize renormalize;
    } router;
    struct {
        thor_task_label label;
        thor_task_tap tap;
        thor_task_pool pool;
        thor_task_representation representation;
        thor_task_use use;
        int32_t candidates;     /* 0: a quarter of the experts, but 4 at least, or all where there are fewer */
        int32_t count;          /* K; 0: derived from languages, domains or pairs */
    } task;
    struct {
        thor_context_form form;
        bool feed_experts;
    } context;
    struct {
        thor_task_over task_over;
        thor_balance_count count;
    } balance;
    struct {
        double task, task_balance, token_balance, dynamic, label_smoothing;
    } loss;
    struct {
        thor_residual_form form;
        double budget, budget_weight;
    } residual;
    struct {
        bool dynamic, family_loss;
        int64_t grow_every;
        int32_t sizes[THOR_GROUPS];     /* of the groups: high, medium, low; 0: C */
        double family_weight;
        thor_names families;    /* "name code code …": a family and its languages */
    } lingual;
    struct {
        double lr, beta1, beta2, eps, weight_decay, clip_norm;
    } optimizer;
    struct {
        int64_t warmup, updates;
    } schedule;
    struct {
        int64_t max_tokens;
        int32_t shards;
        double temperature;
        int32_t max_pieces;
    } batch;
    struct {
        int32_t beam;
        double length_penalty, max_length_a, max_length_b;
    } search;
    struct {
        int32_t size;           /* pieces without the special ids; an upper bound when learning */
        thor_vocab_type type;
        int32_t ids;            /* V, all ids counted; 0 until a vocabulary is known */
    } vocab;
    thor_names languages;       /* in token order */
    thor_names domains;
    thor_names pairs;           /* trained directions "src-tgt", sorted by source, then target; for task.label = pair */
    uint64_t seed;
} thor_config;

/* The recipe's configuration at paper scale. Unknown names are THOR_E_USAGE with the list of recipes. */
thor_status thor_config_recipe(thor_config *config, const char *name, thor_error *error);
/* NULL-terminated list of recipe names. */
const char *const *thor_config_recipes(void);

/* Replaces sizes, experts, batch, shards, warm-up, updates and vocabulary: "tiny", "small", "base", "paper". */
thor_status thor_config_scale(thor_config *config, const char *scale, thor_error *error);

/* Ranges and combinations; every sentence names the key, what was found and what is possible. Languages need not be
 * known yet. */
thor_status thor_config_check(const thor_config *config, thor_error *error);

/* Writes the number of candidates out where 0 stands for it, and the sizes of groups that grow, so that a configuration
 * that goes into a file means the same model for ever, whatever 0 may stand for later. For a configuration that is
 * complete. */
void thor_config_settle(thor_config *config);

thor_status thor_config_copy(thor_config *to, const thor_config *from, thor_error *error);
void thor_config_free(thor_config *config);

thor_status thor_names_add(thor_names *names, const char *name, thor_error *error);
void thor_names_clear(thor_names *names);
/* Index of `name`, or -1. */
int32_t thor_names_find(const thor_names *names, const char *name);

/* What follows from the keys. */
const thor_names *thor_task_names(const thor_config *config);               /* languages, pairs or domains */
int32_t thor_config_tasks(const thor_config *config);                       /* K */
int32_t thor_config_group(const thor_config *config);           /* task.candidates, or what stands for its 0 */
int32_t thor_config_candidates(const thor_config *config);                  /* C; E where there are no candidates */
bool thor_config_has_mixtures(const thor_config *config);                   /* false: dense */
bool thor_config_has_predictor(const thor_config *config);                  /* [CLS], task.predictor, L_task */
bool thor_config_has_task_router(const thor_config *config);                /* candidates, L_tb */
bool thor_config_is_mixture(const thor_config *config, int32_t layer); /* the same for encoder and decoder layers */

#endif
