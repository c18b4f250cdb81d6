/* cost.json: counted work, and everything that was measured. */
#include <stdlib.h>

#include "reproduce/job_results.h"
#include "reproduce/json_fields.h"

void thor_job_cost_free(thor_job_cost *cost)
{
    free(cost->translation);
    *cost = (thor_job_cost){ .count = 0 };
}

static thor_status read_translation(thor_job_cost *cost, const json_t *list, const char *path, thor_error *error)
{
    cost->translation = calloc(json_array_size(list) + 1, sizeof *cost->translation);
    if (!cost->translation)
        return thor_fail(error, THOR_E_MEMORY, "%s: no memory for it", path);
    for (size_t i = 0; i < json_array_size(list); i++) {
        thor_translation_cost *one = &cost->translation[cost->count++];
        const json_t *item = json_array_get(list, i);
        THOR_TRY(thor_json_whole(&one->batch, item, "batch", path, error));
        THOR_TRY(thor_json_whole(&one->source_length, item, "source_length", path, error));
        THOR_TRY(thor_json_number(&one->milliseconds, item, "milliseconds", path, error));
        THOR_TRY(thor_json_number(&one->bytes, item, "bytes", path, error));
    }
    return THOR_OK;
}

static thor_status read_all(thor_job_cost *cost, const json_t *root, const char *path, thor_error *error)
{
    const json_t *list;
    THOR_TRY(thor_json_whole(&cost->parameters, root, "parameters", path, error));
    THOR_TRY(thor_json_number(&cost->parameters_per_token, root, "parameters_per_token", path, error));
    THOR_TRY(thor_json_number(&cost->gflop_per_token, root, "gflop_per_token", path, error));
    THOR_TRY(thor_json_number(&cost->tokens_per_second, root, "tokens_per_second", path, error));
    THOR_TRY(thor_json_number(&cost->training_bytes, root, "training_bytes", path, error));
    THOR_TRY(thor_json_number(&cost->training_seconds, root, "training_seconds", path, error));
    THOR_TRY(thor_json_list(&list, root, "translation", path, error));
    return read_translation(cost, list, path, error);
}

thor_status thor_job_cost_read(thor_job_cost *cost, const char *path, thor_error *error)
{
    json_t *root;
    *cost = (thor_job_cost){ .count = 0 };
    THOR_TRY(thor_json_open(&root, path, error));
    thor_status status = read_all(cost, root, path, error);
    json_decref(root);
    return status;
}

thor_status thor_job_cost_write(const thor_job_cost *cost, const char *path, thor_error *error)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cost->count; i++) {
        const thor_translation_cost *one = &cost->translation[i];
        json_array_append_new(list, json_pack("{s:I, s:I, s:o, s:o}", "batch", (json_int_t)one->batch, "source_length",
                                              (json_int_t)one->source_length, "milliseconds",
                                              thor_json_of(one->milliseconds), "bytes", thor_json_of(one->bytes)));
    }
    return thor_json_write(json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "parameters", (json_int_t)cost->parameters,
                                     "parameters_per_token", thor_json_of(cost->parameters_per_token),
                                     "gflop_per_token", thor_json_of(cost->gflop_per_token), "tokens_per_second",
                                     thor_json_of(cost->tokens_per_second), "training_bytes",
                                     thor_json_of(cost->training_bytes), "training_seconds",
                                     thor_json_of(cost->training_seconds), "translation", list), path, error);
}
