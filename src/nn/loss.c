/* The output layer (tied with the embedding, no bias) and the cross entropy over the vocabulary, a block of rows at a
 * time, so that the logits of a batch never stand in memory whole.
 *
 *   forward    z = x E^T;  nll_r = log(sum_v exp(z_v - m)) - (z_t - m)
 *   backward   d_z = (softmax(z) - [v = t]) * weight   (in the place of z)
 *              d_x = d_z E,  d_E = d_z^T x: the chain over rows goes on from block to block, so blocks are
 * invisible. */
#include "nn/nn.h"

typedef struct {
    const thor_kernels *kernels;
    float *logits, *nll, *smooth;
    const int32_t *labels;
    int64_t vocabulary;
    float smoothing, weight;
} row_job;

static void row_body(void *context, int64_t begin, int64_t end, int thread)
{
    const row_job *job = context;
    (void)thread;
    for (int64_t r = begin; r < end; r++)
        job->nll[r] = job->kernels->cross_entropy(job->logits + r * job->vocabulary, job->vocabulary, job->labels[r],
                                                  job->smoothing, job->weight,
                                                  job->smoothing > 0.0f ? &job->smooth[r] : NULL);
}

thor_loss_result thor_loss(const thor_compute *compute, float *d_x, float *d_embedding, const float *x,
                           const float *embedding, const int32_t *labels, int64_t rows, int64_t d, int64_t vocabulary,
                           float smoothing, float weight, float *row_nll, float *row_smooth,
                           const thor_scratch *scratch)
{
    for (int64_t first = 0; first < rows; first += scratch->logits_rows) {
        int64_t count = rows - first < scratch->logits_rows ? rows - first : scratch->logits_rows;
        float *logits = scratch->logits;
        const float *block = x + first * d;
        thor_gemm product = thor_gemm_forward(logits, block, embedding, NULL, count, d, vocabulary);
        thor_gemm_run(compute, &product, 1);
        row_job job = { compute->kernels, logits,     row_nll + first, row_smooth + first,
                        labels + first,   vocabulary, smoothing,       d_x ? weight : 0.0f };
        thor_par_for(&compute->par, count, 1, row_body, &job);
        if (!d_x)
            continue;
        thor_gemm back[2] = { thor_gemm_input_gradient(d_x + first * d, logits, embedding, count, d, vocabulary),
                              thor_gemm_weight_gradient(d_embedding, logits, block, count, d, vocabulary) };
        back[1].mode = first == 0 ? THOR_GEMM_STORE : THOR_GEMM_CHAIN;
        thor_gemm_run(compute, back, 2);
    }
    thor_loss_result result = { 0.0, 0.0 };
    double others = vocabulary > 1 ? (double)smoothing / (double)(vocabulary - 1) : 0.0;
    for (int64_t r = 0; r < rows; r++) {
        result.nll += (double)row_nll[r];
        result.smooth += (1.0 - (double)smoothing - others) * (double)row_nll[r];
        if (smoothing > 0.0f)
            result.smooth += others * (double)row_smooth[r];
    }
    return result;
}
