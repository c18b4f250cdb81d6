#include "file/metrics.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"

enum { MOST_BYTES = 1 << 30 };

/* ---- writing ----------------------------------------------------------------------------------------------------- */

thor_metrics_line thor_metrics_begin(void)
{
    return (thor_metrics_line){ json_object() };
}

void thor_metrics_true(thor_metrics_line *line, const char *key)
{
    json_object_set_new(line->object, key, json_true());
}

void thor_metrics_whole(thor_metrics_line *line, const char *key, int64_t value)
{
    json_object_set_new(line->object, key, json_integer((json_int_t)value));
}

void thor_metrics_number(thor_metrics_line *line, const char *key, double value)
{
    json_object_set_new(line->object, key, isfinite(value) ? json_real(value) : json_null());
}

void thor_metrics_wholes(thor_metrics_line *line, const char *key, const int32_t *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer(values[i]));
    json_object_set_new(line->object, key, list);
}

void thor_metrics_object(thor_metrics_line *line, const char *key, thor_metrics_line *inner)
{
    json_object_set_new(line->object, key, inner->object);
    inner->object = NULL;
}

thor_status thor_metrics_write(thor_metrics_line *line, FILE *stream, const char *path, thor_error *error)
{
    char *text = line->object ? json_dumps(line->object, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    thor_metrics_drop(line);
    if (!text)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a line", path);
    bool good = fprintf(stream, "%s\n", text) > 0 && fflush(stream) == 0;
    thor_status status = good ? THOR_OK : thor_fail_io(error, path, "write it");
    free(text);
    return status;
}

void thor_metrics_drop(thor_metrics_line *line)
{
    json_decref(line->object);
    line->object = NULL;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const char *const keys[THOR_METRICS_KEYS] = {
    "step",   "nll",           "task",              "task_balance", "token_balance",     "dynamic", "budget",
    "family", "task_accuracy", "experts_per_token", "dropped",      "tokens_per_second", "seconds",
};

bool thor_metrics_add(thor_metrics_record *record, const double line[THOR_METRICS_KEYS])
{
    if (record->count == record->room) {
        size_t room = record->room ? 2 * record->room : 64;
        for (int k = 0; k < THOR_METRICS_KEYS; k++) {
            double *values = realloc(record->values[k], room * sizeof *values);
            if (!values)
                return false;
            record->values[k] = values;
        }
        record->room = room;
    }
    for (int k = 0; k < THOR_METRICS_KEYS; k++)
        record->values[k][record->count] = line[k];
    record->count++;
    return true;
}

static thor_status read_line(thor_metrics_history *history, const char *path, int64_t number, const char *text,
                             size_t count, thor_error *error)
{
    json_error_t wrong;
    double line[THOR_METRICS_KEYS];
    json_t *object = json_loadb(text, count, JSON_DECODE_INT_AS_REAL, &wrong);
    if (!json_is_object(object)) {
        json_decref(object);
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: not a JSON object: %s", path, (long long)number,
                         object ? "another value" : wrong.text);
    }
    if (json_object_get(object, "growth")) {
        json_decref(object);
        return THOR_OK;
    }
    for (int k = 0; k < THOR_METRICS_KEYS; k++) {
        json_t *value = json_object_get(object, keys[k]);
        line[k] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    thor_metrics_record *record = json_object_get(object, "validation") ? &history->validation : &history->training;
    json_decref(object);
    if (!isfinite(line[THOR_METRICS_STEP]))
        return thor_fail(error, THOR_E_FORMAT, "%s:%lld: no number \"step\"", path, (long long)number);
    return thor_metrics_add(record, line)
               ? THOR_OK
               : thor_fail(error, THOR_E_MEMORY, "%s: no memory for %zu lines", path, record->count + 1);
}

static thor_status read_text(thor_metrics_history *history, const char *path, const char *text, size_t count,
                             thor_error *error)
{
    int64_t number = 0;
    for (size_t at = 0; at < count;) {
        const char *newline = memchr(text + at, '\n', count - at);
        if (!newline)
            break;
        size_t end = (size_t)(newline - text);
        number++;
        if (end > at)
            THOR_TRY(read_line(history, path, number, text + at, end - at, error));
        at = end + 1;
    }
    if (history->training.count == 0 && history->validation.count == 0)
        return thor_fail(error, THOR_E_FAILED, "%s: no update is recorded there yet", path);
    return THOR_OK;
}

thor_status thor_metrics_read(thor_metrics_history *history, const char *folder, thor_error *error)
{
    char *text, *path = thor_path(folder, "metrics.jsonl");
    size_t count;
    *history = (thor_metrics_history){ .training = { .count = 0 } };
    if (!path)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for a path in it", folder);
    thor_status status = thor_read_file(path, MOST_BYTES, &text, &count, error);
    if (status == THOR_OK) {
        status = read_text(history, path, text, count, error);
        free(text);
    }
    free(path);
    return status;
}

void thor_metrics_record_free(thor_metrics_record *record)
{
    for (int k = 0; k < THOR_METRICS_KEYS; k++)
        free(record->values[k]);
    *record = (thor_metrics_record){ .count = 0 };
}

void thor_metrics_free(thor_metrics_history *history)
{
    thor_metrics_record_free(&history->training);
    thor_metrics_record_free(&history->validation);
}

double thor_metrics_mean(const thor_metrics_record *record, thor_metric_key key, double low, double high)
{
    const double *step = record->values[THOR_METRICS_STEP];
    double sum = 0;
    size_t found = 0;
    for (size_t i = 0; i < record->count; i++)
        if (step[i] > low && step[i] <= high && isfinite(record->values[key][i])) {
            sum += record->values[key][i];
            found++;
        }
    return found ? sum / (double)found : NAN;
}
