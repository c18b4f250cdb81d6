#include "reproduce/out_record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fileio.h"
#include "reproduce/json_fields.h"

static json_t *record_json(const thor_out_record *record)
{
    json_t *settings = json_array();
    for (size_t i = 0; i < record->setting_count; i++)
        json_array_append_new(settings, json_string(record->settings[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "thor_version", record->version, "data", record->data,
                     "setup", thor_setup_name(record->setup), "scale", record->scale, "settings", settings, "beam",
                     (json_int_t)record->beam, "updates", (json_int_t)record->updates);
}

/* The first key whose values differ is named with both. */
static thor_status compare(const json_t *there, const json_t *asked, const char *path, thor_error *error)
{
    static const char *const keys[] = { "thor_version", "data", "setup", "scale", "settings", "beam" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *old = json_object_get(there, keys[i]), *new = json_object_get(asked, keys[i]);
        if (json_equal(old, new))
            continue;
        char *was = json_dumps(old, JSON_ENCODE_ANY), *is = json_dumps(new, JSON_ENCODE_ANY);
        thor_status status = thor_fail(error, THOR_E_USAGE, "%s: this folder was begun with another '%s': %.200s "
                                       "there, %.200s now; choose another folder with -o", path, keys[i],
                                       was ? was : "nothing", is ? is : "nothing");
        free(was);
        free(is);
        return status;
    }
    return THOR_OK;
}

static thor_status meet(const thor_out_record *record, json_t *asked, const char *path, bool *more, thor_error *error)
{
    json_t *there;
    int64_t updates = 0;
    THOR_TRY(thor_json_open(&there, path, error));
    thor_status status = compare(there, asked, path, error);
    if (status == THOR_OK)
        status = thor_json_whole(&updates, there, "updates", path, error);
    json_decref(there);
    if (status == THOR_OK && record->updates < updates)
        status = thor_fail(error, THOR_E_USAGE, "%s: this folder already has %lld updates, %lld are asked for; "
                           "expected as many or more", path, (long long)updates, (long long)record->updates);
    *more = status == THOR_OK && record->updates > updates;
    return status == THOR_OK && *more ? thor_json_write(json_incref(asked), path, error) : status;
}

thor_status thor_out_record_open(const thor_out_record *record, const char *out, bool *more, thor_error *error)
{
    struct stat facts;
    char *path = thor_path(out, "plan.json");
    json_t *asked = path ? record_json(record) : NULL;
    thor_status status;
    *more = false;
    if (!asked)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for plan.json");
    else if (stat(path, &facts) == 0)
        status = meet(record, asked, path, more, error);
    else
        status = thor_json_write(json_incref(asked), path, error);
    json_decref(asked);
    free(path);
    return status;
}
