/* Task predictor and task representation.
 *
 *   forward    1. h = max (mean, or first row) over the sentence's rows of x
 *              2. p = softmax(W_p h),  L_task = mean over sentences of -log p[label]
 *              3. r = sum_k p_k U[k]   (or U[argmax p], or U[label])
 *   backward   3. d_U = p^T d_r,  d_p = d_r U^T
 *              2. d_logits = p (d_p - sum(d_p p)) + (p - [label]) * weight,  d_W_p = d_logits^T h,  d_h = d_logits W_p
 *              1. back to the row that had the maximum (the first of equals) */
#include "nn/task.h"

#include <string.h>

typedef struct {
    const thor_kernels *kernels;
    const thor_task_saved *saved;
    const float *x, *d_pooled;
    float *d_x;
    const thor_packing *packing;
    const thor_task *task;
} pool_job;

static void pool_sentence(const pool_job *job, int64_t b)
{
    const thor_task *task = job->task;
    int64_t d = task->d, first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
    const float *x = job->x + first * d;
    float *h = job->saved->pooled + b * d;
    int32_t *from = job->saved->from + b * d;
    memcpy(h, x, (size_t)d * sizeof *h);
    if (task->pool == THOR_POOL_MEAN) {
        job->kernels->sum_rows(h, x, n, d, d, false);
        job->kernels->divide(h, h, (float)n, d);
    }
    for (int64_t j = 0; j < d; j++)
        from[j] = (int32_t)first;
    for (int64_t t = 1; t < n && task->pool == THOR_POOL_MAX; t++)
        job->kernels->maximum(h, x + t * d, from, (int32_t)(first + t), d);
}

static void pool_body(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t b = begin; b < end; b++)
        pool_sentence(context, b);
}

/* The class whose row of U is r, where r is one row. */
static int32_t one_class(const thor_task_saved *saved, const int32_t *labels, int64_t b, const thor_task *task)
{
    return task->representation == THOR_REPRESENTATION_GOLDEN ? labels[b] : saved->predicted[b];
}

static void represent(const thor_compute *compute, const thor_task_saved *saved, const int32_t *labels,
                      int64_t sentences, const thor_task *task)
{
    int64_t d = task->d, K = task->tasks;
    const float *U = thor_matrix_f32(&task->embedding);
    if (task->representation == THOR_REPRESENTATION_MIXED) {
        thor_gemm product = thor_gemm_input_gradient(saved->mixed, saved->probs, U, sentences, d, K);
        thor_gemm_run(compute, &product, 1);
        return;
    }
    for (int64_t b = 0; b < sentences; b++)
        memcpy(saved->mixed + b * d, U + one_class(saved, labels, b, task) * d, (size_t)d * sizeof *U);
}

double thor_task_forward(const thor_compute *compute, const thor_task_saved *saved, const float *x,
                         const thor_packing *packing, const int32_t *labels, const thor_task *task)
{
    const thor_kernels *kernels = compute->kernels;
    int64_t K = task->tasks;
    double nll = 0.0;
    pool_job job = { .kernels = kernels, .saved = saved, .x = x, .packing = packing, .task = task };
    thor_par_each(&compute->par, packing->sentences, pool_body, &job);
    thor_linear_forward(compute, saved->probs, saved->pooled, &task->predictor, packing->sentences);
    for (int64_t b = 0; b < packing->sentences; b++) {
        float *p = saved->probs + b * K, largest, log_sum;
        float logit = labels ? p[labels[b]] : 0.0f;
        kernels->softmax(p, p, K, &largest, &log_sum);
        saved->predicted[b] = (int32_t)kernels->argmax(p, K);
        saved->nll[b] = labels ? log_sum - (logit - largest) : 0.0f;
        nll += (double)saved->nll[b];
    }
    represent(compute, saved, labels, packing->sentences, task);
    return nll;
}

/* Pass 3 down: d_embedding, and d_probs where r is the mixture. */
static void represent_backward(const thor_compute *compute, float *d_embedding, const float *d_r,
                               const thor_task_saved *saved, const int32_t *labels, int64_t sentences,
                               const thor_task *task)
{
    int64_t d = task->d, K = task->tasks;
    if (d_r && task->representation == THOR_REPRESENTATION_MIXED) {
        thor_gemm products[2] = {
            thor_gemm_weight_gradient(d_embedding, saved->probs, d_r, sentences, d, K),
            thor_gemm_forward(saved->d_probs, d_r, thor_matrix_f32(&task->embedding), NULL, sentences, d, K),
        };
        thor_gemm_run(compute, products, 2);
        return;
    }
    memset(d_embedding, 0, (size_t)(K * d) * sizeof *d_embedding);
    memset(saved->d_probs, 0, (size_t)(sentences * K) * sizeof *saved->d_probs);
    for (int64_t b = 0; b < sentences && d_r; b++) {
        float *row = d_embedding + one_class(saved, labels, b, task) * d;
        compute->kernels->add(row, row, d_r + b * d, d);
    }
}

void thor_task_backward(const thor_compute *compute, float *d_predictor, float *d_embedding, float *d_pooled,
                        const float *d_r, const thor_task_saved *saved, const int32_t *labels, int64_t sentences,
                        float weight, const thor_task *task)
{
    int64_t K = task->tasks;
    represent_backward(compute, d_embedding, d_r, saved, labels, sentences, task);
    for (int64_t b = 0; b < sentences; b++) {
        float *d_logits = saved->d_probs + b * K;
        const float *p = saved->probs + b * K;
        compute->kernels->softmax_backward(d_logits, d_logits, p, K);
        for (int64_t k = 0; k < K; k++) {
            float error = k == labels[b] ? p[k] - 1.0f : p[k];
            float scaled = error * weight;
            d_logits[k] = d_logits[k] + scaled;
        }
    }
    thor_linear_gradient gradient = { d_predictor, NULL };
    thor_linear_backward(compute, d_pooled, THOR_GEMM_STORE, &gradient, saved->d_probs, saved->pooled, &task->predictor,
                         sentences);
}

static void pool_backward_sentence(const pool_job *job, int64_t b)
{
    const thor_task *task = job->task;
    int64_t d = task->d, first = job->packing->offset[b], n = job->packing->offset[b + 1] - first;
    const float *d_h = job->d_pooled + b * d;
    if (task->pool == THOR_POOL_MEAN) {
        float *share = job->saved->pooled + b * d;
        job->kernels->divide(share, d_h, (float)n, d);
        for (int64_t t = 0; t < n; t++)
            job->kernels->add(job->d_x + (first + t) * d, job->d_x + (first + t) * d, share, d);
        return;
    }
    for (int64_t j = 0; j < d; j++) {
        float *place = job->d_x + job->saved->from[b * d + j] * d + j;
        *place = *place + d_h[j];
    }
}

static void pool_backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    (void)thread;
    for (int64_t b = begin; b < end; b++)
        pool_backward_sentence(context, b);
}

void thor_task_pool_backward(const thor_compute *compute, float *d_x, const float *d_pooled,
                             const thor_task_saved *saved, const thor_packing *packing, const thor_task *task)
{
    pool_job job = { .kernels = compute->kernels, .saved = saved, .d_pooled = d_pooled, .d_x = d_x,
                     .packing = packing, .task = task };
    thor_par_each(&compute->par, packing->sentences, pool_backward_body, &job);
}
