/* Token embedding with sinusoidal positions.
 *
 *   forward    x = sqrt(d) * E[id] + PE[q],  PE[q] = [sin(q f_0) …, cos(q f_0) …],  f_j = exp(-j ln(10000) / (d/2 - 1))
 *   backward   d_E[id] += sum over the rows with that id of sqrt(d) * d_x */
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "nn/nn.h"

void thor_positions_make(float *table, int64_t count, int64_t d)
{
    int64_t half = d / 2;
    float rate = (float)(-thor_ln(10000.0) / (double)(half - 1));
    for (int64_t j = 0; j < half; j++) {
        float exponent = (float)j * rate;
        float frequency = (float)thor_exp((double)exponent);
        for (int64_t q = 0; q < count; q++) {
            float angle = (float)q * frequency;
            table[q * d + j] = (float)thor_sin((double)angle);
            table[q * d + half + j] = (float)thor_cos((double)angle);
        }
    }
}

typedef struct {
    const thor_kernels *kernels;
    float *x;
    const float *embedding, *table;
    const int32_t *ids, *positions;
    const thor_packing *packing;
    int64_t d;
    float scale;
} forward_job;

static void forward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const forward_job *job = context;
    int64_t d = job->d;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        int64_t position = job->positions ? job->positions[r] : 2 + r - job->packing->offset[job->packing->sentence[r]];
        job->kernels->scale(job->x + r * d, job->embedding + job->ids[r] * d, job->scale, d);
        job->kernels->add(job->x + r * d, job->x + r * d, job->table + position * d, d);
    }
}

void thor_embed_forward(const thor_compute *compute, float *x, const float *embedding, const float *positions_table,
                        const int32_t *ids, const int32_t *positions, const thor_packing *packing, int64_t d)
{
    forward_job job = { compute->kernels, x, embedding, positions_table, ids, positions, packing, d, sqrtf((float)d) };
    thor_par_for(&compute->par, packing->rows, 16, forward_body, &job);
}

/* order = rows sorted by id, source rows (numbered from 0) before target rows (numbered on from there); start[id] its
 * first place. */
static void sort_rows(const thor_embed_scratch *scratch, const thor_embed_side *source, const thor_embed_side *target,
                      int64_t vocabulary)
{
    int64_t *start = scratch->start, all = source->rows + target->rows;
    memset(start, 0, (size_t)(vocabulary + 1) * sizeof *start);
    for (int64_t r = 0; r < all; r++)
        start[(r < source->rows ? source->ids[r] : target->ids[r - source->rows]) + 1]++;
    for (int64_t v = 0; v < vocabulary; v++)
        start[v + 1] += start[v];
    for (int64_t r = 0; r < all; r++) {
        int32_t id = r < source->rows ? source->ids[r] : target->ids[r - source->rows];
        scratch->order[start[id]++] = r;
    }
    for (int64_t v = vocabulary; v > 0; v--)
        start[v] = start[v - 1];
    start[0] = 0;
}

enum { IDS_A_PART = 128 };

typedef struct {
    const thor_kernels *kernels;
    float *d_embedding;
    const thor_embed_side *source, *target;
    const thor_embed_scratch *scratch;
    int64_t d, vocabulary;
    float scale;
} backward_job;

static void add_id(const backward_job *job, int64_t id, float *sums)
{
    const int64_t *start = job->scratch->start;
    int64_t d = job->d;
    memset(sums, 0, (size_t)(2 * d) * sizeof *sums);
    for (int64_t i = start[id]; i < start[id + 1]; i++) {
        int64_t r = job->scratch->order[i];
        if (r < job->source->rows)
            job->kernels->add_scaled(sums, job->source->d_x + r * d, job->scale, d);
        else
            job->kernels->add_scaled(sums + d, job->target->d_x + (r - job->source->rows) * d, job->scale, d);
    }
    job->kernels->add(sums, sums, sums + d, d);
    job->kernels->add(job->d_embedding + id * d, sums, job->d_embedding + id * d, d);
}

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    for (int64_t part = begin; part < end; part++) {
        int64_t last = (part + 1) * IDS_A_PART < job->vocabulary ? (part + 1) * IDS_A_PART : job->vocabulary;
        for (int64_t id = part * IDS_A_PART; id < last; id++)
            if (job->scratch->start[id] < job->scratch->start[id + 1])
                add_id(job, id, job->scratch->sums + (int64_t)thread * 2 * job->d);
    }
}

void thor_embed_backward(const thor_compute *compute, float *d_embedding, const thor_embed_side *source,
                         const thor_embed_side *target, const thor_embed_scratch *scratch, int64_t d,
                         int64_t vocabulary)
{
    sort_rows(scratch, source, target, vocabulary);
    backward_job job = { compute->kernels, d_embedding, source, target, scratch, d, vocabulary, sqrtf((float)d) };
    thor_par_each(&compute->par, (vocabulary + IDS_A_PART - 1) / IDS_A_PART, backward_body, &job);
}
