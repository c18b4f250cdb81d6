/* Fields of a JSON object of known form. Errors name the file, the field, what was found and what was expected. */
#ifndef THOR_REPRODUCE_JSON_FIELDS_H
#define THOR_REPRODUCE_JSON_FIELDS_H

#include <jansson.h>
#include <stdint.h>

#include "base/status.h"

/* A whole file, which has to be one object; free with json_decref. */
thor_status thor_json_open(json_t **root, const char *path, thor_error *error);

/* A number; null, and nothing at all, is NaN. */
thor_status thor_json_number(double *value, const json_t *object, const char *key, const char *path,
                             thor_error *error);
/* A whole number from 0; nothing at all is an error. */
thor_status thor_json_whole(int64_t *value, const json_t *object, const char *key, const char *path,
                            thor_error *error);
/* A string that has room in value[room]; null, and nothing at all, is "". */
thor_status thor_json_string(char *value, size_t room, const json_t *object, const char *key, const char *path,
                             thor_error *error);
/* An array, or NULL where there is nothing at all. */
thor_status thor_json_list(const json_t **value, const json_t *object, const char *key, const char *path,
                           thor_error *error);

/* A number, or null where it is not finite. */
json_t *thor_json_of(double value);

/* Writes `root` to `path`, whole or not at all, and frees it. */
thor_status thor_json_write(json_t *root, const char *path, thor_error *error);

#endif
