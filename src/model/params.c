/* The table of parameters: what the network names, line by line. */
#include "model/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "model/network.h"

enum { ALIGN = 16 };

/* The table while it is laid out; after the first error nothing more happens. */
typedef struct {
    const thor_config *config;
    thor_params *params;
    int32_t room;
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
        l->status = thor_fail(l->error, THOR_E_USAGE, "%s: %lld x %lld x %lld elements are more than 2^33, the "
                              "random numbers of one tensor; choose smaller sizes", name, (long long)a,
                              (long long)(b ? b : 1), (long long)(c ? c : 1));
        return;
    }
    thor_param *p = &l->params->items[l->params->count++];
    *p = (thor_param){ .dims = c ? 3 : b ? 2 : 1, .shape = { a, b, c }, .init = init, .scale = scale };
    snprintf(p->name, sizeof p->name, "%s", name);
    p->count = a * (b ? b : 1) * (c ? c : 1);
    p->offset = l->params->floats;
    l->params->floats += (p->count + ALIGN - 1) / ALIGN * ALIGN;
    l->params->elements += p->count;
}

/* A line for each tensor that the network names; there are no values yet. */
static const float *add_weight(void *context, const thor_weight *weight)
{
    layout *l = context;
    const int64_t *shape = weight->shape;
    int32_t before = l->params->count;
    add(l, weight->name, weight->init, weight->scale, shape[0], shape[1], shape[2]);
    if (l->params->count > before && weight->by_expert)
        l->params->items[before].experts = l->config->moe.experts;
    return NULL;
}

static void add_all(layout *l)
{
    thor_network network;
    const thor_weights weights = { .take = add_weight, .context = l };
    thor_status status = thor_network_make(&network, l->config, &weights, l->error);
    if (status != THOR_OK) {
        l->status = status;
        return;
    }
    thor_network_close(&network);
    if (l->status == THOR_OK)
        l->params->items[0].zero_padding_row = true;    /* embed.weight */
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
