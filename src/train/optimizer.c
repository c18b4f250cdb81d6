#include "train/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "base/block.h"
#include "base/dmath.h"
#include "base/numbers.h"
#include "train/trainer.h"

static int64_t slices_of(const thor_param *param)
{
    return param->experts > 0 ? param->experts : 1;
}

static int64_t pieces_of_slice(const thor_param *param, int64_t most)
{
    return (param->count / slices_of(param) + most - 1) / most;
}

static void add_pieces(thor_gradient_norm *norm, const thor_params *params, int32_t parameter, int64_t most)
{
    const thor_param *param = &params->items[parameter];
    int64_t size = param->count / slices_of(param);
    for (int64_t slice = 0; slice < slices_of(param); slice++)
        for (int64_t done = 0; done < size; done += most)
            norm->pieces[norm->count++] = (thor_gradient_piece){
                .offset = param->offset + slice * size + done, .count = thor_smaller(size - done, most),
                .parameter = parameter
            };
}

thor_status thor_gradient_norm_open(thor_gradient_norm *norm, const thor_params *params, int64_t most,
                                    thor_error *error)
{
    int64_t count = 0;
    for (int32_t t = 0; t < params->count; t++)
        count += slices_of(&params->items[t]) * pieces_of_slice(&params->items[t], most);
    *norm = (thor_gradient_norm){ .pieces = calloc((size_t)count, sizeof *norm->pieces) };
    if (!norm->pieces)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the %lld pieces of a gradient", (long long)count);
    for (int32_t t = 0; t < params->count; t++)
        add_pieces(norm, params, params->sorted[t], most);
    return THOR_OK;
}

void thor_gradient_norm_close(thor_gradient_norm *norm)
{
    free(norm->pieces);
    free(norm->own);
    free(norm->all);
    *norm = (thor_gradient_norm){ .pieces = NULL };
}

static int by_start(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

void thor_gradient_norm_starts(const thor_gradient_norm *norm, int64_t *starts)
{
    for (int64_t i = 0; i < norm->count; i++)
        starts[i] = norm->pieces[i].offset;
    qsort(starts, (size_t)norm->count, sizeof *starts, by_start);
}

thor_status thor_gradient_norm_share(thor_gradient_norm *norm, const thor_cluster *cluster,
                                     const thor_buckets *buckets, thor_error *error)
{
    norm->cluster = cluster;
    norm->own = calloc((size_t)norm->count, sizeof *norm->own);
    norm->all = calloc((size_t)norm->count * (size_t)cluster->size, sizeof *norm->all);
    if (!norm->own || !norm->all)
        return thor_fail(error, THOR_E_MEMORY, "no memory for the norms of %lld pieces of a gradient",
                         (long long)norm->count);
    for (int64_t i = 0; i < norm->count; i++)
        norm->pieces[i].rank = thor_buckets_owner(buckets, norm->pieces[i].offset);
    return THOR_OK;
}

typedef struct {
    thor_gradient_norm *norm;
    const thor_compute *compute;
    const float *block;
    int rank;
} norm_job;

static void norm_body(void *context, int64_t begin, int64_t end, int thread)
{
    const norm_job *job = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        thor_gradient_piece *piece = &job->norm->pieces[i];
        if (piece->rank == job->rank)
            piece->sum = (double)job->compute->kernels->sum_squares(job->block + piece->offset, piece->count);
    }
}

/* Every piece's sum from its owner. */
static void gather_sums(thor_gradient_norm *norm)
{
    const thor_cluster *cluster = norm->cluster;
    for (int64_t i = 0; i < norm->count; i++)
        norm->own[i] = norm->pieces[i].sum;
    cluster->exchange(cluster->state, norm->own, (size_t)norm->count * sizeof *norm->own, norm->all);
    for (int64_t i = 0; i < norm->count; i++)
        norm->pieces[i].sum = norm->all[norm->pieces[i].rank * norm->count + i];
}

double thor_gradient_norm_compute(thor_gradient_norm *norm, const thor_compute *compute, const float *block)
{
    norm_job job = { norm, compute, block, norm->cluster ? norm->cluster->rank : 0 };
    double sum = 0;
    thor_par_each(&compute->par, norm->count, norm_body, &job);
    if (norm->cluster)
        gather_sums(norm);
    for (int64_t i = 0; i < norm->count; i++)
        sum += norm->pieces[i].sum;
    return sqrt(sum);
}

int32_t thor_gradient_norm_first_bad(const thor_gradient_norm *norm)
{
    int32_t first = -1;
    for (int64_t i = 0; i < norm->count; i++)
        if (!isfinite(norm->pieces[i].sum) && (first < 0 || norm->pieces[i].parameter < first))
            first = norm->pieces[i].parameter;
    return first;
}

double thor_learning_rate(const thor_config *config, int64_t done)
{
    double lr = config->optimizer.lr, warmup = (double)config->schedule.warmup;
    if (done < config->schedule.warmup)
        return (double)done * lr / warmup;
    return lr * sqrt(warmup / (double)done);
}

thor_adam_scalars thor_adam_make(const thor_config *config, int64_t done, double norm)
{
    double lr = thor_learning_rate(config, done), clip = 1;
    double beta1 = config->optimizer.beta1, beta2 = config->optimizer.beta2, decay = config->optimizer.weight_decay;
    double correction1 = 1 - thor_power(beta1, done + 1), correction2 = 1 - thor_power(beta2, done + 1);
    if (config->optimizer.clip_norm > 0 && config->optimizer.clip_norm / (norm + 1e-6) < 1)
        clip = config->optimizer.clip_norm / (norm + 1e-6);
    return (thor_adam_scalars){
        .beta1 = (float)beta1, .one_minus_beta1 = (float)(1 - beta1),
        .beta2 = (float)beta2, .one_minus_beta2 = (float)(1 - beta2),
        .eps = (float)config->optimizer.eps,
        .step_size = (float)(lr * sqrt(correction2) / correction1),
        .clip = (float)clip,
        .decay = (float)(1 - lr * decay),
    };
}

typedef struct {
    const thor_kernels *kernels;
    const thor_adam_scalars *scalars;
    float *values, *m, *v;
    const float *gradient;
} adam_job;

static void adam_body(void *context, int64_t begin, int64_t end, int thread)
{
    const adam_job *job = context;
    (void)thread;
    job->kernels->adam(job->values + begin, job->m + begin, job->v + begin, job->gradient + begin, job->scalars,
                       end - begin);
}

void thor_adam_run(const thor_compute *compute, const thor_adam_scalars *scalars, float *values, float *m, float *v,
                   const float *gradient, int64_t floats)
{
    adam_job job = { compute->kernels, scalars, values, m, v, gradient };
    thor_par_for(&compute->par, floats, THOR_BLOCK_GRAIN, adam_body, &job);
}
