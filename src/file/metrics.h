/* metrics.jsonl of a run: one JSON object a line, an update or a validation (thor-checkpoint(5)). */
#ifndef THOR_FILE_METRICS_H
#define THOR_FILE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

/* ---- writing ---- */

/* A line, or an object inside one, that is being put together. No memory shows when it is written. */
typedef struct thor_metrics_line {
    struct json_t *object;
} thor_metrics_line;

thor_metrics_line thor_metrics_begin(void);
void thor_metrics_true(thor_metrics_line *line, const char *key);
void thor_metrics_whole(thor_metrics_line *line, const char *key, int64_t value);
/* null where the value is not finite. */
void thor_metrics_number(thor_metrics_line *line, const char *key, double value);
void thor_metrics_wholes(thor_metrics_line *line, const char *key, const int32_t *values, size_t count);
/* Takes over `inner`. */
void thor_metrics_object(thor_metrics_line *line, const char *key, thor_metrics_line *inner);

/* Writes the line to `stream` and flushes; takes over `line`. `path` stands in errors. */
thor_status thor_metrics_write(thor_metrics_line *line, FILE *stream, const char *path, thor_error *error);
/* Forgets a line that is not written. */
void thor_metrics_drop(thor_metrics_line *line);

/* ---- reading ---- */

typedef enum thor_metric_key {
    THOR_METRICS_STEP,
    THOR_METRICS_NLL,
    THOR_METRICS_TASK,
    THOR_METRICS_TASK_BALANCE,
    THOR_METRICS_TOKEN_BALANCE,
    THOR_METRICS_DYNAMIC,
    THOR_METRICS_BUDGET,
    THOR_METRICS_FAMILY,
    THOR_METRICS_ACCURACY,
    THOR_METRICS_EXPERTS,       /* a token */
    THOR_METRICS_DROPPED,
    THOR_METRICS_SPEED,         /* target tokens a second */
    THOR_METRICS_SECONDS,       /* of training, all parts of the run together */
    THOR_METRICS_KEYS
} thor_metric_key;

/* One column of numbers for each key; NaN where a line has none. */
typedef struct thor_metrics_record {
    double *values[THOR_METRICS_KEYS];
    size_t count, room;
} thor_metrics_record;

typedef struct thor_metrics_history {
    thor_metrics_record training, validation;
} thor_metrics_history;

/* Reads FOLDER/metrics.jsonl of a run into *history, which is freed with thor_metrics_free, also after an error. A last
 * line without its newline is one that a kill cut off: it is left out. */
thor_status thor_metrics_read(thor_metrics_history *history, const char *folder, thor_error *error);
void thor_metrics_free(thor_metrics_history *history);

/* Adds a line to a record. False: no memory. */
bool thor_metrics_add(thor_metrics_record *record, const double line[THOR_METRICS_KEYS]);
void thor_metrics_record_free(thor_metrics_record *record);

/* Mean of the finite values of the lines whose step is above `low` and not above `high`; NaN where there are none. */
double thor_metrics_mean(const thor_metrics_record *record, thor_metric_key key, double low, double high);

#endif
