/* Token embedding with sinusoidal positions.
 *
 *   forward    x = sqrt(d) * E[id] + PE[q],  PE[q] = [sin(q f_0) …, cos(q f_0) …],  f_j = exp(-j ln(10000) / (d/2 - 1))
 *   backward   d_E[id] += sum over the rows with that id of sqrt(d) * d_x */
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "base/numbers.h"
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

/* ---- backward: rows sorted by id, stably, in two counting sorts ------------------------------------------------
 *
 * The first one, on all threads, goes by parts of the vocabulary: chunks of rows are counted, then handed out. The
 * second one is made by whoever adds up a part. Rows of the source are numbered from 0, those of the target on from
 * there. */

enum { IDS_A_PART = 128, ROWS_A_CHUNK = 512, MOST_CHUNKS = 64 };

static int64_t parts_of(int64_t vocabulary)
{
    return (vocabulary + IDS_A_PART - 1) / IDS_A_PART;
}

static int64_t chunks_of(int64_t rows)
{
    return thor_smaller(rows / ROWS_A_CHUNK + 1, MOST_CHUNKS);
}

void thor_embed_place(thor_embed_scratch *scratch, thor_arena *arena, int64_t rows, int64_t d, int64_t vocabulary,
                      int threads)
{
    scratch->counts = THOR_TAKE(arena, int64_t, chunks_of(rows) * parts_of(vocabulary));
    scratch->start = THOR_TAKE(arena, int64_t, parts_of(vocabulary) + 1);
    scratch->order = THOR_TAKE(arena, int64_t, rows);
    scratch->sorted = THOR_TAKE(arena, int64_t, rows);
    scratch->sums = THOR_TAKE(arena, float, threads * 2 * d);
}

typedef struct {
    const thor_kernels *kernels;
    float *d_embedding;
    const thor_embed_side *source, *target;
    const thor_embed_scratch *scratch;
    int64_t rows, chunks, parts, d;
    float scale;
} backward_job;

static int32_t id_of(const backward_job *job, int64_t r)
{
    return r < job->source->rows ? job->source->ids[r] : job->target->ids[r - job->source->rows];
}

static void count_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *counts = job->scratch->counts + chunk * job->parts, last = job->rows * (chunk + 1) / job->chunks;
        memset(counts, 0, (size_t)job->parts * sizeof *counts);
        for (int64_t r = job->rows * chunk / job->chunks; r < last; r++)
            counts[id_of(job, r) / IDS_A_PART]++;
    }
}

static void hand_out_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    (void)thread;
    for (int64_t chunk = begin; chunk < end; chunk++) {
        int64_t *next = job->scratch->counts + chunk * job->parts, last = job->rows * (chunk + 1) / job->chunks;
        for (int64_t r = job->rows * chunk / job->chunks; r < last; r++)
            job->scratch->order[next[id_of(job, r) / IDS_A_PART]++] = r;
    }
}

/* order = rows by part of the vocabulary; start[part] its first place. */
static void sort_by_part(const thor_compute *compute, backward_job *job)
{
    int64_t sum = 0;
    thor_par_for(&compute->par, job->chunks, 1, count_body, job);
    for (int64_t part = 0; part < job->parts; part++) {
        job->scratch->start[part] = sum;
        for (int64_t chunk = 0; chunk < job->chunks; chunk++) {
            int64_t *count = &job->scratch->counts[chunk * job->parts + part], first = sum;
            sum += *count;
            *count = first;
        }
    }
    job->scratch->start[job->parts] = sum;
    thor_par_for(&compute->par, job->chunks, 1, hand_out_body, job);
}

/* sorted = a part's rows by id; end[i] is behind the last place of its id i. */
static void sort_part(const backward_job *job, int64_t part, int64_t *end)
{
    int64_t first = job->scratch->start[part], last = job->scratch->start[part + 1], sum = first;
    memset(end, 0, IDS_A_PART * sizeof *end);
    for (int64_t i = first; i < last; i++)
        end[id_of(job, job->scratch->order[i]) % IDS_A_PART]++;
    for (int64_t id = 0; id < IDS_A_PART; id++) {
        sum += end[id];
        end[id] = sum - end[id];
    }
    for (int64_t i = first; i < last; i++) {
        int64_t r = job->scratch->order[i];
        job->scratch->sorted[end[id_of(job, r) % IDS_A_PART]++] = r;
    }
}

/* Adds up the rows at places first … last-1, all of one id. */
static void add_id(const backward_job *job, int64_t id, int64_t first, int64_t last, float *sums)
{
    int64_t d = job->d;
    memset(sums, 0, (size_t)(2 * d) * sizeof *sums);
    for (int64_t i = first; i < last; i++) {
        int64_t r = job->scratch->sorted[i];
        if (r < job->source->rows)
            job->kernels->add_scaled(sums, job->source->d_x + r * d, job->scale, d);
        else
            job->kernels->add_scaled(sums + d, job->target->d_x + (r - job->source->rows) * d, job->scale, d);
    }
    job->kernels->add(sums, sums, sums + d, d);
    job->kernels->add(job->d_embedding + id * d, sums, job->d_embedding + id * d, d);
}

static void add_body(void *context, int64_t begin, int64_t end, int thread)
{
    const backward_job *job = context;
    float *sums = job->scratch->sums + (int64_t)thread * 2 * job->d;
    for (int64_t part = begin; part < end; part++) {
        int64_t ends[IDS_A_PART], first = job->scratch->start[part];
        sort_part(job, part, ends);
        for (int64_t i = 0; i < IDS_A_PART; first = ends[i++])
            if (first < ends[i])
                add_id(job, part * IDS_A_PART + i, first, ends[i], sums);
    }
}

void thor_embed_backward(const thor_compute *compute, float *d_embedding, const thor_embed_side *source,
                         const thor_embed_side *target, const thor_embed_scratch *scratch, int64_t d,
                         int64_t vocabulary)
{
    int64_t rows = source->rows + target->rows;
    backward_job job = { .kernels = compute->kernels, .d_embedding = d_embedding, .source = source, .target = target,
                         .scratch = scratch, .rows = rows, .chunks = chunks_of(rows), .parts = parts_of(vocabulary),
                         .d = d, .scale = sqrtf((float)d) };
    sort_by_part(compute, &job);
    thor_par_each(&compute->par, job.parts, add_body, &job);
}
