/* Task predictor, mixed representation, task router (thor-model(7)). */
#include <math.h>
#include <string.h>

#include "ref_parts.h"

static void pool_largest(ref_run *run, double *h, const ref_rows *rows, const double *x)
{
    int64_t d = run->config->model.width;
    bool fixed;
    double *from = ref_decision(run, "task", "pooled_row", 2, REF_SHAPE(rows->sentences, d), &fixed);
    REF_EACH_ROW(rows)
        for (int64_t i = 0; i < d; i++) {
            double *best = &from[b * d + i];
            if (!fixed && (t == 0 || (float)x[row * d + i] > (float)x[(b * rows->width + (int64_t)*best) * d + i]))
                *best = (double)t;
        }
    for (int64_t b = 0; b < rows->sentences; b++)
        for (int64_t i = 0; i < d; i++)
            h[b * d + i] = x[(b * rows->width + (int64_t)from[b * d + i]) * d + i];
}

static double *pool(ref_run *run, const ref_rows *rows, const double *x)
{
    int64_t d = run->config->model.width;
    double *h = ref_value(run, "task", "pooled", 2, REF_SHAPE(rows->sentences, d));
    if (run->config->task.pool == THOR_POOL_MAX)
        pool_largest(run, h, rows, x);
    else
        REF_EACH_ROW(rows)
            for (int64_t i = 0; i < d; i++) {
                if (run->config->task.pool == THOR_POOL_MEAN)
                    h[b * d + i] += x[row * d + i] / (double)rows->length[b];
                else if (t == 0)
                    h[b * d + i] = x[row * d + i];
            }
    return h;
}

/* The lowest class with the largest probability, as binary32. */
static int64_t likeliest(const double *p, int64_t n)
{
    int64_t best = 0;
    for (int64_t k = 1; k < n; k++)
        if ((float)p[k] > (float)p[best])
            best = k;
    return best;
}

/* The weights with which the rows of U make r. */
static void weights(ref_run *run, double *weight, const double *p, int64_t b, int64_t predicted)
{
    int64_t tasks = ref_tasks(run->config);
    for (int64_t k = 0; k < tasks; k++)
        switch (run->config->task.representation) {
        case THOR_REPRESENTATION_PREDICTED: weight[k] = k == predicted; break;
        case THOR_REPRESENTATION_GOLDEN: weight[k] = k == run->batch->task_label[b]; break;
        default: weight[k] = p[k];
        }
}

void ref_task(ref_run *run, const ref_rows *rows, const double *x)
{
    int64_t d = run->config->model.width, tasks = ref_tasks(run->config), sentences = rows->sentences;
    const double *predictor = ref_param(run, "task", "predictor.weight");
    const double *table = ref_param(run, "task", "embedding.weight");
    const double *h = pool(run, rows, x);
    double *p = ref_value(run, "task", "probs", 2, REF_SHAPE(sentences, tasks));
    double *weight = ref_value(run, "task", "weights", 2, REF_SHAPE(sentences, tasks));
    double *r = ref_value(run, "task", "mixed", 2, REF_SHAPE(sentences, d));
    bool fixed;
    double *predicted = ref_decision(run, "task", "predicted", 1, REF_SHAPE(sentences), &fixed);
    for (int64_t b = 0; b < sentences; b++) {
        ref_linear(p + b * tasks, h + b * d, predictor, NULL, d, tasks);
        ref_softmax(p + b * tasks, p + b * tasks, tasks);
        if (!fixed)
            predicted[b] = (double)likeliest(p + b * tasks, tasks);
        weights(run, weight + b * tasks, p + b * tasks, b, (int64_t)predicted[b]);
        for (int64_t k = 0; k < tasks; k++)
            for (int64_t i = 0; i < d; i++)
                r[b * d + i] += weight[b * tasks + k] * table[k * d + i];
        run->losses.task -= log(p[b * tasks + run->batch->task_label[b]]) / (double)sentences;
        run->losses.task_right += (int64_t)predicted[b] == run->batch->task_label[b];
    }
}

/* P_task and candidates for `count` representations, of sentences where `by_sentence`. */
static const double *choose(ref_run *run, const ref_place *place, const char *probs_name, const char *candidates_name,
                            const char *gap_name, const double *r, int64_t count, bool by_sentence, double *probs[1])
{
    int64_t d = run->config->model.width, experts = run->config->moe.experts, order[64];
    const double *router = ref_param(run, place->name, "task_router.weight");
    double *p = ref_value(run, place->name, probs_name, 2, REF_SHAPE(count, experts));
    double *gap = ref_value(run, place->name, gap_name, 1, REF_SHAPE(count));
    bool fixed;
    double *candidates = ref_decision(run, place->name, candidates_name, 2, REF_SHAPE(count, experts), &fixed);
    for (int64_t k = 0; k < count; k++) {
        ref_linear(p + k * experts, r + k * d, router, NULL, d, experts);
        ref_softmax(p + k * experts, p + k * experts, experts);
        if (!fixed)
            gap[k] = ref_largest(candidates + k * experts, order, p + k * experts, NULL, experts,
                                 by_sentence ? ref_group(run, k) : ref_candidates(run->config));
    }
    probs[0] = p;
    return candidates;
}

/* L_tb = E sum_i f_i Q_i over `count` choices. */
static double task_balance(const double *candidates, const double *probs, int64_t count, int64_t experts)
{
    double loss = 0;
    for (int64_t e = 0; e < experts; e++) {
        double share = 0, mean = 0;
        for (int64_t k = 0; k < count; k++) {
            share += candidates[k * experts + e] / (double)count;
            mean += probs[k * experts + e] / (double)count;
        }
        loss += (double)experts * share * mean;
    }
    return loss;
}

/* lingual: the candidates that the vector of the target language chooses; adds L_family. */
static const double *language_router(ref_run *run, const ref_place *place)
{
    int64_t d = run->config->model.width, sentences = place->rows->sentences;
    const double *t = ref_language_vectors(run);
    double *r = ref_value(run, place->name, "language_vectors", 2, REF_SHAPE(sentences, d)), *probs;
    for (int64_t b = 0; b < sentences; b++)
        memcpy(r + b * d, t + run->batch->target_language[b] * d, (size_t)d * sizeof *r);
    ref_family(run, place, t);
    return choose(run, place, "task_probs", "candidates", "candidates_gap", r, sentences, true, &probs);
}

const double *ref_task_router(ref_run *run, const ref_place *place)
{
    int64_t experts = run->config->moe.experts, sentences = place->rows->sentences, tasks = ref_tasks(run->config);
    if (run->config->moe.system == THOR_SYSTEM_FIXED)
        return ref_owned_experts(run, place);
    if (run->config->moe.system == THOR_SYSTEM_LINGUAL)
        return language_router(run, place);
    if (!ref_has_task_router(run->config)) {
        double *all = ref_value(run, place->name, "all_experts", 2, REF_SHAPE(sentences, experts));
        for (int64_t i = 0; i < sentences * experts; i++)
            all[i] = 1;
        return all;
    }
    double *probs;
    const double *r = ref_get(&run->values, "task.mixed");
    const double *candidates = choose(run, place, "task_probs", "candidates", "candidates_gap", r, sentences, true,
                                      &probs);
    if (run->config->balance.task_over == THOR_TASK_OVER_SENTENCES) {
        run->losses.task_balance += task_balance(candidates, probs, sentences, experts);
    } else {
        const double *table = ref_param(run, "task", "embedding.weight");
        const double *chosen = choose(run, place, "tasks_probs", "tasks_candidates", "tasks_gap", table, tasks, false,
                                      &probs);
        run->losses.task_balance += task_balance(chosen, probs, tasks, experts);
    }
    return candidates;
}
