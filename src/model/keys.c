#include "model/keys.h"

#include <stdio.h>
#include <string.h>

static const char *const norms[] = { "pre", "post", NULL };
static const char *const systems[] = { "dense", "token", "fixed", "hybrid", "residual", "lingual", "thor", NULL };
static const char *const orders[] = { "priority", "position", NULL };
static const char *const policies[] = { "top_k", "top_p", NULL };
static const char *const renormalize[] = { "auto", "true", "false", NULL };
static const char *const labels[] = { "target_language", "source_language", "pair", "domain", NULL };
static const char *const taps[] = { "before_moe", "embedding", NULL };
static const char *const pools[] = { "max", "cls", "mean", NULL };
static const char *const representations[] = { "mixed", "predicted", "golden", "none", NULL };
static const char *const uses[] = { "hierarchical", "infuse", "none", NULL };
static const char *const contexts[] = { "interpolate", "add", "none", NULL };
static const char *const overs[] = { "tasks", "sentences", NULL };
static const char *const counts[] = { "selected", "first", NULL };
static const char *const forms[] = { "cmr", "softmax", NULL };
static const char *const types[] = { "bpe", "unigram", NULL };

#define LARGEST 2147483647.0
#define AT(field) offsetof(thor_config, field)
#define WHOLE(name, field, low, high, unit, doc) \
    { name, THOR_KEY_INT32, AT(field), NULL, low, high, false, false, unit, doc }
#define LONG(name, field, low, high, unit, doc) \
    { name, THOR_KEY_INT64, AT(field), NULL, low, high, false, false, unit, doc }
#define NUMBER(name, field, low, high, unit, doc) \
    { name, THOR_KEY_NUMBER, AT(field), NULL, low, high, false, false, unit, doc }
#define ABOVE(name, field, low, high, unit, doc) \
    { name, THOR_KEY_NUMBER, AT(field), NULL, low, high, true, false, unit, doc }
#define BELOW(name, field, low, high, unit, doc) \
    { name, THOR_KEY_NUMBER, AT(field), NULL, low, high, false, true, unit, doc }
#define CHOICE(name, field, choices, doc) { name, THOR_KEY_CHOICE, AT(field), choices, 0, 0, false, false, "", doc }
#define BOOL(name, field, doc) { name, THOR_KEY_BOOL, AT(field), NULL, 0, 1, false, false, "", doc }
#define NAMES(name, field, doc) { name, THOR_KEY_NAMES, AT(field), NULL, 0, 0, false, false, "", doc }

static const thor_key keys[] = {
    WHOLE("model.encoder_layers", model.encoder_layers, 1, 255, "layers", "layers of the encoder"),
    WHOLE("model.decoder_layers", model.decoder_layers, 1, 255, "layers", "layers of the decoder"),
    WHOLE("model.width", model.width, 4, 65536, "", "model width d: even and a multiple of model.heads"),
    WHOLE("model.ffn_width", model.ffn_width, 1, 1048576, "", "hidden width F of feed-forward networks and experts"),
    WHOLE("model.heads", model.heads, 1, 1024, "", "attention heads H"),
    CHOICE("model.norm", model.norm, norms, "layer norm before each sub-layer, or after its residual sum"),
    BELOW("model.dropout", model.dropout, 0, 1, "", "dropout after embedding and sub-layers"),
    BELOW("model.attention_dropout", model.attention_dropout, 0, 1, "", "dropout on attention probabilities"),
    BELOW("model.activation_dropout", model.activation_dropout, 0, 1, "", "dropout after the relu"),

    CHOICE("moe.system", moe.system, systems, "what the mixture layers are"),
    WHOLE("moe.every", moe.every, 0, 1024, "layers", "every so many layers the feed-forward network is a mixture"),
    WHOLE("moe.experts", moe.experts, 1, 4096, "", "experts E of a mixture"),
    NUMBER("moe.capacity_factor", moe.capacity_factor, 0, 1e6, "", "places of an expert for its share; 0: no limit"),
    CHOICE("moe.capacity_order", moe.capacity_order, orders, "who gets the places"),

    CHOICE("router.policy", router.policy, policies, "how a token chooses its experts"),
    WHOLE("router.k", router.k, 1, 4096, "experts", "experts of a token under top_k"),
    ABOVE("router.p", router.p, 0, 1, "", "probability that the chosen experts reach under top_p"),
    CHOICE("router.renormalize", router.renormalize, renormalize, "whether the chosen weights are rescaled"),

    CHOICE("task.label", task.label, labels, "the class that the task predictor learns"),
    CHOICE("task.tap", task.tap, taps, "the encoder rows that the task predictor reads"),
    CHOICE("task.pool", task.pool, pools, "how those rows become one vector"),
    CHOICE("task.representation", task.representation, representations, "the task vector that the task routers read"),
    CHOICE("task.use", task.use, uses, "what the task vector is for"),
    WHOLE("task.candidates", task.candidates, 0, 4096, "experts",
          "candidate experts C of a sentence; 0: max(E/4, min(4, E))"),
    WHOLE("task.count", task.count, 0, 1000000, "tasks", "classes K; 0: as many as there are labels"),

    CHOICE("context.form", context.form, contexts, "how the context enters the routing input"),
    BOOL("context.feed_experts", context.feed_experts, "whether the experts, too, read the routing input"),

    CHOICE("balance.task_over", balance.task_over, overs, "what the task balance loss averages over"),
    CHOICE("balance.count", balance.count, counts, "which choices the token balance loss counts"),

    NUMBER("loss.task", loss.task, 0, 1e6, "", "weight a of the task prediction loss"),
    NUMBER("loss.task_balance", loss.task_balance, 0, 1e6, "", "weight b of the task balance loss"),
    NUMBER("loss.token_balance", loss.token_balance, 0, 1e6, "", "weight c of the token balance loss"),
    NUMBER("loss.dynamic", loss.dynamic, 0, 1e6, "", "weight e of the entropy loss of top_p"),
    BELOW("loss.label_smoothing", loss.label_smoothing, 0, 1, "", "probability spread over the other ids"),

    CHOICE("residual.form", residual.form, forms, "how the shared network and the mixture are blended"),
    NUMBER("residual.budget", residual.budget, 0, 1, "", "share of the mixture that the budget loss aims at"),
    NUMBER("residual.budget_weight", residual.budget_weight, 0, 1e6, "", "weight of the budget loss"),

    BOOL("lingual.dynamic", lingual.dynamic, "whether groups grow by one where a difficulty class lags"),
    LONG("lingual.grow_every", lingual.grow_every, 1, 1e12, "updates", "groups may grow after every so many updates"),
    { "lingual.sizes", THOR_KEY_SIZES, AT(lingual.sizes), NULL, 1, 4096, false, false, "experts",
      "sizes of the groups: high, medium, low; thor writes it" },
    BOOL("lingual.family_loss", lingual.family_loss, "whether the contrastive family loss trains the language router"),
    NUMBER("lingual.family_weight", lingual.family_weight, 0, 1e6, "", "weight of the family loss"),
    NAMES("lingual.families", lingual.families, "language families: a name and its language codes"),

    NUMBER("optimizer.lr", optimizer.lr, 0, 1e6, "", "learning rate at the end of the warm-up"),
    BELOW("optimizer.beta1", optimizer.beta1, 0, 1, "", "decay of Adam's first moment"),
    BELOW("optimizer.beta2", optimizer.beta2, 0, 1, "", "decay of Adam's second moment"),
    NUMBER("optimizer.eps", optimizer.eps, 1e-30, 1e6, "", "added to the root of the second moment"),
    NUMBER("optimizer.weight_decay", optimizer.weight_decay, 0, 1e6, "", "decoupled weight decay"),
    NUMBER("optimizer.clip_norm", optimizer.clip_norm, 0, 1e9, "", "largest norm of the gradient; 0: not clipped"),

    LONG("schedule.warmup", schedule.warmup, 1, 1e12, "updates", "updates in which the learning rate rises"),
    LONG("schedule.updates", schedule.updates, 0, 4294967295.0, "updates", "updates of the whole training"),

    LONG("batch.max_tokens", batch.max_tokens, 1, 1e9, "tokens", "tokens of a shard, padding counted"),
    WHOLE("batch.shards", batch.shards, 1, 4096, "shards", "shards S of a step"),
    ABOVE("batch.temperature", batch.temperature, 0, 1e6, "", "T: directions are drawn by share^(1/T)"),
    WHOLE("batch.max_pieces", batch.max_pieces, 1, 1000000, "pieces", "longer sentences are left out"),

    WHOLE("search.beam", search.beam, 1, THOR_MOST_BEAM, "", "hypotheses kept"),
    NUMBER("search.length_penalty", search.length_penalty, 0, 100, "", "exponent of the length in a score"),
    NUMBER("search.max_length_a", search.max_length_a, 0, 1000, "", "a translation has at most a*S + b tokens"),
    NUMBER("search.max_length_b", search.max_length_b, 0, 1e6, "tokens", "the b of that limit"),

    WHOLE("vocab.size", vocab.size, 1, 10000000, "pieces", "pieces without the special ids; an upper bound"),
    CHOICE("vocab.type", vocab.type, types, "kind of the subword model"),
    WHOLE("vocab.ids", vocab.ids, 0, LARGEST, "ids", "V, all ids counted; 0 until a vocabulary is known"),

    NAMES("languages", languages, "language codes in the order of their tokens"),
    NAMES("domains", domains, "domain names in the order of their task labels"),
    NAMES("pairs", pairs, "trained directions, sorted by source, then target"),
    { "seed", THOR_KEY_SEED, AT(seed), NULL, 0, 0x1p63, false, false, "", "seed of every random number" },
};

const thor_key *thor_config_keys(size_t *count)
{
    *count = sizeof keys / sizeof *keys;
    return keys;
}

const thor_key *thor_config_key(const char *name)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

void *thor_key_place(const thor_key *key, thor_config *config)
{
    return (char *)config + key->offset;
}

const void *thor_key_value(const thor_key *key, const thor_config *config)
{
    return (const char *)config + key->offset;
}

/* How wide an enumeration is the standard leaves to compilers: each is stored as itself. */
#define EACH_CHOICE(X)                                                                                              \
    X(model.norm, thor_norm) X(moe.system, thor_system) X(moe.capacity_order, thor_capacity_order)                  \
    X(router.policy, thor_policy) X(router.renormalize, thor_renormalize) X(task.label, thor_task_label)            \
    X(task.tap, thor_task_tap) X(task.pool, thor_task_pool) X(task.representation, thor_task_representation)        \
    X(task.use, thor_task_use) X(context.form, thor_context_form) X(balance.task_over, thor_task_over)              \
    X(balance.count, thor_balance_count) X(residual.form, thor_residual_form) X(vocab.type, thor_vocab_type)

void thor_key_choose(const thor_key *key, thor_config *config, int choice)
{
#define STORE(field, type) if (key->offset == AT(field)) config->field = (type)choice;
    EACH_CHOICE(STORE)
#undef STORE
}

static int chosen(const thor_key *key, const thor_config *config)
{
#define LOAD(field, type) if (key->offset == AT(field)) return (int)config->field;
    EACH_CHOICE(LOAD)
#undef LOAD
    return 0;
}

double thor_key_number(const thor_key *key, const thor_config *config)
{
    const void *value = thor_key_value(key, config);
    switch (key->type) {
    case THOR_KEY_INT32: return (double)*(const int32_t *)value;
    case THOR_KEY_INT64: return (double)*(const int64_t *)value;
    case THOR_KEY_SEED: return (double)*(const uint64_t *)value;
    case THOR_KEY_NUMBER: return *(const double *)value;
    case THOR_KEY_BOOL: return *(const bool *)value ? 1 : 0;
    case THOR_KEY_CHOICE: return chosen(key, config);
    case THOR_KEY_NAMES:
    case THOR_KEY_SIZES: break;
    }
    return 0;
}

static void expected_choice(const thor_key *key, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "one of ");
    for (int i = 0; key->choices[i] && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", key->choices[i]);
}

void thor_key_expected(const thor_key *key, char *text, size_t room)
{
    const char *what = key->type == THOR_KEY_NUMBER ? "a number" : "a whole number";
    switch (key->type) {
    case THOR_KEY_BOOL: snprintf(text, room, "true or false"); return;
    case THOR_KEY_CHOICE: expected_choice(key, text, room); return;
    case THOR_KEY_NAMES: snprintf(text, room, "a list of names"); return;
    case THOR_KEY_SEED: snprintf(text, room, "a whole number from 0 to 9223372036854775807"); return;
    case THOR_KEY_SIZES:
        snprintf(text, room, "a list of three whole numbers from %.10g to %.10g: high, medium, low", key->low,
                 key->high);
        return;
    default: break;
    }
    snprintf(text, room, "%s %s %.10g %s %.10g", what, key->low_open ? "above" : "from", key->low,
             key->high_open ? "to below" : "to", key->high);
}

thor_status thor_key_check(const thor_key *key, const thor_config *config, thor_error *error)
{
    if (key->type == THOR_KEY_NAMES || key->type == THOR_KEY_SIZES)
        return THOR_OK;
    double value = thor_key_number(key, config);
    double high = key->type == THOR_KEY_BOOL ? 1 : key->high;
    if (key->type == THOR_KEY_CHOICE)
        for (high = -1; key->choices[(int)high + 1];)
            high++;
    bool above = key->low_open ? value > key->low : value >= key->low;
    bool below = key->high_open ? value < high : value <= high;
    if (above && below)
        return THOR_OK;
    char expected[256];
    thor_key_expected(key, expected, sizeof expected);
    return thor_fail(error, THOR_E_USAGE, "%s is %.10g, but has to be %s", key->name, value, expected);
}
