/* The table of parameters and their initial values, in the order of thor-model(7). */
#include "model/params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

enum { ALIGN = 16 };

/* The table while it is laid out; after the first error nothing more happens. */
typedef struct {
    const thor_config *config;
    thor_params *params;
    int32_t room;
    char prefix[THOR_MAX_NAME / 2];     /* of the stack or layer whose parameters come now */
    thor_status status;
    thor_error *error;
} layout;

static void make_room(layout *l)
{
    if (l->params->count < l->room)
        return;
    int32_t room = l->room ? 2 * l->room : 64;
    thor_param *items = realloc(l->params->items, (size_t)room * sizeof *items);
    if (!items) {
        l->status = thor_fail(l->error, THOR_E_MEMORY, "no memory for a table of %d parameters", (int)room);
        return;
    }
    l->params->items = items;
    l->room = room;
}

/* Adds a tensor of the shape a, a x b or a x b x c (the others are 0). The normal distribution takes two random words
 * an element out of 2^34, which bounds a tensor. */
static void add(layout *l, const char *name, thor_init init, double scale, int64_t a, int64_t b, int64_t c)
{
    if (l->status == THOR_OK)
        make_room(l);
    if (l->status != THOR_OK)
        return;
    int64_t most = INT64_C(1) << 33;
    if (a > most / (b ? b : 1) / (c ? c : 1)) {
        l->status = thor_fail(l->error, THOR_E_USAGE, "%s%s: %lld x %lld x %lld elements are more than 2^33, the "
                              "random numbers of one tensor; choose smaller sizes", l->prefix, name, (long long)a,
                              (long long)(b ? b : 1), (long long)(c ? c : 1));
        return;
    }
    thor_param *p = &l->params->items[l->params->count++];
    *p = (thor_param){ .dims = c ? 3 : b ? 2 : 1, .shape = { a, b, c }, .init = init, .scale = scale };
    snprintf(p->name, sizeof p->name, "%s%s", l->prefix, name);
    p->count = a * (b ? b : 1) * (c ? c : 1);
    p->offset = l->params->floats;
    l->params->floats += (p->count + ALIGN - 1) / ALIGN * ALIGN;
    l->params->elements += p->count;
}

/* Weight and bias of a linear layer, U(±1/sqrt(fan-in)). */
static void add_linear(layout *l, const char *name, int64_t out, int64_t in)
{
    char full[64];
    double bound = 1 / sqrt((double)in);
    snprintf(full, sizeof full, "%s.weight", name);
    add(l, full, THOR_INIT_UNIFORM, bound, out, in, 0);
    snprintf(full, sizeof full, "%s.bias", name);
    add(l, full, THOR_INIT_UNIFORM, bound, out, 0, 0);
}

static void add_norm(layout *l, const char *name)
{
    char full[64];
    int64_t d = l->config->model.width;
    snprintf(full, sizeof full, "%s.weight", name);
    add(l, full, THOR_INIT_ONE, 0, d, 0, 0);
    snprintf(full, sizeof full, "%s.bias", name);
    add(l, full, THOR_INIT_ZERO, 0, d, 0, 0);
}

/* q, k, v: Xavier uniform with gain 1/sqrt(2), biases U(±1/sqrt(d)); o: gain 1, bias 0. */
static void add_attention(layout *l, const char *name)
{
    char full[64];
    int64_t d = l->config->model.width;
    double xavier = sqrt(6 / (double)(2 * d));
    for (const char *part = "qkvo"; *part; part++) {
        bool output = *part == 'o';
        snprintf(full, sizeof full, "%s.%c.weight", name, *part);
        add(l, full, THOR_INIT_UNIFORM, output ? xavier : sqrt(0.5) * xavier, d, d, 0);
        snprintf(full, sizeof full, "%s.%c.bias", name, *part);
        add(l, full, output ? THOR_INIT_ZERO : THOR_INIT_UNIFORM, output ? 0 : 1 / sqrt((double)d), d, 0, 0);
    }
    snprintf(full, sizeof full, "%s_norm", name);
    add_norm(l, full);
}

static void add_experts(layout *l)
{
    int64_t e = l->config->moe.experts, d = l->config->model.width, f = l->config->model.ffn_width;
    int32_t first = l->params->count;
    add(l, "moe.experts.fc1.weight", THOR_INIT_UNIFORM, 1 / sqrt((double)d), e, f, d);
    add(l, "moe.experts.fc1.bias", THOR_INIT_UNIFORM, 1 / sqrt((double)d), e, f, 0);
    add(l, "moe.experts.fc2.weight", THOR_INIT_UNIFORM, 1 / sqrt((double)f), e, d, f);
    add(l, "moe.experts.fc2.bias", THOR_INIT_UNIFORM, 1 / sqrt((double)f), e, d, 0);
    for (int32_t i = first; i < l->params->count; i++)
        l->params->items[i].experts = l->config->moe.experts;
}

static void add_mixture(layout *l)
{
    int64_t e = l->config->moe.experts, d = l->config->model.width;
    double bound = 1 / sqrt((double)d);
    add_experts(l);
    add(l, "moe.router.weight", THOR_INIT_UNIFORM, bound, e, d, 0);
    if (thor_config_has_task_router(l->config))
        add(l, "moe.task_router.weight", THOR_INIT_UNIFORM, bound, e, d, 0);
    if (l->config->context.form != THOR_CONTEXT_NONE)
        add_linear(l, "moe.context_gate", d, 2 * d);
}

static void add_stack(layout *l, const char *stack, int32_t layers, bool cross)
{
    for (int32_t i = 0; i < layers; i++) {
        snprintf(l->prefix, sizeof l->prefix, "%s.layers.%d.", stack, (int)i);
        add_attention(l, "self_attn");
        if (cross)
            add_attention(l, "cross_attn");
        add_norm(l, "ffn_norm");
        if (thor_config_is_mixture(l->config, i)) {
            add_mixture(l);
        } else {
            add_linear(l, "ffn.fc1", l->config->model.ffn_width, l->config->model.width);
            add_linear(l, "ffn.fc2", l->config->model.width, l->config->model.ffn_width);
        }
    }
    l->prefix[0] = '\0';
}

static void add_all(layout *l)
{
    const thor_config *config = l->config;
    int64_t d = config->model.width, tasks = thor_config_tasks(config);
    double deviation = 1 / sqrt((double)d);
    add(l, "embed.weight", THOR_INIT_NORMAL, deviation, config->vocab.ids, d, 0);
    if (l->status == THOR_OK)
        l->params->items[0].zero_padding_row = true;
    if (thor_config_has_predictor(config)) {
        add(l, "task.predictor.weight", THOR_INIT_UNIFORM, deviation, tasks, d, 0);
        add(l, "task.embedding.weight", THOR_INIT_NORMAL, deviation, tasks, d, 0);
    }
    if (config->model.norm == THOR_NORM_PRE) {
        add_norm(l, "encoder.layer_norm");
        add_norm(l, "decoder.layer_norm");
    }
    add_stack(l, "encoder", config->model.encoder_layers, false);
    add_stack(l, "decoder", config->model.decoder_layers, true);
}

static bool name_before(const void *context, int32_t a, int32_t b)
{
    const thor_param *items = context;
    return strcmp(items[a].name, items[b].name) < 0;
}

static void sort_by_name(thor_params *params)
{
    for (int32_t i = 0; i < params->count; i++)
        params->sorted[i] = i;
    thor_sort_by(params->sorted, params->count, name_before, params->items);
}

static thor_status check_known(const thor_config *config, thor_error *error)
{
    static const char *const names[] = { "dense", "token", "fixed", "hybrid", "residual", "lingual", "thor" };
    thor_system system = config->moe.system;
    if (system != THOR_SYSTEM_DENSE && system != THOR_SYSTEM_TOKEN && system != THOR_SYSTEM_THOR)
        return thor_fail(error, THOR_E_USAGE, "moe.system '%s' is not built into this version; it has dense, token "
                         "and thor", names[system]);
    if (config->vocab.ids < 1 || config->languages.count < 1)
        return thor_fail(error, THOR_E_USAGE, "vocab.ids is %d and there are %d languages: a model needs both; they "
                         "come with the data", (int)config->vocab.ids, (int)config->languages.count);
    if (thor_config_has_predictor(config) && thor_config_tasks(config) < 1)
        return thor_fail(error, THOR_E_USAGE, "task.label has no classes here; name domains or pairs, or "
                         "set task.count");
    return THOR_OK;
}

thor_status thor_params_make(thor_params *params, const thor_config *config, thor_error *error)
{
    *params = (thor_params){ .items = NULL };
    THOR_TRY(check_known(config, error));
    layout l = { .config = config, .params = params, .status = THOR_OK, .error = error };
    add_all(&l);
    if (l.status == THOR_OK) {
        params->sorted = malloc((size_t)params->count * sizeof *params->sorted);
        if (!params->sorted)
            l.status = thor_fail(error, THOR_E_MEMORY, "no memory for a table of %d parameters", (int)params->count);
    }
    if (l.status != THOR_OK) {
        thor_params_free(params);
        return l.status;
    }
    sort_by_name(params);
    return THOR_OK;
}

void thor_params_free(thor_params *params)
{
    free(params->items);
    free(params->sorted);
    *params = (thor_params){ .items = NULL };
}

int32_t thor_params_find(const thor_params *params, const char *name)
{
    int32_t low = 0, high = params->count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2, index = params->sorted[middle];
        int order = strcmp(name, params->items[index].name);
        if (order == 0)
            return index;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}
