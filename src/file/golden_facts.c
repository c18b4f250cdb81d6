#include "file/golden_facts.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"

enum { MOST_BYTES = 1 << 24 };

/* Takes the reference to `root`, which may be NULL. */
static thor_status write_object(const char *path, json_t *root, thor_error *error)
{
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its text", path);
    size_t count = strlen(text);
    text[count] = '\n';         /* in the place of the zero byte: lines end */
    thor_status status = thor_write_file(path, text, count + 1, error);
    free(text);
    return status;
}

static thor_status read_object(json_t **root, const char *path, thor_error *error)
{
    char *text;
    size_t count;
    json_error_t mistake;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    *root = json_loadb(text, count, 0, &mistake);
    free(text);
    if (json_is_object(*root))
        return THOR_OK;
    if (*root)
        strcpy(mistake.text, "another kind of value");
    json_decref(*root);
    return thor_fail(error, THOR_E_FORMAT, "%s:%d: not a JSON object: %s", path, mistake.line, mistake.text);
}

/* ---- golden.json ----------------------------------------------------------------------------------------------- */

static json_t *number(double value)
{
    if (value == floor(value) && fabs(value) < 0x1p53)
        return json_integer((json_int_t)value);
    return json_real(value);
}

/* NULL without memory. */
static json_t *numbers(const char *const *names, const double *values, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; object && i < count; i++)
        if (json_object_set_new(object, names[i], number(values[i])) != 0) {
            json_decref(object);
            object = NULL;
        }
    return object;
}

static json_t *list_of(const thor_golden_updates *updates)
{
    json_t *list = json_array();
    for (int64_t i = 0; list && i < updates->count; i++)
        if (json_array_append_new(list, numbers(updates->names, updates->values + (size_t)i * updates->name_count,
                                                updates->name_count)) != 0) {
            json_decref(list);
            list = NULL;
        }
    return list;
}

thor_status thor_golden_facts_write(const char *path, const thor_golden_facts *facts,
                                    const thor_golden_updates *updates, thor_error *error)
{
    return write_object(path, json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:o}", "recipe", facts->recipe,
                                        "seed", (json_int_t)facts->seed, "steps", (json_int_t)facts->steps,
                                        "initial", facts->initial, "batch", facts->batch, "digest", facts->digest,
                                        "thor_version", facts->version, "updates", list_of(updates)), error);
}

static thor_status take_text(char *value, size_t room, const json_t *root, const char *key, const char *path,
                             thor_error *error)
{
    const char *text = json_string_value(json_object_get(root, key));
    if (!text || strlen(text) >= room)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a text of at most %zu bytes", path, key, room - 1);
    memcpy(value, text, strlen(text) + 1);
    return THOR_OK;
}

static thor_status take_whole(int64_t *value, const json_t *root, const char *key, int64_t least, int64_t most,
                              const char *path, thor_error *error)
{
    const json_t *number = json_object_get(root, key);
    if (!json_is_integer(number) || json_integer_value(number) < least || json_integer_value(number) > most)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a whole number, %lld to %lld", path, key,
                         (long long)least, (long long)most);
    *value = json_integer_value(number);
    return THOR_OK;
}

static thor_status take_all(thor_golden_facts *facts, const json_t *root, const char *path, thor_error *error)
{
    int64_t seed = 0;
    THOR_TRY(take_text(facts->recipe, sizeof facts->recipe, root, "recipe", path, error));
    THOR_TRY(take_text(facts->initial, sizeof facts->initial, root, "initial", path, error));
    THOR_TRY(take_text(facts->batch, sizeof facts->batch, root, "batch", path, error));
    THOR_TRY(take_text(facts->digest, sizeof facts->digest, root, "digest", path, error));
    THOR_TRY(take_text(facts->version, sizeof facts->version, root, "thor_version", path, error));
    THOR_TRY(take_whole(&seed, root, "seed", 0, INT64_MAX, path, error));
    THOR_TRY(take_whole(&facts->steps, root, "steps", 1, 1000000, path, error));
    facts->seed = (uint64_t)seed;
    return THOR_OK;
}

thor_status thor_golden_facts_read(thor_golden_facts *facts, const char *path, thor_error *error)
{
    json_t *root;
    *facts = (thor_golden_facts){ .steps = 0 };
    THOR_TRY(read_object(&root, path, error));
    thor_status status = take_all(facts, root, path, error);
    json_decref(root);
    return status;
}

static thor_status take_updates(const json_t *updates, const char *path, thor_take_update *take, void *context,
                                thor_error *error)
{
    for (size_t i = 0; i < json_array_size(updates); i++) {
        json_t *update = json_array_get(updates, i), *value;
        const char *key;
        if (!json_is_object(update))
            return thor_fail(error, THOR_E_FORMAT, "%s: 'updates'[%zu] has to be an object of numbers", path, i);
        json_object_foreach(update, key, value) {
            if (!json_is_number(value))
                return thor_fail(error, THOR_E_FORMAT, "%s: '%s' of update %zu has to be a number", path, key, i + 1);
            THOR_TRY(take(context, (int64_t)i + 1, key, json_number_value(value)));
        }
    }
    return THOR_OK;
}

thor_status thor_golden_updates_read(const char *path, thor_take_update *take, void *context, thor_error *error)
{
    json_t *root;
    THOR_TRY(read_object(&root, path, error));
    thor_status status = take_updates(json_object_get(root, "updates"), path, take, context, error);
    json_decref(root);
    return status;
}

/* ---- losses.json ----------------------------------------------------------------------------------------------- */

thor_status thor_losses_write(const char *path, const char *const *names, const double *values, size_t count,
                              thor_error *error)
{
    return write_object(path, numbers(names, values, count), error);
}

static thor_status take_numbers(double *values, const json_t *root, const char *path, const char *const *names,
                                size_t count, bool partial, thor_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(root, names[i]);
        if (!json_is_number(value) && !(partial && !value))
            return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a number", path, names[i]);
        values[i] = value ? json_number_value(value) : NAN;
    }
    return THOR_OK;
}

thor_status thor_losses_read(const char *path, const char *const *names, double *values, size_t count, bool partial,
                             thor_error *error)
{
    json_t *root;
    THOR_TRY(read_object(&root, path, error));
    thor_status status = take_numbers(values, root, path, names, count, partial, error);
    json_decref(root);
    return status;
}
