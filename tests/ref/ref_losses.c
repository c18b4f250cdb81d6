/* The losses over rows (thor-model(7)). */
#include <math.h>

#include "ref_parts.h"

/* L_lb = E sum_i f_i Q_i; L_dyn = mean of -sum_i P_i ln P_i, under top-p only. */
void ref_token_losses(ref_run *run, const ref_place *place, const double *probs, const double *selected,
                      const double *first)
{
    const thor_config *config = run->config;
    int64_t experts = config->moe.experts;
    double n = (double)ref_row_count(place->rows), entropy = 0;
    const double *counted = config->balance.count == THOR_COUNT_FIRST ? first : selected;
    for (int64_t e = 0; e < experts; e++) {
        double share = 0, mean = 0;
        REF_EACH_ROW(place->rows) {
            double p = probs[row * experts + e];
            share += counted[row * experts + e] / n;
            mean += p / n;
            entropy -= p > 0 ? p * log(p) / n : 0;
        }
        run->losses.token_balance += (double)experts * share * mean;
    }
    if (config->moe.system == THOR_SYSTEM_FIXED)
        run->losses.token_balance = 0;
    if (config->router.policy == THOR_TOP_P)
        run->losses.dynamic += entropy;
}

/* Logits of every target row against the embedding, NLL and its smoothed form
 * (1 - eps - eps/(V-1)) nll + eps/(V-1) sum_v -log p_v. */
void ref_output(ref_run *run, const ref_rows *rows, const double *x)
{
    int64_t d = run->config->model.width, ids = run->config->vocab.ids;
    double eps = run->config->loss.label_smoothing, spread = eps / (double)(ids - 1);
    const double *table = ref_param(run, "embed", "weight");
    double *logits = ref_put(&run->values, "logits", 3, REF_SHAPE(rows->sentences, rows->width, ids));
    REF_EACH_ROW(rows) {
        double *z = logits + row * ids, largest = -INFINITY, sum = 0, all = 0;
        ref_linear(z, x + row * d, table, NULL, d, ids);
        for (int64_t v = 0; v < ids; v++)
            largest = z[v] > largest ? z[v] : largest;
        for (int64_t v = 0; v < ids; v++)
            sum += exp(z[v] - largest);
        for (int64_t v = 0; v < ids; v++)
            all += largest + log(sum) - z[v];
        double nll = largest + log(sum) - z[run->batch->target_out[row]];
        run->losses.nll_sum += nll;
        run->losses.smooth_sum += (1 - eps - spread) * nll + spread * all;
        run->losses.tokens++;
    }
}
