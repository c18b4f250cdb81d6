#include "file/config_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/nearest.h"
#include "model/keys.h"

enum { MOST_BYTES = 4 << 20 };

/* What is being read: for errors, and the place where values go. */
typedef struct {
    thor_config *config;
    const char *source;     /* a file's name or "--set" */
    thor_error *error;
} reader;


static thor_status fail_unknown(const reader *r, const char *name)
{
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    thor_nearest nearest = thor_nearest_start(name);
    for (size_t i = 0; i < count; i++)
        thor_nearest_offer(&nearest, keys[i].name);
    const char *hint = nearest.best ? "; the nearest is " : "";
    return thor_fail(r->error, THOR_E_USAGE, "%s: there is no key '%.80s'%s%s (thor-config(5) lists all)", r->source,
                     name, hint, nearest.best ? nearest.best : "");
}

static thor_status fail_value(const reader *r, const thor_key *key, const char *found)
{
    char expected[256];
    thor_key_expected(key, expected, sizeof expected);
    return thor_fail(r->error, THOR_E_USAGE, "%s: %s is %.80s, but has to be %s", r->source, key->name, found,
                     expected);
}

static thor_status fail_json(const reader *r, const thor_key *key, const json_t *value)
{
    char *found = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    thor_status status = fail_value(r, key, found ? found : "something else");
    free(found);
    return status;
}

/* ---- storing one value ----------------------------------------------------------------------------------------- */

static thor_status store_choice(const reader *r, const thor_key *key, const char *text)
{
    for (int i = 0; key->choices[i]; i++)
        if (strcmp(key->choices[i], text) == 0) {
            thor_key_choose(key, r->config, i);
            return THOR_OK;
        }
    return fail_value(r, key, text);
}

static void clear_names(thor_names *names)
{
    for (int32_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (thor_names){ .items = NULL };
}

static thor_status store_names(const reader *r, const thor_key *key, const json_t *value)
{
    thor_names *names = thor_key_place(key, r->config);
    if (!json_is_array(value))
        return fail_json(r, key, value);
    clear_names(names);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (!name)
            return fail_json(r, key, value);
        THOR_TRY(thor_names_add(names, name, r->error));
    }
    return THOR_OK;
}

static thor_status store_sizes(const reader *r, const thor_key *key, const json_t *value)
{
    int32_t *sizes = thor_key_place(key, r->config);
    if (json_array_size(value) != THOR_GROUPS)
        return fail_json(r, key, value);
    for (size_t i = 0; i < THOR_GROUPS; i++) {
        const json_t *size = json_array_get(value, i);
        json_int_t number = json_integer_value(size);
        if (!json_is_integer(size) || (double)number < key->low || (double)number > key->high)
            return fail_json(r, key, value);
        sizes[i] = (int32_t)number;
    }
    return THOR_OK;
}

static thor_status store_whole(const reader *r, const thor_key *key, const json_t *value)
{
    void *place = thor_key_place(key, r->config);
    if (!json_is_integer(value))
        return fail_json(r, key, value);
    json_int_t number = json_integer_value(value);
    if ((double)number < key->low || (double)number > key->high)
        return fail_json(r, key, value);
    if (key->type == THOR_KEY_INT32)
        *(int32_t *)place = (int32_t)number;
    else if (key->type == THOR_KEY_INT64)
        *(int64_t *)place = (int64_t)number;
    else
        *(uint64_t *)place = (uint64_t)number;
    return THOR_OK;
}

static thor_status store_number(const reader *r, const thor_key *key, const json_t *value)
{
    double *place = thor_key_place(key, r->config), before = *place;
    if (!json_is_number(value))
        return fail_json(r, key, value);
    *place = json_number_value(value);
    if (thor_key_check(key, r->config, NULL) == THOR_OK)
        return THOR_OK;
    *place = before;
    return fail_json(r, key, value);
}

static thor_status store_flag(const reader *r, const thor_key *key, const json_t *value)
{
    if (!json_is_boolean(value))
        return fail_json(r, key, value);
    *(bool *)thor_key_place(key, r->config) = json_is_true(value);
    return THOR_OK;
}

static thor_status store(const reader *r, const thor_key *key, const json_t *value)
{
    switch (key->type) {
    case THOR_KEY_INT32:
    case THOR_KEY_INT64:
    case THOR_KEY_SEED: return store_whole(r, key, value);
    case THOR_KEY_NUMBER: return store_number(r, key, value);
    case THOR_KEY_BOOL: return store_flag(r, key, value);
    case THOR_KEY_NAMES: return store_names(r, key, value);
    case THOR_KEY_SIZES: return store_sizes(r, key, value);
    case THOR_KEY_CHOICE: break;
    }
    if (json_is_boolean(value))
        return store_choice(r, key, json_is_true(value) ? "true" : "false");
    return json_is_string(value) ? store_choice(r, key, json_string_value(value)) : fail_json(r, key, value);
}

/* ---- whole files ----------------------------------------------------------------------------------------------- */

static bool is_section(const char *name)
{
    size_t count, length = strlen(name);
    const thor_key *keys = thor_config_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(keys[i].name, name, length) == 0 && keys[i].name[length] == '.')
            return true;
    return false;
}

static thor_status store_named(const reader *r, const char *section, const char *name, const json_t *value)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s%s", section, *section ? "." : "", name);
    const thor_key *key = thor_config_key(full);
    return key ? store(r, key, value) : fail_unknown(r, full);
}

static thor_status store_section(const reader *r, const char *section, json_t *object)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object))
        return thor_fail(r->error, THOR_E_USAGE, "%s: '%s' has to be a section { … } of keys", r->source, section);
    json_object_foreach(object, name, value)
        THOR_TRY(store_named(r, section, name, value));
    return THOR_OK;
}

static thor_status store_all(const reader *r, json_t *root)
{
    const char *name;
    json_t *value;
    if (!json_is_object(root))
        return thor_fail(r->error, THOR_E_FORMAT, "%s: a configuration is a JSON object { … }", r->source);
    json_object_foreach(root, name, value) {
        if (is_section(name))
            THOR_TRY(store_section(r, name, value));
        else if (strcmp(name, "thor_version") != 0)
            THOR_TRY(store_named(r, "", name, value));
    }
    return THOR_OK;
}

thor_status thor_config_parse(thor_config *config, const char *text, size_t count, const char *name, thor_error *error)
{
    json_error_t mistake;
    THOR_TRY(thor_config_recipe(config, "thor-topp", error));
    config->recipe[0] = '\0';
    json_t *root = json_loadb(text, count, JSON_REJECT_DUPLICATES, &mistake);
    if (!root) {
        thor_config_free(config);
        return thor_fail(error, THOR_E_FORMAT, "%s:%d: not JSON: %s", name, mistake.line, mistake.text);
    }
    reader r = { .config = config, .source = name, .error = error };
    thor_status status = store_all(&r, root);
    json_decref(root);
    if (status != THOR_OK)
        thor_config_free(config);
    return status;
}

thor_status thor_config_read(thor_config *config, const char *path, thor_error *error)
{
    char *text;
    size_t count;
    THOR_TRY(thor_read_file(path, MOST_BYTES, &text, &count, error));
    thor_status status = thor_config_parse(config, text, count, path, error);
    free(text);
    return status;
}

thor_status thor_config_read_written(thor_config *config, const char *path, thor_error *error)
{
    thor_error inner;
    thor_status status = thor_config_read(config, path, &inner);
    if (status == THOR_OK) {
        status = thor_config_check(config, &inner);
        if (status == THOR_OK)
            return THOR_OK;
        thor_config_free(config);
    }
    const char *where = strstr(inner.text, path) ? "" : path, *mark = *where ? ": " : "";
    return thor_fail(error, status == THOR_E_USAGE ? THOR_E_FORMAT : status, "%s%s%.900s", where, mark, inner.text);
}

thor_status thor_config_load(thor_config *config, const char *recipe, thor_error *error)
{
    for (const char *const *name = thor_config_recipes(); *name; name++)
        if (strcmp(*name, recipe) == 0)
            return thor_config_recipe(config, recipe, error);
    if (strchr(recipe, '/') || strchr(recipe, '.'))
        return thor_config_read(config, recipe, error);
    return thor_config_recipe(config, recipe, error);
}

/* ---- --set ----------------------------------------------------------------------------------------------------- */

static thor_status set_names(const reader *r, const thor_key *key, const char *text)
{
    char name[128];
    thor_names *names = thor_key_place(key, r->config);
    clear_names(names);
    while (*text) {
        size_t length = strcspn(text, ",");
        if (length >= sizeof name)
            return fail_value(r, key, text);
        memcpy(name, text, length);
        name[length] = '\0';
        THOR_TRY(thor_names_add(names, name, r->error));
        text += length + (text[length] == ',');
    }
    return THOR_OK;
}

static thor_status set_value(const reader *r, const thor_key *key, const char *text)
{
    if (key->type == THOR_KEY_NAMES)
        return set_names(r, key, text);
    if (key->type == THOR_KEY_SIZES)
        return thor_fail(r->error, THOR_E_USAGE, "%s: %s is written by thor where groups grow and cannot be set; set "
                         "task.candidates", r->source, key->name);
    if (key->type == THOR_KEY_CHOICE)
        return store_choice(r, key, text);
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    if (!value)
        return fail_value(r, key, *text ? text : "empty");
    thor_status status = store(r, key, value);
    json_decref(value);
    return status;
}

thor_status thor_config_set(thor_config *config, const char *assignment, thor_error *error)
{
    reader r = { .config = config, .source = "--set", .error = error };
    const char *equals = strchr(assignment, '=');
    char name[128];
    if (!equals)
        return thor_fail(error, THOR_E_USAGE, "--set: '%.80s' has to be key=value, e.g. --set model.width=256",
                         assignment);
    size_t length = (size_t)(equals - assignment);
    if (length >= sizeof name)
        return thor_fail(error, THOR_E_USAGE, "--set: there is no key '%.80s …' (thor-config(5) lists all)",
                         assignment);
    memcpy(name, assignment, length);
    name[length] = '\0';
    const thor_key *key = thor_config_key(name);
    return key ? set_value(&r, key, equals + 1) : fail_unknown(&r, name);
}

thor_status thor_config_adjust(thor_config *config, thor_setup setup, const char *scale, const char *const *set,
                               size_t set_count, thor_error *error)
{
    thor_config_setup(config, setup);
    if (scale)
        THOR_TRY(thor_config_scale(config, scale, error));
    for (size_t i = 0; i < set_count; i++)
        THOR_TRY(thor_config_set(config, set[i], error));
    return THOR_OK;
}
