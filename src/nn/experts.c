/* Experts, each a feed-forward layer over the rows that chose it.
 *
 *   forward    1. gather rows   2. h = drop(relu(W1_e x + b1_e))   3. o = drop(W2_e h + b2_e)
 *              4. y = sum over e of g_e o_e
 *   backward   4. d_g = sum(d_y o),  d_o = d_y g, in o's place   3. d_W2, d_b2, d_h   2. d_W1, d_b1, d_input
 *              1. add up by row, e ascending
 * The backward pass gathers the rows again, which is cheaper than keeping them. */
#include "nn/experts.h"

#include <string.h>

#include "nn/ffn.h"

typedef struct {
    const thor_compute *compute;
    const thor_experts *experts;
    const thor_experts_saved *saved;
    const thor_experts_gradient *gradient;
    const thor_routing *routing;
    const thor_packing *packing;
    float *out;                         /* y or d_x [R,d] */
    const float *d_y;                   /* [R,d] */
    float *gathered;                    /* [A,d] */
    const float *gather_from;           /* x [R,d] */
    float *d_gates, *d_output, *d_hidden;
    const float *assigned;              /* [A,d] rows to add up */
} experts_job;

/* Index of an assignment's first element in its site's padded array [B,L,E,n]. */
static uint64_t padded_index(const experts_job *job, int64_t row, int64_t expert, int64_t n)
{
    int64_t b = job->packing->sentence[row], t = row - job->packing->offset[b];
    return (uint64_t)(((b * job->packing->width + t) * job->experts->E + expert) * n);
}

static void gather_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    int64_t d = job->experts->d;
    (void)thread;
    for (int64_t a = begin; a < end; a++)
        memcpy(job->gathered + a * d, job->gather_from + job->routing->row[a] * d, (size_t)d * sizeof(float));
}

/* Drops what lies in x [A,n], assignments begin … end-1; makes the masks. */
static void drop(const experts_job *job, int64_t begin, int64_t end, const thor_dropout *dropout, float *x, int64_t n)
{
    const thor_kernels *kernels = job->compute->kernels;
    const int64_t *offset = job->routing->offset;
    for (int64_t a = begin, e = 0; a < end; a++) {
        while (a >= offset[e + 1])
            e++;
        kernels->dropout_mask(dropout->keep + a * n, &dropout->rule, padded_index(job, job->routing->row[a], e, n), n);
        kernels->dropout_apply(x + a * n, x + a * n, dropout->keep + a * n, dropout->rule.scale, n);
    }
}

static void drop_hidden_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    (void)thread;
    drop(job, begin, end, &job->saved->activation, job->saved->hidden, job->experts->F);
}

static void drop_output_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    (void)thread;
    drop(job, begin, end, &job->saved->dropout, job->saved->output, job->experts->d);
}

static void combine_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    int64_t d = job->experts->d, E = job->experts->E;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        float *y = job->out + r * d;
        memset(y, 0, (size_t)d * sizeof *y);
        for (int64_t e = 0; e < E; e++) {
            int32_t a = job->routing->place[r * E + e];
            if (a >= 0)
                job->compute->kernels->add_scaled(y, job->saved->output + a * d, job->routing->gates[r * E + e], d);
        }
    }
}

void thor_experts_forward(const thor_compute *compute, float *y, const thor_experts_saved *saved, const float *x,
                          const thor_routing *routing, const thor_packing *packing, const thor_experts *experts)
{
    int64_t E = experts->E, F = experts->F, d = experts->d, A = routing->offset[E];
    experts_job job = { .compute = compute,
                        .experts = experts,
                        .saved = saved,
                        .routing = routing,
                        .packing = packing,
                        .out = y,
                        .gathered = saved->input,
                        .gather_from = x };
    thor_par_for(&compute->par, A, 16, gather_body, &job);
    for (int64_t e = 0; e < E; e++) {
        int64_t first = routing->offset[e], count = routing->offset[e + 1] - first;
        saved->products[e] = thor_gemm_forward(saved->hidden + first * F, saved->input + first * d,
                                               thor_matrix_f32(&experts->fc1) + e * F * d, experts->fc1_bias + e * F,
                                               count, d, F);
        saved->products[e].relu = true;
        saved->products[E + e] = thor_gemm_forward(saved->output + first * d, saved->hidden + first * F,
                                                   thor_matrix_f32(&experts->fc2) + e * d * F,
                                                   experts->fc2_bias + e * d, count, F, d);
    }
    thor_gemm_run(compute, saved->products, E);
    if (saved->activation.keep)
        thor_par_for(&compute->par, A, 16, drop_hidden_body, &job);
    thor_gemm_run(compute, saved->products + E, E);
    if (saved->dropout.keep)
        thor_par_for(&compute->par, A, 16, drop_output_body, &job);
    thor_par_for(&compute->par, packing->rows, 16, combine_body, &job);
}

static void split_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    const thor_kernels *kernels = job->compute->kernels;
    int64_t d = job->experts->d, E = job->experts->E;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        for (int64_t e = 0; e < E; e++) {
            int32_t a = job->routing->place[r * E + e];
            job->d_gates[r * E + e] = 0.0f;
            if (a < 0)
                continue;
            job->d_gates[r * E + e] = kernels->sum_products(job->d_y + r * d, job->saved->output + a * d, d);
            kernels->scale(job->d_output + a * d, job->d_y + r * d, job->routing->gates[r * E + e], d);
        }
}

enum { COLUMNS = 128 };                 /* of a part of a bias */

static int64_t column_blocks(int64_t d)
{
    return (d + COLUMNS - 1) / COLUMNS;
}

static void bias_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    const thor_kernels *kernels = job->compute->kernels;
    int64_t d = job->experts->d, blocks = column_blocks(d);
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        int64_t e = part / blocks, column = part % blocks * COLUMNS;
        int64_t first = job->routing->offset[e], count = job->routing->offset[e + 1] - first;
        kernels->sum_rows(job->gradient->fc2_bias + e * d + column, job->d_output + first * d + column, count, d,
                          d - column < COLUMNS ? d - column : COLUMNS, false);
    }
}

static void gather_back_body(void *context, int64_t begin, int64_t end, int thread)
{
    const experts_job *job = context;
    int64_t d = job->experts->d, E = job->experts->E;
    (void)thread;
    for (int64_t r = begin; r < end; r++) {
        float *d_x = job->out + r * d;
        memset(d_x, 0, (size_t)d * sizeof *d_x);
        for (int64_t e = 0; e < E; e++) {
            int32_t a = job->routing->place[r * E + e];
            if (a >= 0)
                job->compute->kernels->add(d_x, d_x, job->assigned + a * d, d);
        }
    }
}

/* d_W (rows ascending) and d_input of all experts in one region; weight is [E * out, in]. */
static void grouped_backward(const experts_job *job, float *d_weight, float *d_input, const float *d_output,
                             const float *input, const thor_matrix *weight)
{
    int64_t E = job->experts->E, out = weight->rows / E, in = weight->columns;
    thor_gemm *products = job->saved->products;
    for (int64_t e = 0; e < E; e++) {
        int64_t first = job->routing->offset[e], count = job->routing->offset[e + 1] - first;
        products[e] = thor_gemm_weight_gradient(d_weight + e * out * in, d_output + first * out, input + first * in,
                                                count, in, out);
        products[E + e] = thor_gemm_input_gradient(d_input + first * in, d_output + first * out,
                                                   thor_matrix_f32(weight) + e * out * in, count, in, out);
    }
    thor_gemm_run(job->compute, products, 2 * E);
}

void thor_experts_backward(const thor_compute *compute, float *d_x, float *d_gates,
                           const thor_experts_gradient *gradient, const float *d_y, const thor_experts_saved *saved,
                           const float *x, const thor_routing *routing, int64_t rows, const thor_experts *experts,
                           const thor_scratch *scratch)
{
    int64_t E = experts->E, A = routing->offset[E];
    experts_job job = { .compute = compute,
                        .experts = experts,
                        .saved = saved,
                        .gradient = gradient,
                        .routing = routing,
                        .out = d_x,
                        .d_y = d_y,
                        .gathered = saved->output,
                        .gather_from = x,
                        .d_gates = d_gates,
                        .d_output = saved->output,
                        .d_hidden = scratch->wide,
                        .assigned = scratch->assigned };
    thor_par_for(&compute->par, rows, 16, split_body, &job);
    thor_rows_dropout_backward(compute, job.d_output, job.d_output, &saved->dropout, A, experts->d);
    grouped_backward(&job, gradient->fc2, job.d_hidden, job.d_output, saved->hidden, &experts->fc2);
    const thor_relu_groups groups = { routing->offset, E };
    thor_relu_backward(compute, gradient->fc1_bias, job.d_hidden, saved->hidden, &saved->activation, &groups,
                       experts->F);
    thor_par_each(&compute->par, E * column_blocks(experts->d), bias_body, &job);
    /* d_output has been read, as the output before it: the rows take its place. */
    thor_par_for(&compute->par, A, 16, gather_body, &job);
    grouped_backward(&job, gradient->fc1, scratch->assigned, job.d_hidden, job.gathered, &experts->fc1);
    thor_par_for(&compute->par, rows, 16, gather_back_body, &job);
}
