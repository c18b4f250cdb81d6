/* The course of a training, from metrics.jsonl. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/dmath.h"
#include "base/fileio.h"
#include "cli/inspect_cli.h"
#include "report/chart.h"
#include "report/table.h"

enum { MOST_BYTES = 1 << 30, POINTS = 200, WIDTH = 860, PANEL = 320 };

/* Keys of a line; the first is the horizontal axis. */
enum { STEP, NLL, TASK, TASK_BALANCE, TOKEN_BALANCE, DYNAMIC, ACCURACY, SECONDS, KEYS };
static const char *const keys[KEYS] = { "step",          "nll",     "task",          "task_balance",
                                        "token_balance", "dynamic", "task_accuracy", "seconds" };

/* One column of numbers for each key; NaN where a line has none. */
typedef struct record {
    double *values[KEYS];
    size_t room[KEYS], count;
} record;

typedef struct history {
    record training, validation;
    record drawn;                       /* training, as means of neighbouring updates: at most POINTS of them */
} history;

static void free_record(record *r)
{
    for (int k = 0; k < KEYS; k++)
        free(r->values[k]);
}

static bool add(record *r, const double line[KEYS])
{
    for (int k = 0; k < KEYS; k++)
        if (!thor_grow(&r->values[k], &r->room[k], r->count, 1, sizeof *r->values[k]))
            return false;
    for (int k = 0; k < KEYS; k++)
        r->values[k][r->count] = line[k];
    r->count++;
    return true;
}

/* ---- reading ---- */

static thor_status read_line(history *h, const char *path, int64_t number, const char *text, size_t count,
                             thor_error *error)
{
    json_error_t wrong;
    double line[KEYS];
    json_t *object = json_loadb(text, count, JSON_DECODE_INT_AS_REAL, &wrong);
    if (!json_is_object(object)) {
        json_decref(object);
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: no JSON object: %s", path, (long long)number,
                         object ? "another value" : wrong.text);
    }
    for (int k = 0; k < KEYS; k++) {
        json_t *value = json_object_get(object, keys[k]);
        line[k] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    record *r = json_object_get(object, "validation") ? &h->validation : &h->training;
    json_decref(object);
    if (!isfinite(line[STEP]))
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: no number \"step\"", path, (long long)number);
    return add(r, line) ? THOR_OK
                        : thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu updates", path, r->count + 1);
}

/* A last line without its newline is one that a kill cut off: it is left out. */
static thor_status read_text(history *h, const char *path, const char *text, size_t count, thor_error *error)
{
    int64_t number = 0;
    for (size_t at = 0; at < count;) {
        const char *newline = memchr(text + at, '\n', count - at);
        if (!newline)
            break;
        size_t end = (size_t)(newline - text);
        number++;
        if (end > at)
            THOR_TRY(read_line(h, path, number, text + at, end - at, error));
        at = end + 1;
    }
    if (h->training.count == 0 && h->validation.count == 0)
        return thor_fail(error, THOR_E_FAILED, "%s: no update is recorded there yet", path);
    return THOR_OK;
}

static thor_status read_history(history *h, const char *run, thor_error *error)
{
    char *text, *path = thor_path(run, "metrics.jsonl");
    size_t count;
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a path in it", run);
    thor_status status = thor_read_file(path, MOST_BYTES, &text, &count, error);
    if (status == THOR_OK) {
        status = read_text(h, path, text, count, error);
        free(text);
    }
    free(path);
    return status;
}

/* Means of neighbouring updates, so that a long training stays readable. */
static bool thin(history *h)
{
    size_t width = (h->training.count + POINTS - 1) / POINTS;
    for (size_t first = 0; first < h->training.count; first += width) {
        double line[KEYS];
        size_t end = first + width < h->training.count ? first + width : h->training.count;
        for (int k = 0; k < KEYS; k++) {
            double sum = 0;
            size_t found = 0;
            for (size_t i = first; i < end; i++)
                if (isfinite(h->training.values[k][i])) {
                    sum += h->training.values[k][i];
                    found++;
                }
            line[k] = found ? sum / (double)found : NAN;
        }
        if (!add(&h->drawn, line))
            return false;
    }
    return true;
}

/* ---- text ---- */

/* Mean of the updates after `low` up to `high`. */
static double mean_between(const record *r, int key, double low, double high)
{
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < r->count; i++)
        if (r->values[STEP][i] > low && r->values[STEP][i] <= high && isfinite(r->values[key][i])) {
            sum += r->values[key][i];
            found++;
        }
    return found ? sum / (double)found : NAN;
}

static void add_number(thor_table *table, double value, int digits)
{
    if (isfinite(value))
        thor_table_add(table, "%.*f", digits, value);
    else
        thor_table_add(table, "-");
}

static thor_status print_history(const history *h, thor_error *error)
{
    thor_table table = thor_table_make(6);
    const record *v = &h->validation;
    static const char *const heads[] = { "update",          "seconds",    "training loss",
                                         "validation loss", "perplexity", "task accuracy" };
    for (int i = 0; i < 6; i++)
        thor_table_add(&table, "%s", heads[i]);
    double before = -1;
    for (size_t i = 0; i < v->count; i++) {
        thor_table_add(&table, "%.0f", v->values[STEP][i]);
        add_number(&table, v->values[SECONDS][i], 0);
        add_number(&table, mean_between(&h->training, NLL, before, v->values[STEP][i]), 4);
        add_number(&table, v->values[NLL][i], 4);
        add_number(&table, thor_exp(v->values[NLL][i]), 3);
        add_number(&table, 100 * v->values[ACCURACY][i], 1);
        before = v->values[STEP][i];
    }
    if (v->count == 0)
        printf("%zu updates, no validation yet; training loss %.4f\n", h->training.count,
               mean_between(&h->training, NLL, h->training.values[STEP][h->training.count - 1] - 100, INFINITY));
    else
        printf("%zu updates; training loss is the mean since the validation before; losses in nats a token, accuracy "
               "in percent\n",
               h->training.count);
    thor_status status = v->count > 0 ? thor_table_print(&table, stdout, 0, error) : THOR_OK;
    thor_table_free(&table);
    return status;
}

/* ---- SVG ---- */

static bool has_values(const record *r, int key)
{
    for (size_t i = 0; i < r->count; i++)
        if (isfinite(r->values[key][i]) && r->values[key][i] != 0)
            return true;
    return false;
}

static thor_curve curve_of(const char *name, const record *r, int key, bool dots)
{
    return (thor_curve){ name, r->values[STEP], r->values[key], r->count, dots };
}

static size_t list_parts(const history *h, thor_curve curves[4])
{
    static const struct { const char *name; int key;
    } parts[] = { { "task prediction", TASK },
                  { "task balance", TASK_BALANCE },
                  { "token balance", TOKEN_BALANCE },
                  { "dynamic", DYNAMIC } };
    size_t count = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (has_values(&h->drawn, parts[i].key))
            curves[count++] = curve_of(parts[i].name, &h->drawn, parts[i].key, false);
    return count;
}

static thor_status draw(const history *h, const char *path, thor_error *error)
{
    thor_curve losses[] = { curve_of("training", &h->drawn, NLL, false),
                            curve_of("validation", &h->validation, NLL, true) };
    thor_curve accuracies[] = { curve_of("training", &h->drawn, ACCURACY, false),
                                curve_of("validation", &h->validation, ACCURACY, true) };
    thor_curve parts[4];
    size_t part_count = list_parts(h, parts), panels = 1;
    thor_chart charts[3] = { { "Translation loss", "update", "nats per token", losses, 2, true } };
    if (part_count > 0)
        charts[panels++] = (thor_chart){
            "The other losses, before their weights", "update", "loss", parts, part_count, true
        };
    if (has_values(&h->drawn, ACCURACY))
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
    history h = { .training = { .count = 0 } };
    thor_status status = read_history(&h, options->losses, error);
    if (status == THOR_OK && !thin(&h))
        status = thor_fail(error, THOR_E_MEMORY, "no memory for %d points", POINTS);
    if (status == THOR_OK)
        status = print_history(&h, error);
    if (status == THOR_OK && options->svg)
        status = draw(&h, options->svg, error);
    free_record(&h.training);
    free_record(&h.validation);
    free_record(&h.drawn);
    return status;
}
