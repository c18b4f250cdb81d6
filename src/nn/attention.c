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
#include <stdio.h>

#include "nn/heads.h"

float thor_attention_scale(int64_t d, int64_t heads)
{
    return (float)(1.0 / sqrt((double)(d / heads)));
}

/* q, k, v: Xavier uniform with gain 1/sqrt(2), biases U(±1/sqrt(d)); o: gain 1, bias 0. */
static thor_linear name_linear(const thor_weights *weights, const char *name, char part, int64_t d)
{
    char weight_name[64], bias_name[64];
    bool output = part == 'o';
    double xavier = sqrt(6 / (double)(2 * d));
    snprintf(weight_name, sizeof weight_name, "%s.%c.weight", name, part);
    snprintf(bias_name, sizeof bias_name, "%s.%c.bias", name, part);
    const thor_weight bias = { .name = bias_name, .shape = { d },
                               .init = output ? THOR_INIT_ZERO : THOR_INIT_UNIFORM,
                               .scale = output ? 0 : 1 / sqrt((double)d) };
    thor_linear linear = { .weight = thor_weights_matrix(weights, weight_name, THOR_INIT_UNIFORM,
                                                         output ? xavier : sqrt(0.5) * xavier, d, d) };
    linear.bias = thor_weights_take(weights, &bias);
    return linear;
}

void thor_attention_weights(thor_attention *attention, const thor_weights *weights, const char *name)
{
    attention->q = name_linear(weights, name, 'q', attention->d);
    attention->k = name_linear(weights, name, 'k', attention->d);
    attention->v = name_linear(weights, name, 'v', attention->d);
    attention->o = name_linear(weights, name, 'o', attention->d);
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
    thor_heads job = { .compute = compute,
                       .attention = attention,
                       .saved = saved,
                       .queries = queries,
                       .key_rows = key_rows,
                       .scratch = scratch };
    thor_heads_forward(&job);
    thor_linear_forward(compute, y, saved->context, &attention->o, queries->rows);
}

/* Passes 4 to 2: from d_y to d_q, and to d_k and d_v in the places of k and v. */
static void heads_backward(const thor_compute *compute, const thor_attention_gradient *gradient, const float *d_y,
                           thor_heads *job)
{
    const thor_attention *attention = job->attention;
    float *d_context = job->scratch->rows[0];
    thor_linear_backward(compute, d_context, THOR_GEMM_STORE, &gradient->o, d_y, job->saved->context, &attention->o,
                         job->queries->rows);
    job->d_context = d_context;
    thor_heads_backward(job);
}

void thor_attention_self_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                  const float *d_y, const thor_attention_saved *saved, const float *x,
                                  const thor_packing *rows, const thor_attention *attention,
                                  const thor_scratch *scratch)
{
    thor_heads job = { .compute = compute,
                       .attention = attention,
                       .saved = saved,
                       .queries = rows,
                       .key_rows = rows,
                       .scratch = scratch,
                       .d_q = scratch->rows[1] };
    heads_backward(compute, gradient, d_y, &job);
    const thor_rows_term biases[3] = { { gradient->q.bias, job.d_q, NULL }, { gradient->k.bias, saved->k, NULL },
                                       { gradient->v.bias, saved->v, NULL } };
    const thor_linear_gradient q = { gradient->q.weight, NULL }, k = { gradient->k.weight, NULL },
                               v = { gradient->v.weight, NULL };
    thor_rows_sums(compute, biases, 3, rows->rows, attention->d);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &q, job.d_q, x, &attention->q, rows->rows);
    thor_linear_backward(compute, d_x, THOR_GEMM_ADD, &k, saved->k, x, &attention->k, rows->rows);
    thor_linear_backward(compute, d_x, THOR_GEMM_ADD, &v, saved->v, x, &attention->v, rows->rows);
}

void thor_attention_cross_backward(const thor_compute *compute, float *d_x, const thor_attention_gradient *gradient,
                                   const float *d_y, const thor_attention_saved *saved, const float *x,
                                   const thor_packing *queries, const float *keys, const thor_packing *key_rows,
                                   const thor_attention *attention, const thor_scratch *scratch)
{
    thor_heads job = { .compute = compute,
                       .attention = attention,
                       .saved = saved,
                       .queries = queries,
                       .key_rows = key_rows,
                       .scratch = scratch,
                       .d_q = scratch->rows[1] };
    heads_backward(compute, gradient, d_y, &job);
    thor_linear_backward(compute, d_x, THOR_GEMM_STORE, &gradient->q, job.d_q, x, &attention->q, queries->rows);
    const thor_rows_term biases[2] = { { gradient->k.bias, saved->k, NULL }, { gradient->v.bias, saved->v, NULL } };
    thor_gemm products[2] = {
        thor_gemm_weight_gradient(gradient->k.weight, saved->k, keys, key_rows->rows, attention->d, attention->d),
        thor_gemm_weight_gradient(gradient->v.weight, saved->v, keys, key_rows->rows, attention->d, attention->d),
    };
    thor_rows_sums(compute, biases, 2, key_rows->rows, attention->d);
    thor_gemm_run(compute, products, 2);
}

void thor_attention_keys_backward(const thor_compute *compute, float *d_keys, bool first,
                                  const thor_attention_saved *saved, const thor_packing *key_rows,
                                  const thor_attention *attention)
{
    int64_t d = attention->d, rows = key_rows->rows;
    thor_gemm k = thor_gemm_input_gradient(d_keys, saved->k, thor_matrix_f32(&attention->k.weight), rows, d, d);
    thor_gemm v = thor_gemm_input_gradient(d_keys, saved->v, thor_matrix_f32(&attention->v.weight), rows, d, d);
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
        thor_heads_product(compute, thread, queries, count, D, q + h * D, d, 1, k + h * D, 1, d, probs, count);
        thor_heads_softmax(compute->kernels, probs, queries, count, false);
        thor_heads_product(compute, thread, queries, D, count, probs, count, 1, v + h * D, d, 1, out + h * D, d);
    }
}
