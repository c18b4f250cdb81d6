/* Routing as heat maps. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fileio.h"
#include "cli/inspect_cli.h"
#include "model/labels.h"
#include "report/heatmap.h"

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
    if (!take_picture(p, routing->groups, routing->experts))
        return false;
    thor_inspect_layer_title(routing, layer, title);
    snprintf(p->title, sizeof p->title, "Experts in %s", title);
    size_t rows = 0;
    for (int32_t g = 0; g < routing->groups; g++) {
        if (layer->rows[g] <= 0)
            continue;
        p->rows[rows] = thor_routing_group_name(routing, g);
        for (int32_t e = 0; e < routing->experts; e++)
            p->values[rows * (size_t)routing->experts + (size_t)e] = 100 * thor_routing_share(routing, layer, g, e);
        rows++;
    }
    p->map = (thor_heatmap){ .title = p->title,
                             .row_name = routing->by_domain ? "domain"
                                         : layer->decoder ? "target language" : "source language",
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
        thor_svg_begin(&svg, width, height, routing->by_domain ? "Experts by domain" : "Experts by language");
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
