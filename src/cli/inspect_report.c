/* Routing as tables, JSON and heat maps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dmath.h"
#include "base/fileio.h"
#include "cli/inspect_cli.h"
#include "cli/print_json.h"
#include "model/labels.h"
#include "report/heatmap.h"
#include "report/table.h"

static const char *const group_names[THOR_ROUTING_GROUPS] = { "into English", "from English", "between others" };

/* "encoder layer 1, by source language" */
static void layer_title(const thor_routing_layer *layer, char title[128])
{
    const char *number = strrchr(layer->name, '.');
    snprintf(title, 128, "%s layer %.20s, by %s language", layer->decoder ? "decoder" : "encoder",
             number ? number + 1 : "?", layer->decoder ? "target" : "source");
}

/* Of 100 choices of the language, those of the expert; NaN without rows. */
static double percent(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t language,
                      int32_t expert)
{
    const double *chosen = layer->chosen + (ptrdiff_t)language * routing->experts;
    double sum = 0;
    for (int32_t e = 0; e < routing->experts; e++)
        sum += chosen[e];
    return sum > 0 ? 100 * chosen[expert] / sum : NAN;
}

static double experts_per_token(const thor_routing_report *routing, const thor_routing_layer *layer, int32_t language)
{
    double sum = 0, rows = 0;
    for (int32_t l = 0; l < routing->languages; l++)
        if (language < 0 || l == language) {
            rows += layer->rows[l];
            for (int32_t e = 0; e < routing->experts; e++)
                sum += layer->chosen[(ptrdiff_t)l * routing->experts + e];
        }
    return rows > 0 ? sum / rows : NAN;
}

/* ---- text ---- */

static thor_status print_layer(const thor_routing_report *routing, const thor_routing_layer *layer, thor_error *error)
{
    char title[128];
    thor_table table = thor_table_make((size_t)routing->experts + 2);
    layer_title(layer, title);
    printf("\nExperts in %s: percent of the choices\n", title);
    thor_table_add(&table, "expert");
    for (int32_t e = 0; e < routing->experts; e++)
        thor_table_add(&table, "%d", (int)e);
    thor_table_add(&table, "a token");
    for (int32_t l = 0; l < routing->languages; l++) {
        if (layer->rows[l] <= 0)
            continue;
        thor_table_add(&table, "%s", routing->config->languages.items[l]);
        for (int32_t e = 0; e < routing->experts; e++)
            thor_table_add(&table, "%.0f", percent(routing, layer, l, e));
        thor_table_add(&table, "%.2f", experts_per_token(routing, layer, l));
    }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    return status;
}

static thor_status print_accuracy(const thor_routing_report *routing, thor_error *error)
{
    thor_table table = thor_table_make(3);
    printf("\nTask predictor: share of sentences whose task was found from the source alone\n");
    thor_table_add(&table, "directions");
    thor_table_add(&table, "sentences");
    thor_table_add(&table, "right");
    for (int g = 0; g < THOR_ROUTING_GROUPS; g++)
        if (routing->sentences[g] > 0) {
            thor_table_add(&table, "%s", group_names[g]);
            thor_table_add(&table, "%lld", (long long)routing->sentences[g]);
            thor_table_add(&table, "%.1f %%", 100.0 * (double)routing->right[g] / (double)routing->sentences[g]);
        }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    if (routing->config->task.label == THOR_LABEL_TARGET_LANGUAGE && routing->sentences[THOR_ROUTING_FROM_ENGLISH] > 0)
        printf("  The task is the target language. An English sentence does not show it: from English it can only be "
               "guessed.\n");
    return status;
}

static thor_status print_confusion(const thor_routing_report *routing, thor_error *error)
{
    char name[THOR_DIRECTION_NAME];
    thor_table table = thor_table_make((size_t)routing->tasks + 1);
    printf("\nTask predictor: true task (rows) and prediction (columns), sentences\n");
    thor_table_add(&table, "task");
    for (int32_t k = 0; k < routing->tasks; k++)
        thor_table_add(&table, "%s", thor_task_name(routing->config, k, name));
    for (int32_t t = 0; t < routing->tasks; t++) {
        thor_table_add(&table, "%s", thor_task_name(routing->config, t, name));
        for (int32_t k = 0; k < routing->tasks; k++)
            thor_table_add(&table, "%lld", (long long)routing->confusion[t * routing->tasks + k]);
    }
    thor_status status = thor_table_print(&table, stdout, 2, error);
    thor_table_free(&table);
    return status;
}

thor_status thor_inspect_routing_print(const thor_routing_report *routing, thor_error *error)
{
    double nll = routing->nll / (double)routing->tokens;
    printf("%lld target tokens, perplexity %.3f\n", (long long)routing->tokens, thor_exp(nll));
    if (routing->layer_count == 0)
        printf("The model has no mixtures.\n");
    for (int32_t i = 0; i < routing->layer_count; i++)
        THOR_TRY(print_layer(routing, &routing->layers[i], error));
    if (routing->tasks == 0)
        return THOR_OK;
    THOR_TRY(print_accuracy(routing, error));
    return print_confusion(routing, error);
}

/* ---- JSON ---- */

static json_t *layer_json(const thor_routing_report *routing, const thor_routing_layer *layer)
{
    json_t *languages = json_object();
    for (int32_t l = 0; l < routing->languages; l++) {
        if (layer->rows[l] <= 0)
            continue;
        json_t *chosen = json_array();
        for (int32_t e = 0; e < routing->experts; e++)
            json_array_append_new(chosen, json_integer((json_int_t)layer->chosen[(ptrdiff_t)l * routing->experts + e]));
        json_object_set_new(languages, routing->config->languages.items[l],
                            json_pack("{s:I, s:f, s:o}", "rows", (json_int_t)layer->rows[l], "experts_per_token",
                                      experts_per_token(routing, layer, l), "chosen", chosen));
    }
    return json_pack("{s:s, s:s, s:f, s:o}", "layer", layer->name, "language_of", layer->decoder ? "target" : "source",
                     "experts_per_token", experts_per_token(routing, layer, -1), "languages", languages);
}

static json_t *task_json(const thor_routing_report *routing)
{
    static const char *const keys[THOR_ROUTING_GROUPS] = { "into_english", "from_english", "between_others" };
    char name[THOR_DIRECTION_NAME];
    json_t *accuracy = json_object(), *names = json_array(), *confusion = json_array();
    for (int g = 0; g < THOR_ROUTING_GROUPS; g++)
        if (routing->sentences[g] > 0)
            json_object_set_new(accuracy, keys[g],
                                json_pack("{s:I, s:I}", "sentences", (json_int_t)routing->sentences[g], "right",
                                          (json_int_t)routing->right[g]));
    for (int32_t t = 0; t < routing->tasks; t++) {
        json_t *row = json_array();
        for (int32_t k = 0; k < routing->tasks; k++)
            json_array_append_new(row, json_integer((json_int_t)routing->confusion[t * routing->tasks + k]));
        json_array_append_new(confusion, row);
        json_array_append_new(names, json_string(thor_task_name(routing->config, t, name)));
    }
    return json_pack("{s:o, s:o, s:o}", "accuracy", accuracy, "names", names, "confusion", confusion);
}

thor_status thor_inspect_routing_json(const thor_routing_report *routing, thor_error *error)
{
    json_t *layers = json_array();
    for (int32_t i = 0; i < routing->layer_count; i++)
        json_array_append_new(layers, layer_json(routing, &routing->layers[i]));
    json_t *all = json_pack("{s:I, s:f, s:i, s:o}", "tokens", (json_int_t)routing->tokens, "nll",
                            routing->nll / (double)routing->tokens, "experts", (int)routing->experts, "mixtures",
                            layers);
    if (routing->tasks > 0)
        json_object_set_new(all, "task", task_json(routing));
    return thor_print_json(all, error);
}

/* ---- SVG ---- */

/* A map and what it points to. */
typedef struct picture {
    thor_heatmap map;
    char title[192];
    const char **rows, **columns;
    char (*texts)[THOR_DIRECTION_NAME];
    double *values;
} picture;

static void free_picture(picture *p)
{
    free(p->rows);
    free(p->columns);
    free(p->texts);
    free(p->values);
}

static bool take_picture(picture *p, int32_t rows, int32_t columns)
{
    p->rows = calloc((size_t)rows + 1, sizeof *p->rows);
    p->columns = calloc((size_t)columns + 1, sizeof *p->columns);
    p->texts = calloc((size_t)rows + 1, sizeof *p->texts);
    p->values = calloc((size_t)rows * (size_t)columns + 1, sizeof *p->values);
    return p->rows && p->columns && p->texts && p->values;
}

/* The scale ends at a multiple of 20 above the largest value, so that its quarters are whole. */
static void set_scale(thor_heatmap *map)
{
    map->high = 20;
    for (size_t i = 0; i < map->rows * map->columns; i++)
        if (map->values[i] > map->high)
            map->high = ceil(map->values[i] / 20) * 20;
}

static bool picture_layer(picture *p, const thor_routing_report *routing, const thor_routing_layer *layer)
{
    char title[128];
    if (!take_picture(p, routing->languages, routing->experts))
        return false;
    layer_title(layer, title);
    snprintf(p->title, sizeof p->title, "Experts in %s", title);
    size_t rows = 0;
    for (int32_t l = 0; l < routing->languages; l++) {
        if (layer->rows[l] <= 0)
            continue;
        p->rows[rows] = routing->config->languages.items[l];
        for (int32_t e = 0; e < routing->experts; e++)
            p->values[rows * (size_t)routing->experts + (size_t)e] = percent(routing, layer, l, e);
        rows++;
    }
    p->map = (thor_heatmap){ .title = p->title,
                             .row_name = layer->decoder ? "target language" : "source language",
                             .column_name = "expert",
                             .scale_name = "% of choices",
                             .row_names = p->rows,
                             .values = p->values,
                             .rows = rows,
                             .columns = (size_t)routing->experts };
    set_scale(&p->map);
    return true;
}

static bool picture_tasks(picture *p, const thor_routing_report *routing)
{
    int32_t K = routing->tasks;
    if (!take_picture(p, K, K))
        return false;
    snprintf(p->title, sizeof p->title, "Task predictor: true task and prediction");
    for (int32_t t = 0; t < K; t++) {
        int64_t sum = 0;
        p->rows[t] = p->columns[t] = thor_task_name(routing->config, t, p->texts[t]);
        for (int32_t k = 0; k < K; k++)
            sum += routing->confusion[t * K + k];
        for (int32_t k = 0; k < K; k++)
            p->values[t * K + k] = sum > 0 ? 100.0 * (double)routing->confusion[t * K + k] / (double)sum : NAN;
    }
    p->map = (thor_heatmap){ .title = p->title,
                             .row_name = "true task",
                             .column_name = "prediction",
                             .scale_name = "% of sentences",
                             .row_names = p->rows,
                             .column_names = p->columns,
                             .values = p->values,
                             .rows = (size_t)K,
                             .columns = (size_t)K,
                             .high = 100 };
    return true;
}

/* The encoder's maps to the left, the decoder's beside them, the predictor's below. */
static void place(const thor_routing_report *routing, const picture *pictures, int32_t count, double *x, double *y,
                  double *width, double *height)
{
    double left = 0, below[2] = { 0, 0 };
    *width = *height = 0;
    for (int32_t i = 0; i < count; i++) {
        double wide, high;
        thor_heatmap_size(&pictures[i].map, &wide, &high);
        int column = i < routing->layer_count && routing->layers[i].decoder;
        if (i < routing->layer_count && !column)
            left = wide > left ? wide : left;
        if (i == routing->layer_count && below[1] > below[0])
            below[0] = below[1];
        x[i] = column ? left : 0;
        y[i] = below[column];
        below[column] += high;
        *width = x[i] + wide > *width ? x[i] + wide : *width;
        *height = below[column] > *height ? below[column] : *height;
    }
}

static thor_status draw(const picture *pictures, int32_t count, const thor_routing_report *routing, const char *path,
                        thor_error *error)
{
    double width, height, *places = calloc((size_t)count * 2 + 2, sizeof *places);
    thor_output output = { .stream = NULL };
    if (!places)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d heat maps", (int)count);
    place(routing, pictures, count, places, places + count, &width, &height);
    thor_status status = thor_output_open(&output, path, error);
    if (status == THOR_OK) {
        thor_svg svg = { output.stream };
        thor_svg_begin(&svg, width, height, "Experts by language");
        for (int32_t i = 0; i < count; i++)
            thor_heatmap_draw(&svg, &pictures[i].map, places[i], places[count + i]);
        thor_svg_end(&svg);
        status = thor_output_commit(&output, error);
    }
    thor_output_abandon(&output);
    free(places);
    return status;
}

thor_status thor_inspect_routing_svg(const thor_routing_report *routing, const char *path, thor_error *error)
{
    int32_t count = 0, most = routing->layer_count + 1;
    picture *pictures = calloc((size_t)most, sizeof *pictures);
    bool good = pictures != NULL;
    for (int32_t i = 0; i < routing->layer_count && good; i++)
        good = picture_layer(&pictures[count++], routing, &routing->layers[i]);
    if (good && routing->tasks > 0)
        good = picture_tasks(&pictures[count++], routing);
    thor_status status = THOR_E_MEMORY;
    if (!good)
        thor_fail(error, THOR_E_MEMORY, "no memory for %d heat maps", (int)most);
    else if (count == 0)
        status = thor_fail(error, THOR_E_FAILED,
                           "--svg=%.200s: the model has neither mixtures nor a task predictor to draw", path);
    else
        status = draw(pictures, count, routing, path, error);
    for (int32_t i = 0; i < count; i++)
        free_picture(&pictures[i]);
    free(pictures);
    return status;
}
