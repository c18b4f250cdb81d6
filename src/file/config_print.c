/* A configuration as JSON: keys in the order of the table, numbers in the fewest digits that read back the same. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "file/config_json.h"
#include "model/keys.h"

static char *number_text(double value)
{
    char *text = NULL;
    for (unsigned digits = 15; digits <= 17; digits++) {
        json_t *number = json_real(value);
        free(text);
        text = json_dumps(number, JSON_ENCODE_ANY | JSON_REAL_PRECISION(digits));
        json_decref(number);
        json_t *back = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
        bool same = back && json_number_value(back) == value;
        json_decref(back);
        if (same)
            break;
    }
    return text;
}

static char *dump(json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    json_decref(value);
    return text;
}

static char *names_text(const thor_names *names)
{
    json_t *list = json_array();
    for (int32_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->items[i]));
    return dump(list);
}

static char *sizes_text(const int32_t *sizes)
{
    json_t *list = json_array();
    for (int i = 0; i < THOR_GROUPS; i++)
        json_array_append_new(list, json_integer(sizes[i]));
    return dump(list);
}

static char *choice_text(const char *choice)
{
    if (strcmp(choice, "true") == 0 || strcmp(choice, "false") == 0)
        return dump(json_boolean(choice[0] == 't'));
    return dump(json_string(choice));
}

static char *value_text(const thor_key *key, const thor_config *config)
{
    const void *value = thor_key_value(key, config);
    switch (key->type) {
    case THOR_KEY_INT32: return dump(json_integer(*(const int32_t *)value));
    case THOR_KEY_INT64: return dump(json_integer(*(const int64_t *)value));
    case THOR_KEY_SEED: return dump(json_integer((json_int_t)*(const uint64_t *)value));
    case THOR_KEY_BOOL: return dump(json_boolean(*(const bool *)value));
    case THOR_KEY_NAMES: return names_text(value);
    case THOR_KEY_SIZES: return sizes_text(value);
    case THOR_KEY_CHOICE: return choice_text(key->choices[(int)thor_key_number(key, config)]);
    case THOR_KEY_NUMBER: break;
    }
    return number_text(*(const double *)value);
}

char *thor_config_value(const thor_config *config, const char *key)
{
    const thor_key *found = thor_config_key(key);
    return found ? value_text(found, config) : NULL;
}

static void append(thor_bytes *out, const char *text)
{
    thor_bytes_add(out, text, strlen(text));
}

static size_t section_length(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? (size_t)(dot - name) : 0;
}

static bool same_section(const char *a, const char *b)
{
    return section_length(a) == section_length(b) && strncmp(a, b, section_length(a)) == 0;
}

/* Closes the section of the key before and opens this key's. */
static void append_section(thor_bytes *out, const char *before, const char *name)
{
    char opening[64] = "";
    bool same = before && same_section(before, name);
    if (before && !same && section_length(before) > 0)
        append(out, "\n  }");
    append(out, before ? ",\n" : "\n");
    if (!same && section_length(name) > 0)
        snprintf(opening, sizeof opening, "  \"%.*s\": {\n", (int)section_length(name), name);
    append(out, opening);
}

static void append_key(thor_bytes *out, const thor_key *key, const thor_config *config)
{
    size_t section = section_length(key->name);
    char *value = value_text(key, config);
    append(out, section ? "    \"" : "  \"");
    append(out, key->name + (section ? section + 1 : 0));
    append(out, "\": ");
    if (value)
        append(out, value);
    out->failed = out->failed || !value;
    free(value);
}

/* Left out until the data, or the groups, are known. */
static bool is_unknown(const thor_key *key, const thor_config *config)
{
    return (key->offset == offsetof(thor_config, vocab.ids) && config->vocab.ids == 0) ||
           (key->type == THOR_KEY_SIZES && config->lingual.sizes[0] == 0);
}

thor_status thor_config_text(char **text, const thor_config *config, const char *version, thor_error *error)
{
    size_t count;
    const thor_key *keys = thor_config_keys(&count);
    const char *before = NULL;
    thor_bytes out = { .data = NULL };
    append(&out, "{");
    for (size_t i = 0; i < count; i++) {
        if (is_unknown(&keys[i], config))
            continue;
        append_section(&out, before, keys[i].name);
        append_key(&out, &keys[i], config);
        before = keys[i].name;
    }
    if (version) {
        append(&out, ",\n  \"thor_version\": \"");
        append(&out, version);
        append(&out, "\"");
    }
    append(&out, "\n}\n");
    thor_bytes_add_byte(&out, '\0');
    if (out.failed) {
        thor_bytes_free(&out);
        return thor_fail(error, THOR_E_MEMORY, "no memory for the text of a configuration");
    }
    *text = out.data;
    return THOR_OK;
}
