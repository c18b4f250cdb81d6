/* Scaled dot-product attention, H heads of D = d/H.
 *
 *   forward    1. q = (W_q x + b_q) * D^-0.5,  k = W_k x' + b_k,  v = W_v x' + b_v
 *              2. for each sentence and head  s = q k^T  (causal: keys 0 … t),  p = softmax(s),  p' = drop(p)
 *              3. context = p' v
 *              4. y = W_o context + b_o
 *   backward   4. d_context = d_y W_o
 *              3. d_v = p'^T d_context,  d_p' = d_context v^T
 *              2. d_s = p * (d_p - sum(d_p * p)),  d_q = (d_s k) * D^-0.5,  d_k = d_s^T q
 *              1. d_x from d_q, d_k, d_v
 * Keys that a query does not see have p = +0, which leaves every chain as it was. */
#include "nn/attention.h"

#include <math.h>
#include <string.h>

float thor_attention_scale(const thor_attention *attention)
{
    return (float)(1.0 / sqrt((double)(attention->d / attention->heads)));
}

typedef struct {
    const thor_compute *compute;
    const thor_attention *attention;
    const thor_attention_saved *saved;
    const thor_packing *queries, *key_rows;
    const thor_scratch *scratch;
    float *d_q, *d_k, *d_v;
    const float *d_context;
} head_job;

/* Where sentence b, head h stands in the arrays. */
typedef struct {
    int64_t b, h, T, S, d, D;
    int64_t query, key;                 /* first element in [rows, d] arrays */
    int64_t square;                     /* first element in probs */
} head_view;

static head_view view_of(const head_job *job, int64_t item)
{
    head_view at = { .b = item / job->attention->heads, .h = item % job->attention->heads, .d = job->attention->d };
    at.D = at.d / job->attention->heads;
    at.T = job->queries->offset[at.b + 1] - job->queries->offset[at.b];
    at.S = job->key_rows->offset[at.b + 1] - job->key_rows->offset[at.b];
    at.query = job->queries->offset[at.b] * at.d + at.h * at.D;
    at.key = job->key_rows->offset[at.b] * at.d + at.h * at.D;
    at.square = job->saved->probs_offset[at.b] + at.h * at.T * at.S;
    return at;
}

/* c[m,n] (row stride c_row) = a[m,k] b^T or a^T b and so on, on this thread. */
static void small(const thor_compute *compute, int thread, int64_t m, int64_t n, int64_t k, const float *a,
                  int64_t a_row, int64_t a_column, const float *b, int64_t b_row, int64_t b_column, float *c,
                  int64_t c_row)
{
    thor_gemm product = { .m = m, .n = n, .k = k, .a = a, .a_row = a_row, .a_column = a_column, .b = b, .b_row = b_row,
                          .b_column = b_column, .c = c, .c_row = c_row, .mode = THOR_GEMM_STORE };
    thor_gemm_serial(compute, &product, thread);
}

/* p = softmax over the keys that each query sees; the others are +0. */
static void softmax_rows(const thor_kernels *kernels, float *p, int64_t T, int64_t S, bool causal)
{
    for (int64_t t = 0; t < T; t++) {
        int64_t seen = causal && t + 1 < S ? t + 1 : S;
        kernels->softmax(p + t * S, p + t * S, seen, NULL, NULL);
        memset(p + t * S + seen, 0, (size_t)(S - seen) * sizeof *p);
    }
}

/* p' = drop(p) into `dropped`; makes the masks. */
static void drop_rows(const head_job *job, const head_view *at, float *dropped)
{
    const thor_kernels *kernels = job->compute->kernels;
    const thor_dropout *dropout = &job->saved->dropout;
    int64_t L = job->queries->width, M = job->key_rows->width;
    for (int64_t t = 0; t < at->T; t++) {
        uint64_t first = (uint64_t)(((at->b * job->attention->heads + at->h) * L + t) * M);
        kernels->dropout_mask(dropout->keep + at->square + t * at->S, &dropout->rule, first, at->S);
    }
    kernels->dropout_apply(dropped, job->saved->probs + at->square, dropout->keep + at->square, dropout->rule.scale,
                           at->T * at->S);
}

static void forward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const head_job *job = context;
    const thor_attention_saved *saved = job->saved;
    float *dropped = job->scratch->square + thread * job->scratch->square_floats;
    for (int64_t item = begin; item < end; item++) {
        head_view at = view_of(job, item);
        float *p = saved->probs + at.square;
        small(job->compute, thread, at.T, at.S, at.D, saved->q + at.query, at.d, 1, saved->k + at.key, 1, at.d, p,
              at.S);
        softmax_rows(job->compute->kernels, p, at.T, at.S, job->attention->causal);
        if (saved->dropout.keep)
            drop_rows(job, &at, dropped);
        small(job->compute, thread, at.T, at.D, at.S, saved->dropout.keep ? dropped : p, at.S, 1, saved->v + at.key,
              at.d, 1, saved->context + at.query, at.d);
    }
}

void thor_attention_forward(const thor_compute *compute, float *y, const thor_attention_saved *saved, const float *x,
                            const thor_packing *queries, const float *keys, const thor_packing *key_rows,
                            const thor_attention *attention, const thor_scratch *scratch)
{
    int64_t d = attention->d;
    thor_gemm products[3] = {
        thor_gemm_forward(saved->q, x, thor_matrix_f32(&attention->q.weight), attention->q.bias, queries->rows, d, d),
        thor_gemm_forward(saved->k, keys, thor_matrix_f32(&attention->k.weight), attention->k.bias, key_rows->rows, d,
                          d),
        thor_gemm_forward(saved->v, keys, thor_matrix_f32(&attention->v.weight), attention->v.bias, key_rows->rows, d,
                          d),
    };
    thor_gemm_run(compute, products, 3);
    thor_rows_scale(compute, saved->q, saved->q, thor_attention_scale(attention), queries->rows * d);
    head_job job = { .compute = compute,
                     .attention = attention,
                     .saved = saved,
                     .queries = queries,
                     .key_rows = key_rows,
                     .scratch = scratch };
    thor_par_each(&compute->par, queries->sentences * attention->heads, forward_body, &job);
    thor_linear_forward(compute, y, saved->context, &attention->o, queries->rows);
}

static void backward_body(void *context, int64_t begin, int64_t end, int thread)
{
    const head_job *job = context;
    const thor_kernels *kernels = job->compute->kernels;
    const thor_attention_saved *saved = job->saved;
    float *dropped = job->scratch->square + thread * job->scratch->square_floats,
          *d_s = dropped + job->scratch->square_floats / 2;
    for (int64_t item = begin; item < end; item++) {
        head_view at = view_of(job, item);
        const float *p = saved->probs + at.square, *seen = p, *d_out = job->d_context + at.query;
        const uint8_t *keep = saved->dropout.keep ? saved->dropout.keep + at.square : NULL;
        if (keep) {
            kernels->dropout_apply(dropped, p, keep, saved->dropout.rule.scale, at.T * at.S);
            seen = dropped;
        }
        small(job->compute, thread, at.S, at.D, at.T, seen, 1, at.S, d_out, at.d, 1, job->d_v + at.key, at.d);
        small(job->compute, thread, at.T, at.S, at.D, d_out, at.d, 1, saved->v + at.key, 1, at.d, d_s, at.S);
        if (keep)
            kernels->dropout_apply(d_s, d_s, keep, saved->dropout.rule.scale, at.T * at.S);
        for (int64_t t = 0; t < at.T; t++)
            kernels->softmax_backward(d_s + t * at.S, d_s + t * at.S, p + t * at.S, at.S);
        small(job->compute, thread, at.T, at.D, at.S, d_s, at.S, 1, saved->k + at.key, at.d, 1, job->d_q + at.query,
              at.d);
        small(job->compute, thread, at.S, at.D, at.T, d_s, 1, at.S, saved->q + at.query, at.d, 1, job->d_k + at.key,
              at.d);
    }
}

/* Passes 4 to 2: from d_y to d_q, d_k, d_v. */
static void heads_backward(const thor_compute *compute, const thor_attention_gradient *gradient, const float *d_y,
                           head_job *job)
{
    const thor_attention *attention = job->attention;
    int64_t d = attention->d;
    float *d_context = job->scratch->rows[0];
    thor_linear_backward(compute, d_context, THOR_GEMM_STORE, &gradient->o, d_y, job->saved->context, &attention->o,
                         job->queries->rows);
    job->d_context = d_context;
    thor_par_each(&compute->par, job->queries->sentences * attention->heads, backward_body, job);
    thor_rows_scale(compute, job->d_q, job->d_q, thor_attention_scale(attention), job->queries->rows * d);
}

void thor_attention_self_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                  const float *d_y, const thor_attention_saved *saved, const float *x,
                                  const thor_packing *rows, const thor_attention *attention,
                                  const thor_scratch *scratch)
{
    head_job job = { .compute = compute,
                     .attention = attention,
                     .saved = saved,
                     .queries = rows,
                     .key_rows = rows,
                     .scratch = scratch,
                     .d_q = scratch->rows[1],
                     .d_k = scratch->rows[2],
                     .d_v = scratch->rows[3] };
    heads_backward(compute, gradient, d_y, &job);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &gradient->q, job.d_q, x, &attention->q, rows->rows);
    thor_linear_backward(compute, d_x, THOR_GEMM_ADD, &gradient->k, job.d_k, x, &attention->k, rows->rows);
    thor_linear_backward(compute, d_x, THOR_GEMM_ADD, &gradient->v, job.d_v, x, &attention->v, rows->rows);
}

void thor_attention_cross_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                   const float *d_y, const thor_attention_saved *saved, const float *x,
                                   const thor_packing *queries, const float *keys, const thor_packing *key_rows,
                                   const thor_attention *attention, const thor_scratch *scratch)
{
    head_job job = { .compute = compute,
                     .attention = attention,
                     .saved = saved,
                     .queries = queries,
                     .key_rows = key_rows,
                     .scratch = scratch,
                     .d_q = scratch->rows[1],
                     .d_k = saved->d_k,
                     .d_v = saved->d_v };
    heads_backward(compute, gradient, d_y, &job);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &gradient->q, job.d_q, x, &attention->q, queries->rows);
    thor_linear_backward(compute, NULL, THOR_GEMM_STORE, &gradient->k, job.d_k, keys, &attention->k, key_rows->rows);
    thor_linear_backward(compute, NULL, THOR_GEMM_STORE, &gradient->v, job.d_v, keys, &attention->v, key_rows->rows);
}

void thor_attention_keys_backward(const thor_compute *compute, float *d_keys, bool first,
                                  const thor_attention_saved *saved, const thor_packing *key_rows,
                                  const thor_attention *attention)
{
    int64_t d = attention->d;
    thor_gemm k = thor_gemm_input_gradient(d_keys, saved->d_k, thor_matrix_f32(&attention->k.weight), key_rows->rows, d,
                                           d);
    thor_gemm v = thor_gemm_input_gradient(d_keys, saved->d_v, thor_matrix_f32(&attention->v.weight), key_rows->rows, d,
                                           d);
    k.mode = first ? THOR_GEMM_STORE : THOR_GEMM_ADD;
    v.mode = THOR_GEMM_ADD;
    thor_gemm_run(compute, &k, 1);
    thor_gemm_run(compute, &v, 1);
}

void thor_attention_rows(const thor_compute *compute, float *out, const float *q, int64_t queries, const float *k,
                         const float *v, int64_t count, float *probs, const thor_attention *attention, int thread)
{
    int64_t d = attention->d, D = d / attention->heads;
    for (int64_t h = 0; h < attention->heads; h++) {
        small(compute, thread, queries, count, D, q + h * D, d, 1, k + h * D, 1, d, probs, count);
        softmax_rows(compute->kernels, probs, queries, count, false);
        small(compute, thread, queries, D, count, probs, count, 1, v + h * D, d, 1, out + h * D, d);
    }
}
