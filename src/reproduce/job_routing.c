/* What the routers and the task predictor did with the test sets, and over training. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/metrics.h"
#include "model/labels.h"
#include "model/work.h"
#include "reproduce/job_parts.h"
#include "reproduce/similarity.h"
#include "run/run_routing.h"

enum { CURVE_POINTS = 50 };

_Static_assert((int)THOR_ROUTING_INTO_ENGLISH == THOR_INTO_ENGLISH &&
               (int)THOR_ROUTING_FROM_ENGLISH == THOR_FROM_ENGLISH && (int)THOR_ROUTING_SIDES == THOR_ENGLISH_SIDES,
               "two orders of the sides of English");

/* Sums over the test sets. */
typedef struct look {
    thor_job *job;
    const thor_config *config;
    thor_routing_report routing;
    int32_t groups;                     /* languages, or domains where there are some */
    double *routed, *chosen;            /* [groups] */
    double operations, tokens;
    int64_t sentences, room, width, tasks;
    float *points, *labels;             /* [room, width], [room, tasks] */
    const thor_split_step *step;
} look;

/* ---- a batch ---- */

/* Means over positions, added in ascending order in binary64. */
static void take_means(look *l, const float *rows)
{
    const thor_batch *batch = l->step->batch;
    for (int64_t b = 0; b < batch->sentences; b++) {
        float *point = l->points + (l->sentences + b) * l->width;
        int64_t first = batch->source_offset[b], end = batch->source_offset[b + 1];
        for (int64_t i = 0; i < l->width; i++) {
            double sum = 0;
            for (int64_t r = first; r < end; r++)
                sum += (double)rows[r * l->width + i];
            point[i] = (float)(sum / (double)(end - first));
        }
    }
}

static void take_labels(look *l, const float *probabilities)
{
    memcpy(l->labels + l->sentences * l->tasks, probabilities,
           (size_t)(l->step->batch->sentences * l->tasks) * sizeof *probabilities);
}

static void see(void *context, const thor_tensor *tensor, thor_rows_of rows)
{
    look *l = context;
    (void)rows;
    if (l->tasks == 0)
        return;
    if (strcmp(tensor->name, "encoder.output") == 0)
        take_means(l, tensor->data);
    else if (strcmp(tensor->name, "task.probs") == 0)
        take_labels(l, tensor->data);
}

static thor_status make_room(look *l, int64_t sentences, thor_error *error)
{
    int64_t room = 2 * (l->sentences + sentences);
    if (l->sentences + sentences <= l->room)
        return THOR_OK;
    float *points = realloc(l->points, (size_t)(room * l->width) * sizeof *points);
    l->points = points ? points : l->points;
    float *labels = realloc(l->labels, (size_t)(room * (l->tasks + 1)) * sizeof *labels);
    l->labels = labels ? labels : l->labels;
    if (!points || !labels)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld sentences", (long long)room);
    l->room = room;
    return THOR_OK;
}

static thor_status add_batch(void *context, const thor_split_step *step, thor_error *error)
{
    look *l = context;
    const thor_losses *losses = step->losses;
    thor_lengths lengths = thor_lengths_of(step->batch);
    int32_t group = l->config->domains.count ? step->direction->domain : step->direction->target_language;
    double experts = losses->routed_rows ? (double)losses->chosen_experts / (double)losses->routed_rows : 0;
    l->step = step;
    THOR_TRY(make_room(l, step->batch->sentences, error));
    THOR_TRY(thor_routing_add(&l->routing, step, error));
    thor_pass_visit(step->pass, see, l);
    if (group >= 0) {
        l->routed[group] += (double)losses->routed_rows;
        l->chosen[group] += (double)losses->chosen_experts;
    }
    l->operations += thor_work_forward(l->config, &lengths, experts).total;
    l->tokens += (double)losses->tokens;
    l->sentences += step->batch->sentences;
    return THOR_OK;
}

/* ---- what follows from it ---- */

static thor_status take_groups(const look *l, thor_error *error)
{
    thor_job_routing *routing = &l->job->routing;
    const thor_names *names = l->config->domains.count ? &l->config->domains : &l->config->languages;
    double routed = 0, chosen = 0;
    routing->groups = calloc((size_t)l->groups + 1, sizeof *routing->groups);
    if (!routing->groups)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %d groups", (int)l->groups);
    for (int32_t i = 0; i < l->groups; i++) {
        if (l->routed[i] == 0)
            continue;
        thor_named_number *group = &routing->groups[routing->group_count++];
        snprintf(group->name, sizeof group->name, "%.63s", names->items[i]);
        group->value = l->chosen[i] / l->routed[i];
        routed += l->routed[i];
        chosen += l->chosen[i];
    }
    routing->experts_per_token = routed > 0 ? chosen / routed : NAN;
    routing->used_share = thor_routing_used_share(&l->routing);
    routing->candidate_sets = thor_routing_candidate_sets(&l->routing);
    return THOR_OK;
}

/* Means over fiftieths of the updates. */
static thor_status take_curve(thor_job *job, thor_error *error)
{
    thor_job_routing *routing = &job->routing;
    thor_metrics_history history = { .training = { .count = 0 } };
    char *folder;
    double updates = (double)job->reproduction->options->updates, step = ceil(updates / CURVE_POINTS);
    routing->updates = calloc(CURVE_POINTS + 1, sizeof *routing->updates);
    routing->experts = calloc(CURVE_POINTS + 1, sizeof *routing->experts);
    if (!routing->updates || !routing->experts)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a curve");
    THOR_TRY(thor_job_file(&folder, job, "run", error));
    thor_status status = thor_metrics_read(&history, folder, error);
    for (double high = step; status == THOR_OK && high <= updates; high += step) {
        double mean = thor_metrics_mean(&history.training, THOR_METRICS_EXPERTS, high - step, high);
        if (isnan(mean))
            continue;
        routing->updates[routing->curve_count] = high;
        routing->experts[routing->curve_count++] = mean;
    }
    thor_metrics_free(&history);
    free(folder);
    return status;
}

static thor_status take_similarity(look *l, thor_error *error)
{
    thor_job_routing *routing = &l->job->routing;
    const thor_points points = { l->points, l->sentences, l->width };
    if (l->tasks == 0 || l->sentences < l->tasks)
        return THOR_OK;
    routing->similarity = calloc((size_t)(l->tasks * l->tasks), sizeof *routing->similarity);
    routing->cluster_sizes = calloc((size_t)l->tasks, sizeof *routing->cluster_sizes);
    if (!routing->similarity || !routing->cluster_sizes)
        return thor_fail(error, THOR_E_MEMORY, "no memory for a matrix of %lld tasks", (long long)l->tasks);
    return thor_similarity(l->job->model.compute.kernels, &points, l->labels, (int32_t)l->tasks,
                           thor_job_seed(l->job->reproduction->plan, l->job->number), routing->similarity,
                           routing->cluster_sizes, error);
}

static thor_status name_tasks(look *l, thor_error *error)
{
    thor_job_routing *routing = &l->job->routing;
    char text[THOR_DIRECTION_NAME];
    routing->tasks = (size_t)l->tasks;
    if (l->tasks == 0)
        return THOR_OK;
    routing->task_names = calloc(routing->tasks, sizeof *routing->task_names);
    routing->confusion = calloc(routing->tasks * routing->tasks, sizeof *routing->confusion);
    if (!routing->task_names || !routing->confusion)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %zu tasks", routing->tasks);
    for (size_t k = 0; k < routing->tasks; k++)
        snprintf(routing->task_names[k], sizeof routing->task_names[k], "%.63s",
                 thor_task_name(l->config, (int32_t)k, text));
    return THOR_OK;
}

/* The predictor's counts, whose sides of English have the order of thor_english_side. */
static void take_predictions(const look *l)
{
    thor_job_routing *routing = &l->job->routing;
    for (int side = 0; side < THOR_ENGLISH_SIDES; side++) {
        routing->sentences[side] = l->routing.sentences[side];
        routing->right[side] = l->routing.right[side];
    }
    if (l->tasks > 0)
        memcpy(routing->confusion, l->routing.confusion, (size_t)(l->tasks * l->tasks) * sizeof *routing->confusion);
}

static thor_status run(look *l, thor_error *error)
{
    thor_job *job = l->job;
    const thor_model *model = &job->model.model;
    THOR_TRY(name_tasks(l, error));
    THOR_TRY(thor_routing_open(&l->routing, l->config, error));
    THOR_TRY(thor_split_run(model, &job->model.compute, &job->corpus, job->reproduction->options->data, THOR_TEST,
                            add_batch, l, error));
    take_predictions(l);
    THOR_TRY(take_groups(l, error));
    THOR_TRY(take_curve(job, error));
    THOR_TRY(take_similarity(l, error));
    job->gflop = l->operations / l->tokens * 1e-9;
    return THOR_OK;
}

thor_status thor_job_look(thor_job *job, thor_error *error)
{
    const thor_config *config = &job->model.model.config;
    char *path;
    look l = { .job = job, .config = config, .width = config->model.width,
               .groups = config->domains.count ? config->domains.count : config->languages.count,
               .tasks = thor_config_has_predictor(config) ? thor_config_tasks(config) : 0 };
    l.routed = calloc((size_t)l.groups + 1, sizeof *l.routed);
    l.chosen = calloc((size_t)l.groups + 1, sizeof *l.chosen);
    thor_status status = l.routed && l.chosen ? run(&l, error)
                                              : thor_fail(error, THOR_E_MEMORY, "no memory for the counts of experts");
    if (status == THOR_OK)
        status = thor_job_file(&path, job, "routing.json", error);
    if (status == THOR_OK) {
        status = thor_job_routing_write(&job->routing, path, error);
        free(path);
    }
    thor_routing_free(&l.routing);
    free(l.routed);
    free(l.chosen);
    free(l.points);
    free(l.labels);
    return status;
}
