#include "reproduce/json_fields.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"

enum { MOST_BYTES = 1 << 30 };

thor_status thor_json_open(json_t **root, const char *path, thor_error *error)
{
    char *text;
    size_t count;
    json_error_t mistake;
    *root = NULL;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    *root = json_loadb(text, count, JSON_REJECT_DUPLICATES, &mistake);
    free(text);
    if (*root && json_is_object(*root))
        return THOR_OK;
    if (*root) {
        json_decref(*root);
        *root = NULL;
        return thor_fail(error, THOR_E_FORMAT, "%s: not a JSON object", path);
    }
    return thor_fail(error, THOR_E_FORMAT, "%s:%d: not a JSON object: %s", path, mistake.line, mistake.text);
}

thor_status thor_json_number(double *value, const json_t *object, const char *key, const char *path,
                             thor_error *error)
{
    const json_t *found = json_object_get(object, key);
    *value = found && json_is_number(found) ? json_number_value(found) : NAN;
    if (found && !json_is_number(found) && !json_is_null(found))
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a number or null", path, key);
    return THOR_OK;
}

thor_status thor_json_whole(int64_t *value, const json_t *object, const char *key, const char *path,
                            thor_error *error)
{
    const json_t *found = json_object_get(object, key);
    if (!json_is_integer(found) || json_integer_value(found) < 0)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a whole number from 0", path, key);
    *value = json_integer_value(found);
    return THOR_OK;
}

thor_status thor_json_string(char *value, size_t room, const json_t *object, const char *key, const char *path,
                             thor_error *error)
{
    const json_t *found = json_object_get(object, key);
    const char *text = found && !json_is_null(found) ? json_string_value(found) : "";
    if (!text || strlen(text) >= room)
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a text of fewer than %zu bytes", path, key, room);
    memcpy(value, text, strlen(text) + 1);
    return THOR_OK;
}

thor_status thor_json_list(const json_t **value, const json_t *object, const char *key, const char *path,
                           thor_error *error)
{
    *value = json_object_get(object, key);
    if (*value && !json_is_array(*value))
        return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to be a list", path, key);
    return THOR_OK;
}

json_t *thor_json_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

thor_status thor_json_write(json_t *root, const char *path, thor_error *error)
{
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_ENSURE_ASCII) : NULL;
    json_decref(root);
    if (!text)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for its text", path);
    size_t count = strlen(text);
    text[count] = '\n';         /* over the zero byte, which is not written */
    thor_status status = thor_write_file(path, text, count + 1, error);
    free(text);
    return status;
}
