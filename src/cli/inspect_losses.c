/* The course of a training, from metrics.jsonl. */
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/dmath.h"
#include "base/fileio.h"
#include "cli/inspect_cli.h"
#include "file/metrics.h"
#include "report/chart.h"
#include "report/table.h"

enum { POINTS = 200, WIDTH = 860, PANEL = 320 };

typedef struct course {
    thor_metrics_history history;
    thor_metrics_record drawn;          /* training, as means of neighbouring updates: at most POINTS of them */
} course;

/* Means of neighbouring updates, so that a long training stays readable. */
static bool thin(course *c)
{
    size_t width = (c->history.training.count + POINTS - 1) / POINTS;
    for (size_t first = 0; first < c->history.training.count; first += width) {
        double line[THOR_METRICS_KEYS];
        size_t end = first + width < c->history.training.count ? first + width : c->history.training.count;
        for (int k = 0; k < THOR_METRICS_KEYS; k++) {
            double sum = 0;
            size_t found = 0;
            for (size_t i = first; i < end; i++)
                if (isfinite(c->history.training.values[k][i])) {
                    sum += c->history.training.values[k][i];
                    found++;
                }
            line[k] = found ? sum / (double)found : NAN;
        }
        if (!thor_metrics_add(&c->drawn, line))
            return false;
    }
    return true;
}

/* ---- text ---- */

static void add_number(thor_table *table, double value, int digits)
{
    if (isfinite(value))
        thor_table_add(table, "%.*f", digits, value);
    else
        thor_table_add(table, "-");
}

static thor_status print_history(const course *c, thor_error *error)
{
    thor_table table = thor_table_make(6);
    const thor_metrics_record *v = &c->history.validation, *t = &c->history.training;
    static const char *const heads[] = { "update",          "seconds",    "training loss",
                                         "validation loss", "perplexity", "task accuracy" };
    for (int i = 0; i < 6; i++)
        thor_table_add(&table, "%s", heads[i]);
    double before = -1;
    for (size_t i = 0; i < v->count; i++) {
        thor_table_add(&table, "%.0f", v->values[THOR_METRICS_STEP][i]);
        add_number(&table, v->values[THOR_METRICS_SECONDS][i], 0);
        add_number(&table, thor_metrics_mean(t, THOR_METRICS_NLL, before, v->values[THOR_METRICS_STEP][i]), 4);
        add_number(&table, v->values[THOR_METRICS_NLL][i], 4);
        add_number(&table, thor_exp(v->values[THOR_METRICS_NLL][i]), 3);
        add_number(&table, 100 * v->values[THOR_METRICS_ACCURACY][i], 1);
        before = v->values[THOR_METRICS_STEP][i];
    }
    if (v->count == 0)
        printf("%zu updates, no validation yet; training loss %.4f\n", t->count,
               thor_metrics_mean(t, THOR_METRICS_NLL, t->values[THOR_METRICS_STEP][t->count - 1] - 100, INFINITY));
    else
        printf("%zu updates; training loss is the mean since the validation before; losses in nats a token, accuracy "
               "in percent\n", t->count);
    thor_status status = v->count > 0 ? thor_table_print(&table, stdout, 0, error) : THOR_OK;
    thor_table_free(&table);
    return status;
}

/* ---- SVG ---- */

static bool has_values(const thor_metrics_record *r, int key)
{
    for (size_t i = 0; i < r->count; i++)
        if (isfinite(r->values[key][i]) && r->values[key][i] != 0)
            return true;
    return false;
}

static thor_curve curve_of(const char *name, const thor_metrics_record *r, int key, bool dots)
{
    return (thor_curve){ name, r->values[THOR_METRICS_STEP], r->values[key], r->count, dots };
}

enum { LOSS_PARTS = 6 };

static size_t list_parts(const course *c, thor_curve curves[LOSS_PARTS])
{
    static const struct { const char *name; int key;
    } parts[] = { { "task prediction", THOR_METRICS_TASK },
                  { "task balance", THOR_METRICS_TASK_BALANCE },
                  { "token balance", THOR_METRICS_TOKEN_BALANCE },
                  { "dynamic", THOR_METRICS_DYNAMIC },
                  { "budget", THOR_METRICS_BUDGET },
                  { "family", THOR_METRICS_FAMILY } };
    size_t count = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (has_values(&c->drawn, parts[i].key))
            curves[count++] = curve_of(parts[i].name, &c->drawn, parts[i].key, false);
    return count;
}

static thor_status draw(const course *c, const char *path, thor_error *error)
{
    thor_curve losses[] = { curve_of("training", &c->drawn, THOR_METRICS_NLL, false),
                            curve_of("validation", &c->history.validation, THOR_METRICS_NLL, true) };
    thor_curve accuracies[] = { curve_of("training", &c->drawn, THOR_METRICS_ACCURACY, false),
                                curve_of("validation", &c->history.validation, THOR_METRICS_ACCURACY, true) };
    thor_curve parts[LOSS_PARTS];
    size_t part_count = list_parts(c, parts), panels = 1;
    thor_chart charts[3] = { { "Translation loss", "update", "nats per token", losses, 2, true } };
    if (part_count > 0)
        charts[panels++] = (thor_chart){
            "The other losses, before their weights", "update", "loss", parts, part_count, true
        };
    if (has_values(&c->drawn, THOR_METRICS_ACCURACY))
        charts[panels++] = (thor_chart){ "Task accuracy", "update", "share of sentences", accuracies, 2, true };
    thor_output output;
    THOR_TRY(thor_output_open(&output, path, error));
    thor_svg svg = { output.stream };
    thor_svg_begin(&svg, WIDTH, (double)(PANEL * panels), "Losses of a training");
    for (size_t i = 0; i < panels; i++)
        thor_chart_draw(&svg, &charts[i], 0, (double)(PANEL * i), WIDTH, PANEL);
    thor_svg_end(&svg);
    thor_status status = thor_output_commit(&output, error);
    thor_output_abandon(&output);
    return status;
}

thor_status thor_inspect_losses(const thor_inspect_options *options, thor_error *error)
{
    course c = { .drawn = { .count = 0 } };
    thor_status status = thor_metrics_read(&c.history, options->losses, error);
    if (status == THOR_OK && !thin(&c))
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %d points", POINTS);
    if (status == THOR_OK)
        status = print_history(&c, error);
    if (status == THOR_OK && options->svg)
        status = draw(&c, options->svg, error);
    thor_metrics_free(&c.history);
    thor_metrics_record_free(&c.drawn);
    return status;
}
