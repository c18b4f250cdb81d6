/* data.json: the sizes of the corpus. */
#include <stdlib.h>

#include "reproduce/json_fields.h"
#include "reproduce/report_parts.h"

void thor_data_facts_free(thor_data_facts *facts)
{
    free(facts->pairs);
    *facts = (thor_data_facts){ .count = 0 };
}

static thor_status read_pairs(thor_data_facts *facts, const json_t *list, const char *path, thor_error *error)
{
    facts->pairs = calloc(json_array_size(list) + 1, sizeof *facts->pairs);
    if (!facts->pairs)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for it", path);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        thor_data_pair *pair = &facts->pairs[facts->count++];
        THOR_TRY(thor_json_string(pair->name, sizeof pair->name, item, "name", path, error));
        THOR_TRY(thor_json_whole(&pair->raw, item, "raw", path, error));
        THOR_TRY(thor_json_whole(&pair->kept, item, "kept", path, error));
        THOR_TRY(thor_json_whole(&pair->valid, item, "valid", path, error));
        THOR_TRY(thor_json_whole(&pair->test, item, "test", path, error));
    }
    return THOR_OK;
}

thor_status thor_data_facts_read(thor_data_facts *facts, const char *path, thor_error *error)
{
    json_t *root;
    const json_t *list = NULL;
    *facts = (thor_data_facts){ .count = 0 };
    THOR_TRY(thor_json_open(&root, path, error));
    thor_status status = thor_json_whole(&facts->tasks, root, "tasks", path, error);
    if (status == THOR_OK)
        status = thor_json_list(&list, root, "pairs", path, error);
    if (status == THOR_OK)
        status = read_pairs(facts, list, path, error);
    json_decref(root);
    return status;
}

thor_status thor_data_facts_write(const thor_data_facts *facts, const char *path, thor_error *error)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->count; i++) {
        const thor_data_pair *pair = &facts->pairs[i];
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I}", "name", pair->name, "raw",
                                              (json_int_t)pair->raw, "kept", (json_int_t)pair->kept, "valid",
                                              (json_int_t)pair->valid, "test", (json_int_t)pair->test));
    }
    return thor_json_write(json_pack("{s:I, s:o}", "tasks", (json_int_t)facts->tasks, "pairs", list), path, error);
}
