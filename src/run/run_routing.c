/* What the routers and the task predictor did with a set of sentences. */
#include "run/run_routing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a visit of a pass's tensors needs to know. */
typedef struct visit {
    thor_routing_report *routing;
    const thor_batch *batch;
    bool failed;                        /* no memory */
} visit;

void thor_routing_free(thor_routing_report *routing)
{
    for (int32_t i = 0; i < routing->layer_count; i++) {
        free(routing->layers[i].chosen);
        free(routing->layers[i].rows);
        free(routing->layers[i].sets);
    }
    free(routing->layers);
    free(routing->confusion);
    *routing = (thor_routing_report){ .config = NULL };
}

/* The layer of this name; a new one comes after those that were seen before it. */
static thor_routing_layer *find_layer(thor_routing_report *routing, const char *name, size_t length)
{
    for (int32_t i = 0; i < routing->layer_count; i++)
        if (strlen(routing->layers[i].name) == length && memcmp(routing->layers[i].name, name, length) == 0)
            return &routing->layers[i];
    thor_routing_layer *layers = realloc(routing->layers, (size_t)(routing->layer_count + 1) * sizeof *layers);
    if (!layers)
        return NULL;
    routing->layers = layers;
    thor_routing_layer *layer = &layers[routing->layer_count++];
    *layer = (thor_routing_layer){ .decoder = name[0] == 'd' };
    memcpy(layer->name, name, length);
    layer->chosen = calloc((size_t)routing->groups * (size_t)routing->experts, sizeof *layer->chosen);
    layer->rows = calloc((size_t)routing->groups, sizeof *layer->rows);
    return layer->chosen && layer->rows ? layer : NULL;
}

/* The group that sentence b is counted in. */
static int32_t group_of(const visit *v, const thor_routing_layer *layer, int64_t b)
{
    const thor_batch *batch = v->batch;
    if (!v->routing->by_domain)
        return layer->decoder ? batch->target_language[b] : batch->source_language[b];
    return batch->task_label[b] < 0 ? v->routing->groups - 1 : batch->task_label[b];
}

/* selected [rows, E] of one mixture. */
static bool count_choices(visit *v, thor_routing_layer *layer, const thor_tensor *selected)
{
    const thor_batch *batch = v->batch;
    const int64_t *offset = layer->decoder ? batch->target_offset : batch->source_offset;
    const int32_t *row = selected->data;
    int64_t E = v->routing->experts;
    for (int64_t b = 0; b < batch->sentences; b++) {
        int32_t group = group_of(v, layer, b);
        double *chosen = layer->chosen + group * E;
        layer->rows[group] += (double)(offset[b + 1] - offset[b]);
        for (int64_t r = offset[b]; r < offset[b + 1]; r++, row += E)
            for (int64_t e = 0; e < E; e++)
                chosen[e] += row[e];
    }
    return true;
}

/* Room for a set behind those that are kept; NULL without memory. */
static uint64_t *next_set(thor_routing_layer *layer, size_t words)
{
    size_t count = (size_t)layer->set_count * words;
    uint64_t *sets = realloc(layer->sets, (count + words) * sizeof *sets);
    if (!sets)
        return NULL;
    layer->sets = sets;
    memset(sets + count, 0, words * sizeof *sets);
    return sets + count;
}

/* candidates [B, E] of one mixture: keeps the sets that were not there before. */
static bool count_sets(visit *v, thor_routing_layer *layer, const thor_tensor *candidates)
{
    const int32_t *row = candidates->data;
    size_t words = thor_routing_words(v->routing);
    for (int64_t b = 0; b < v->batch->sentences; b++, row += v->routing->experts) {
        uint64_t *set = next_set(layer, words), *known = layer->sets;
        if (!set)
            return false;
        for (int32_t e = 0; e < v->routing->experts; e++)
            set[e / 64] |= (uint64_t)(row[e] != 0) << (e % 64);
        while (memcmp(known, set, words * sizeof *set) != 0)
            known += words;
        layer->set_count += known == set;
    }
    return true;
}

static int side_of(const thor_config *config, int32_t source, int32_t target)
{
    int32_t english = thor_names_find(&config->languages, "en");
    if (english < 0 || source == target)
        return THOR_ROUTING_OTHER;
    if (target == english)
        return THOR_ROUTING_INTO_ENGLISH;
    return source == english ? THOR_ROUTING_FROM_ENGLISH : THOR_ROUTING_OTHER;
}

/* probs [B, K]; of equal probabilities the first is the prediction. */
static void count_tasks(visit *v, const thor_tensor *probs)
{
    thor_routing_report *routing = v->routing;
    const float *p = probs->data;
    for (int64_t b = 0; b < v->batch->sentences; b++, p += routing->tasks) {
        int32_t best = 0, label = v->batch->task_label[b];
        for (int32_t k = 1; k < routing->tasks; k++)
            best = p[k] > p[best] ? k : best;
        int side = side_of(routing->config, v->batch->source_language[b], v->batch->target_language[b]);
        routing->sentences[side]++;
        routing->right[side] += best == label;
        if (label >= 0 && label < routing->tasks)
            routing->confusion[label * routing->tasks + best]++;
    }
}

static void look(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    static const struct { const char *tail; bool (*count)(visit *, thor_routing_layer *, const thor_tensor *);
    } of_mixtures[] = { { ".moe.selected", count_choices }, { ".moe.candidates", count_sets } };
    visit *v = context;
    (void)rows;
    if (strcmp(tensor->name, "task.probs") == 0)
        count_tasks(v, tensor);
    for (size_t i = 0; i < sizeof of_mixtures / sizeof *of_mixtures; i++) {
        size_t length = strlen(tensor->name), tail = strlen(of_mixtures[i].tail);
        if (length <= tail || strcmp(tensor->name + length - tail, of_mixtures[i].tail) != 0)
            continue;
        thor_routing_layer *layer = find_layer(v->routing, tensor->name, length - tail);
        v->failed = !layer || !of_mixtures[i].count(v, layer, tensor) || v->failed;
    }
}

thor_status thor_routing_add(thor_routing_report *routing, const thor_split_step *step, thor_error *error)
{
    visit v = { .routing = routing, .batch = step->batch };
    thor_pass_visit(step->pass, look, &v);
    routing->nll += step->losses->nll_sum;
    routing->tokens += step->losses->tokens;
    return v.failed ? thor_fail(error, THOR_E_MEMORY, "no memory for the counts of a mixture") : THOR_OK;
}

thor_status thor_routing_open(thor_routing_report *routing, const thor_config *config, thor_error *error)
{
    *routing = (thor_routing_report){ .config = config,
                                      .by_domain = config->task.label == THOR_LABEL_DOMAIN && config->domains.count > 0,
                                      .experts = config->moe.experts };
    routing->groups = routing->by_domain ? config->domains.count + 1 : config->languages.count;
    routing->tasks = thor_config_has_predictor(config) ? thor_config_tasks(config) : 0;
    routing->confusion = calloc((size_t)(routing->tasks * routing->tasks) + 1, sizeof *routing->confusion);
    return routing->confusion ? THOR_OK
                              : thor_fail(error, THOR_E_MEMORY, "no memory for %d tasks", (int)routing->tasks);
}

static thor_status add_step(void *context, const thor_split_step *step, thor_error *error)
{
    return thor_routing_add(context, step, error);
}

thor_status thor_routing_run(thor_routing_report *routing, const thor_model *model, const thor_compute *compute,
                             const thor_prepared *corpus, const char *folder, thor_split split, thor_error *error)
{
    THOR_TRY(thor_routing_open(routing, &model->config, error));
    return thor_split_run(model, compute, corpus, folder, split, add_step, routing, error);
}
