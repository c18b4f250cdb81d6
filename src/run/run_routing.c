/* What the routers and the task predictor did with a set of sentences. */
#include "run/run_routing.h"

#include <stdlib.h>
#include <string.h>

#include "run/run_split.h"

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
    layer->chosen = calloc((size_t)(routing->languages * routing->experts), sizeof *layer->chosen);
    layer->rows = calloc((size_t)routing->languages, sizeof *layer->rows);
    return layer->chosen && layer->rows ? layer : NULL;
}

/* selected [rows, E] of one mixture. */
static void count_choices(visit *v, const thor_tensor *selected, size_t name_length)
{
    thor_routing_layer *layer = find_layer(v->routing, selected->name, name_length);
    if (!layer) {
        v->failed = true;
        return;
    }
    const thor_batch *batch = v->batch;
    const int64_t *offset = layer->decoder ? batch->target_offset : batch->source_offset;
    const int32_t *languages = layer->decoder ? batch->target_language : batch->source_language, *row = selected->data;
    int64_t E = v->routing->experts;
    for (int64_t b = 0; b < batch->sentences; b++) {
        double *chosen = layer->chosen + languages[b] * E;
        layer->rows[languages[b]] += (double)(offset[b + 1] - offset[b]);
        for (int64_t r = offset[b]; r < offset[b + 1]; r++, row += E)
            for (int64_t e = 0; e < E; e++)
                chosen[e] += row[e];
    }
}

static int group_of(const thor_config *config, int32_t source, int32_t target)
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
        int group = group_of(routing->config, v->batch->source_language[b], v->batch->target_language[b]);
        routing->sentences[group]++;
        routing->right[group] += best == label;
        if (label >= 0 && label < routing->tasks)
            routing->confusion[label * routing->tasks + best]++;
    }
}

static void look(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    static const char selected[] = ".moe.selected";
    visit *v = context;
    size_t length = strlen(tensor->name), tail = sizeof selected - 1;
    (void)rows;
    if (length > tail && strcmp(tensor->name + length - tail, selected) == 0)
        count_choices(v, tensor, length - tail);
    else if (strcmp(tensor->name, "task.probs") == 0)
        count_tasks(v, tensor);
}

static thor_status add_batch(void *context, const thor_split_step *step, thor_error *error)
{
    thor_routing_report *routing = context;
    visit v = { .routing = routing, .batch = step->batch };
    thor_pass_visit(step->pass, look, &v);
    routing->nll += step->losses->nll_sum;
    routing->tokens += step->losses->tokens;
    return v.failed ? thor_fail(error, THOR_E_MEMORY, "no memory for the counts of a mixture") : THOR_OK;
}

thor_status thor_routing_run(thor_routing_report *routing, const thor_model *model, const thor_compute *compute,
                             const thor_prepared *corpus, const char *folder, thor_split split, thor_error *error)
{
    const thor_config *config = &model->config;
    *routing = (thor_routing_report){ .config = config,
                               .languages = config->languages.count,
                               .experts = config->moe.experts };
    routing->tasks = thor_config_has_predictor(config) ? thor_config_tasks(config) : 0;
    routing->confusion = calloc((size_t)(routing->tasks * routing->tasks) + 1, sizeof *routing->confusion);
    if (!routing->confusion)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d tasks", (int)routing->tasks);
    return thor_split_run(model, compute, corpus, folder, split, add_batch, routing, error);
}
