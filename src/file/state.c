/* state.json: where a training stands. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "file/state.h"

enum { MOST_BYTES = 1 << 16 };

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

thor_status thor_state_write(const char *path, const thor_state *state, thor_error *error)
{
    json_t *root = json_pack("{s:I, s:I, s:I, s:I, s:f, s:o, s:I, s:o, s:s, s:I, s:I, s:o, s:I, s:I, s:s, s:s}",
                             "updates", (json_int_t)state->updates,
                             "epoch", (json_int_t)state->epoch,
                             "batch", (json_int_t)state->batch,
                             "tokens", (json_int_t)state->tokens,
                             "seconds", state->seconds,
                             "best_nll", number_or_null(state->best_nll),
                             "best_updates", (json_int_t)state->best_updates,
                             "best_score", number_or_null(state->best_score),
                             "best_by", state->best_by,
                             "validated", (json_int_t)state->validated,
                             "worse", (json_int_t)state->worse,
                             "group_best", number_or_null(state->group_best),
                             "grown", (json_int_t)state->grown,
                             "metrics_bytes", (json_int_t)state->metrics_bytes,
                             "data", state->data,
                             "vocabulary", state->vocabulary);
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its text", path);
    thor_status status = thor_write_file(path, text, strlen(text), error);
    free(text);
    return status;
}

static thor_status take_whole(int64_t *value, const json_t *root, const char *key, const char *path, thor_error *error)
{
    const json_t *number = json_object_get(root, key);
    if (!json_is_integer(number) || json_integer_value(number) < 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a whole number from 0", path, key);
    *value = json_integer_value(number);
    return THOR_OK;
}

/* A text that fits into value[room]. */
static thor_status take_text(char *value, size_t room, const json_t *root, const char *key, const char *path,
                             thor_error *error)
{
    const char *text = json_string_value(json_object_get(root, key));
    if (!text || strlen(text) >= room)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a text of less than %zu letters", path, key, room);
    memcpy(value, text, strlen(text) + 1);
    return THOR_OK;
}

/* A number; NaN for null. */
static thor_status take_number(double *value, const json_t *root, const char *key, const char *path, thor_error *error)
{
    const json_t *number = json_object_get(root, key);
    if (!json_is_number(number) && !json_is_null(number))
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a number or null", path, key);
    *value = json_is_null(number) ? NAN : json_number_value(number);
    return THOR_OK;
}

static thor_status take_all(thor_state *state, const json_t *root, const char *path, thor_error *error)
{
    THOR_TRY(take_whole(&state->updates, root, "updates", path, error));
    THOR_TRY(take_whole(&state->epoch, root, "epoch", path, error));
    THOR_TRY(take_whole(&state->batch, root, "batch", path, error));
    THOR_TRY(take_whole(&state->tokens, root, "tokens", path, error));
    THOR_TRY(take_whole(&state->best_updates, root, "best_updates", path, error));
    THOR_TRY(take_whole(&state->validated, root, "validated", path, error));
    THOR_TRY(take_whole(&state->worse, root, "worse", path, error));
    THOR_TRY(take_whole(&state->grown, root, "grown", path, error));
    THOR_TRY(take_whole(&state->metrics_bytes, root, "metrics_bytes", path, error));
    THOR_TRY(take_text(state->data, sizeof state->data, root, "data", path, error));
    THOR_TRY(take_text(state->vocabulary, sizeof state->vocabulary, root, "vocabulary", path, error));
    THOR_TRY(take_text(state->best_by, sizeof state->best_by, root, "best_by", path, error));
    THOR_TRY(take_number(&state->seconds, root, "seconds", path, error));
    THOR_TRY(take_number(&state->best_nll, root, "best_nll", path, error));
    THOR_TRY(take_number(&state->group_best, root, "group_best", path, error));
    return take_number(&state->best_score, root, "best_score", path, error);
}

thor_status thor_state_read(thor_state *state, const char *path, thor_error *error)
{
    char *text;
    size_t count;
    json_error_t mistake;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    json_t *root = json_loadb(text, count, 0, &mistake);
    free(text);
    if (!json_is_object(root)) {
        json_decref(root);
        return thor_fail(error, THOR_E_FORMAT, "%s:%d: not a JSON object: %s", path, mistake.line, mistake.text);
    }
    thor_status status = take_all(state, root, path, error);
    json_decref(root);
    return status;
}
