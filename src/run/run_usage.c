#include "run/run_usage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"

thor_status thor_usage_open(thor_usage *usage, const thor_config *config, thor_error *error)
{
    *usage = (thor_usage){ .experts = config->moe.experts };
    for (int32_t i = 0; i < config->model.encoder_layers; i++)
        usage->most_layers += thor_config_is_mixture(config, i);
    for (int32_t i = 0; i < config->model.decoder_layers; i++)
        usage->most_layers += thor_config_is_mixture(config, i);
    usage->layers = calloc((size_t)usage->most_layers + 1, sizeof *usage->layers);
    return usage->layers ? THOR_OK : thor_fail(error, THOR_E_MEMORY, "no memory for the counts of experts");
}

void thor_usage_free(thor_usage *usage)
{
    for (int32_t i = 0; i < usage->layer_count; i++)
        free(usage->layers[i].chosen);
    free(usage->layers);
    free(usage->sets);
    free(usage->sentences);
    *usage = (thor_usage){ .layers = NULL };
}

/* The place of the mixture of this name, -1 without memory. */
static int32_t find_layer(thor_usage *usage, const char *name, size_t length)
{
    for (int32_t i = 0; i < usage->layer_count; i++)
        if (strlen(usage->layers[i].name) == length && memcmp(usage->layers[i].name, name, length) == 0)
            return i;
    if (usage->layer_count == usage->most_layers)
        return -1;
    thor_usage_layer *layer = &usage->layers[usage->layer_count];
    layer->chosen = calloc((size_t)usage->experts, sizeof *layer->chosen);
    if (!layer->chosen)
        return -1;
    memcpy(layer->name, name, length);
    return usage->layer_count++;
}

typedef struct visit {
    thor_usage *usage;
    bool failed, candidates;
} visit;

static void count_choices(visit *v, const thor_tensor *selected, int32_t layer)
{
    const int32_t *row = selected->data;
    int64_t *chosen = v->usage->layers[layer].chosen;
    for (int64_t r = 0; r < selected->shape[0]; r++, row += selected->shape[1])
        for (int64_t e = 0; e < selected->shape[1]; e++)
            chosen[e] += row[e];
}

static void note_candidates(visit *v, const thor_tensor *candidates, int32_t layer)
{
    const thor_usage *usage = v->usage;
    const int32_t *row = candidates->data;
    int64_t E = usage->experts, width = (int64_t)usage->most_layers * E;
    for (int64_t b = 0; b < candidates->shape[0]; b++, row += E)
        for (int64_t e = 0; e < E; e++)
            usage->sentences[b * width + layer * E + e] = row[e] != 0;
    v->candidates = true;
}

/* The length of the name before `tail`, or 0 when it does not end so. */
static size_t head_of(const char *name, const char *tail)
{
    size_t length = strlen(name), end = strlen(tail);
    return length > end && strcmp(name + length - end, tail) == 0 ? length - end : 0;
}

static void look(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    visit *v = context;
    size_t selected = head_of(tensor->name, ".moe.selected"), candidates = head_of(tensor->name, ".moe.candidates");
    (void)rows;
    if (tensor->dtype != THOR_I32 || selected + candidates == 0)
        return;
    int32_t layer = find_layer(v->usage, tensor->name, selected + candidates);
    if (layer < 0)
        v->failed = true;
    else if (selected)
        count_choices(v, tensor, layer);
    else
        note_candidates(v, tensor, layer);
}

static bool add_set(thor_usage *usage, const unsigned char *set)
{
    size_t width = (size_t)usage->most_layers * (size_t)usage->experts;
    for (size_t i = 0; i < usage->set_count; i++)
        if (memcmp(usage->sets + i * width, set, width) == 0)
            return true;
    if (usage->set_count == usage->set_room) {
        size_t room = usage->set_room ? 2 * usage->set_room : 64;
        unsigned char *sets = realloc(usage->sets, room * width);
        if (!sets)
            return false;
        usage->sets = sets;
        usage->set_room = room;
    }
    memcpy(usage->sets + usage->set_count++ * width, set, width);
    return true;
}

thor_status thor_usage_add(thor_usage *usage, const thor_pass *pass, const thor_batch *batch, thor_error *error)
{
    visit v = { .usage = usage };
    size_t width = (size_t)usage->most_layers * (size_t)usage->experts;
    if (usage->most_layers == 0)
        return THOR_OK;
    free(usage->sentences);
    usage->sentences = calloc((size_t)batch->sentences, width);
    v.failed = !usage->sentences;
    if (!v.failed)
        thor_pass_visit(pass, look, &v);
    for (int64_t b = 0; b < batch->sentences && v.candidates && !v.failed; b++)
        v.failed = !add_set(usage, usage->sentences + (size_t)b * width);
    usage->has_candidates = usage->has_candidates || v.candidates;
    return v.failed ? thor_fail(error, THOR_E_MEMORY, "no memory for the counts of experts") : THOR_OK;
}

double thor_usage_share(const thor_usage *usage)
{
    int64_t used = 0;
    for (int32_t i = 0; i < usage->layer_count; i++)
        for (int32_t e = 0; e < usage->experts; e++)
            used += usage->layers[i].chosen[e] > 0;
    return usage->layer_count ? (double)used / ((double)usage->layer_count * usage->experts) : NAN;
}

double thor_usage_sets(const thor_usage *usage)
{
    return usage->has_candidates ? (double)usage->set_count : NAN;
}

double thor_usage_evenness(const thor_usage_layer *layer, int32_t experts)
{
    double all = 0, entropy = 0;
    for (int32_t e = 0; e < experts; e++)
        all += (double)layer->chosen[e];
    for (int32_t e = 0; e < experts; e++)
        if (layer->chosen[e] > 0)
            entropy -= (double)layer->chosen[e] / all * thor_ln(all > 0 ? (double)layer->chosen[e] / all : 1);
    return all > 0 && experts > 1 ? entropy / thor_ln((double)experts) : NAN;
}
