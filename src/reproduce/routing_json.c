/* routing.json: what routers and task predictor did on the test sets, and over training. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reproduce/job_results.h"
#include "reproduce/json_fields.h"

enum { MOST_TASKS = 4096 };

static const char *const sides[THOR_ENGLISH_SIDES] = { "into_english", "from_english", "between_others" };

void thor_job_routing_free(thor_job_routing *routing)
{
    free(routing->groups);
    free(routing->updates);
    free(routing->experts);
    free(routing->task_names);
    free(routing->confusion);
    free(routing->similarity);
    free(routing->cluster_sizes);
    *routing = (thor_job_routing){ .tasks = 0 };
}

static thor_status no_memory(const char *path, thor_error *error)
{
    return thor_fail(error, THOR_E_MEMORY, "%s: no memory for it", path);
}

static thor_status read_groups(thor_job_routing *routing, const json_t *root, const char *path, thor_error *error)
{
    const json_t *list;
    THOR_TRY(thor_json_list(&list, root, "groups", path, error));
    routing->groups = calloc(json_array_size(list) + 1, sizeof *routing->groups);
    if (!routing->groups)
        return no_memory(path, error);
    for (size_t i = 0; i < json_array_size(list); i++) {
        thor_named_number *group = &routing->groups[routing->group_count++];
        const json_t *item = json_array_get(list, i);
        THOR_TRY(thor_json_string(group->name, sizeof group->name, item, "name", path, error));
        THOR_TRY(thor_json_number(&group->value, item, "experts_per_token", path, error));
    }
    return THOR_OK;
}

static thor_status read_curve(thor_job_routing *routing, const json_t *root, const char *path, thor_error *error)
{
    const json_t *list;
    THOR_TRY(thor_json_list(&list, root, "curve", path, error));
    size_t count = json_array_size(list);
    routing->updates = calloc(count + 1, sizeof *routing->updates);
    routing->experts = calloc(count + 1, sizeof *routing->experts);
    if (!routing->updates || !routing->experts)
        return no_memory(path, error);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        THOR_TRY(thor_json_number(&routing->updates[i], item, "update", path, error));
        THOR_TRY(thor_json_number(&routing->experts[i], item, "experts_per_token", path, error));
        if (!isfinite(routing->updates[i]) || (i && !(routing->updates[i] > routing->updates[i - 1])))
            return thor_fail(error, THOR_E_FORMAT, "%s: point %zu of 'curve': updates have to rise", path, i + 1);
        routing->curve_count++;
    }
    return THOR_OK;
}

static thor_status read_sides(thor_job_routing *routing, const json_t *task, const char *path, thor_error *error)
{
    for (int s = 0; s < THOR_ENGLISH_SIDES; s++) {
        const json_t *side = json_object_get(task, sides[s]);
        if (!side)
            continue;
        THOR_TRY(thor_json_whole(&routing->sentences[s], side, "sentences", path, error));
        THOR_TRY(thor_json_whole(&routing->right[s], side, "right", path, error));
        if (routing->right[s] > routing->sentences[s])
            return thor_fail(error, THOR_E_FORMAT, "%s: '%s': more sentences are right than there are", path, sides[s]);
    }
    return THOR_OK;
}

/* A matrix of [tasks, tasks] numbers from 0; `whole` or `real` takes them. */
static thor_status read_square(const json_t *list, size_t tasks, const char *key, int64_t *whole, double *real,
                               const char *path, thor_error *error)
{
    for (size_t r = 0; r < tasks; r++)
        for (size_t c = 0; c < tasks; c++) {
            const json_t *row = json_array_get(list, r), *value = json_array_get(row, c);
            bool good = json_array_size(list) == tasks && json_array_size(row) == tasks &&
                        (whole ? json_is_integer(value) : json_is_number(value)) && json_number_value(value) >= 0;
            if (!good)
                return thor_fail(error, THOR_E_FORMAT, "%s: '%s' has to have %zu rows of %zu numbers from 0", path, key,
                                 tasks, tasks);
            if (whole)
                whole[r * tasks + c] = json_integer_value(value);
            else
                real[r * tasks + c] = json_number_value(value);
        }
    return THOR_OK;
}

static thor_status read_similarity(thor_job_routing *routing, const json_t *task, const char *path,
                                   thor_error *error)
{
    const json_t *list, *sizes;
    THOR_TRY(thor_json_list(&list, task, "similarity", path, error));
    THOR_TRY(thor_json_list(&sizes, task, "cluster_sizes", path, error));
    if (!list)
        return THOR_OK;
    routing->similarity = calloc(routing->tasks, routing->tasks * sizeof *routing->similarity);
    routing->cluster_sizes = calloc(routing->tasks, sizeof *routing->cluster_sizes);
    if (!routing->similarity || !routing->cluster_sizes)
        return no_memory(path, error);
    for (size_t t = 0; t < routing->tasks; t++)
        routing->cluster_sizes[t] = json_integer_value(json_array_get(sizes, t));
    return read_square(list, routing->tasks, "similarity", NULL, routing->similarity, path, error);
}

static thor_status read_task(thor_job_routing *routing, const json_t *task, const char *path, thor_error *error)
{
    const json_t *names, *confusion;
    THOR_TRY(thor_json_list(&names, task, "names", path, error));
    THOR_TRY(thor_json_list(&confusion, task, "confusion", path, error));
    size_t tasks = json_array_size(names);
    if (tasks == 0 || tasks > MOST_TASKS)
        return thor_fail(error, THOR_E_FORMAT, "%s: 'task' names %zu tasks; expected 1 to %d", path, tasks, MOST_TASKS);
    routing->tasks = tasks;
    routing->task_names = calloc(tasks, sizeof *routing->task_names);
    routing->confusion = calloc(tasks, tasks * sizeof *routing->confusion);
    if (!routing->task_names || !routing->confusion)
        return no_memory(path, error);
    for (size_t t = 0; t < tasks; t++) {
        const char *name = json_string_value(json_array_get(names, t));
        if (!name || strlen(name) >= sizeof *routing->task_names)
            return thor_fail(error, THOR_E_FORMAT, "%s: name %zu of 'task' is not a short text", path, t + 1);
        memcpy(routing->task_names[t], name, strlen(name) + 1);
    }
    THOR_TRY(read_sides(routing, task, path, error));
    THOR_TRY(read_square(confusion, tasks, "confusion", routing->confusion, NULL, path, error));
    return read_similarity(routing, task, path, error);
}

thor_status thor_job_routing_read(thor_job_routing *routing, const char *path, thor_error *error)
{
    json_t *root;
    *routing = (thor_job_routing){ .tasks = 0 };
    THOR_TRY(thor_json_open(&root, path, error));
    thor_status status = thor_json_number(&routing->experts_per_token, root, "experts_per_token", path, error);
    if (status == THOR_OK)
        status = thor_json_number(&routing->used_share, root, "used_share", path, error);
    if (status == THOR_OK)
        status = thor_json_number(&routing->candidate_sets, root, "candidate_sets", path, error);
    if (status == THOR_OK)
        status = read_groups(routing, root, path, error);
    if (status == THOR_OK)
        status = read_curve(routing, root, path, error);
    if (status == THOR_OK && json_is_object(json_object_get(root, "task")))
        status = read_task(routing, json_object_get(root, "task"), path, error);
    json_decref(root);
    return status;
}

static json_t *square_json(size_t tasks, const int64_t *whole, const double *real)
{
    json_t *rows = json_array();
    for (size_t r = 0; r < tasks; r++) {
        json_t *row = json_array();
        for (size_t c = 0; c < tasks; c++)
            json_array_append_new(row, whole ? json_integer((json_int_t)whole[r * tasks + c])
                                             : thor_json_of(real[r * tasks + c]));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *task_json(const thor_job_routing *routing)
{
    json_t *task = json_object(), *names = json_array(), *sizes = json_array();
    for (size_t t = 0; t < routing->tasks; t++) {
        json_array_append_new(names, json_string(routing->task_names[t]));
        if (routing->cluster_sizes)
            json_array_append_new(sizes, json_integer((json_int_t)routing->cluster_sizes[t]));
    }
    json_object_set_new(task, "names", names);
    for (int s = 0; s < THOR_ENGLISH_SIDES; s++)
        if (routing->sentences[s] > 0)
            json_object_set_new(task, sides[s], json_pack("{s:I, s:I}", "sentences", (json_int_t)routing->sentences[s],
                                                          "right", (json_int_t)routing->right[s]));
    json_object_set_new(task, "confusion", square_json(routing->tasks, routing->confusion, NULL));
    if (routing->similarity) {
        json_object_set_new(task, "similarity", square_json(routing->tasks, NULL, routing->similarity));
        json_object_set_new(task, "cluster_sizes", sizes);
    } else {
        json_decref(sizes);
    }
    return task;
}

thor_status thor_job_routing_write(const thor_job_routing *routing, const char *path, thor_error *error)
{
    json_t *groups = json_array(), *curve = json_array();
    for (size_t i = 0; i < routing->group_count; i++)
        json_array_append_new(groups, json_pack("{s:s, s:o}", "name", routing->groups[i].name, "experts_per_token",
                                                thor_json_of(routing->groups[i].value)));
    for (size_t i = 0; i < routing->curve_count; i++)
        json_array_append_new(curve, json_pack("{s:o, s:o}", "update", thor_json_of(routing->updates[i]),
                                               "experts_per_token", thor_json_of(routing->experts[i])));
    json_t *root = json_pack("{s:o, s:o, s:o, s:o, s:o}", "experts_per_token", thor_json_of(routing->experts_per_token),
                             "groups", groups, "used_share", thor_json_of(routing->used_share), "candidate_sets",
                             thor_json_of(routing->candidate_sets), "curve", curve);
    if (root && routing->tasks > 0)
        json_object_set_new(root, "task", task_json(routing));
    return thor_json_write(root, path, error);
}
