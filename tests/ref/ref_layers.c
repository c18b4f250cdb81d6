/* Embedding, dropout, linear layer, softmax, layer norm, FFN. */
#include <math.h>

#include "base/rng.h"
#include "ref_parts.h"

int64_t ref_row_count(const ref_rows *rows)
{
    int64_t count = 0;
    for (int64_t b = 0; b < rows->sentences; b++)
        count += rows->length[b];
    return count;
}

double *ref_param(ref_run *run, const char *place, const char *suffix)
{
    char name[REF_NAME];
    return ref_get(run->params, ref_join(name, place, suffix));
}

double *ref_value(ref_run *run, const char *place, const char *suffix, int dims, const int64_t *shape)
{
    char name[REF_NAME];
    return ref_put(&run->values, ref_join(name, place, suffix), dims, shape);
}

double *ref_decision(ref_run *run, const char *place, const char *suffix, int dims, const int64_t *shape, bool *fixed)
{
    char name[REF_NAME];
    ref_array *array = ref_find(&run->decisions, ref_join(name, place, suffix));
    *fixed = array != NULL;
    return array ? array->data : ref_put(&run->decisions, name, dims, shape);
}

double ref_keep(const ref_run *run, double p, int stack, int layer, int kind, int64_t index)
{
    if (!run->options.training || p == 0)
        return 1;
    uint32_t site = (uint32_t)(stack << 16 | layer << 8 | kind);
    thor_rng rng = thor_rng_make(run->options.seed, site, run->options.step, run->options.shard);
    return (double)thor_rng_uniform(&rng, (uint64_t)index) >= p ? (double)(float)(1 / (1 - p)) : 0;
}

void ref_drop_rows(const ref_run *run, double *x, const ref_rows *rows, int64_t width, double p, int layer, int kind)
{
    REF_EACH_ROW(rows)
        for (int64_t i = row * width; i < (row + 1) * width; i++)
            x[i] *= ref_keep(run, p, rows->stack, layer, kind, i);
}

void ref_linear(double *y, const double *x, const double *weight, const double *bias, int64_t in, int64_t out)
{
    for (int64_t o = 0; o < out; o++) {
        double sum = 0;
        for (int64_t i = 0; i < in; i++)
            sum += weight[o * in + i] * x[i];
        y[o] = bias ? sum + bias[o] : sum;
    }
}

void ref_softmax(double *p, const double *z, int64_t n)
{
    double largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++)
        largest = z[i] > largest ? z[i] : largest;
    for (int64_t i = 0; i < n; i++)
        sum += exp(z[i] - largest);
    for (int64_t i = 0; i < n; i++)
        p[i] = exp(z[i] - largest) / sum;
}

void ref_layer_norm(ref_run *run, double *y, const double *x, const ref_rows *rows, const char *name)
{
    int64_t d = run->config->model.width;
    const double *gain = ref_param(run, name, "weight"), *bias = ref_param(run, name, "bias");
    REF_EACH_ROW(rows) {
        double mean = 0, variance = 0;
        for (int64_t i = 0; i < d; i++)
            mean += x[row * d + i] / (double)d;
        for (int64_t i = 0; i < d; i++)
            variance += (x[row * d + i] - mean) * (x[row * d + i] - mean) / (double)d;
        for (int64_t i = 0; i < d; i++)
            y[row * d + i] = (x[row * d + i] - mean) / sqrt(variance + 1e-5) * gain[i] + bias[i];
    }
}

/* Element i of PE[q]; frequencies and angles are binary32 (thor-model(7)). */
static double position(int64_t q, int64_t i, int64_t d)
{
    int64_t half = d / 2, j = i % half;
    float frequency = (float)exp(-(double)j * log(10000.0) / (double)(half - 1));
    float angle = (float)q * frequency;
    return i < half ? sin((double)angle) : cos((double)angle);
}

double *ref_embed(ref_run *run, const ref_rows *rows, const int32_t *tokens)
{
    int64_t d = run->config->model.width;
    const double *table = ref_param(run, "embed", "weight");
    double *x = ref_value(run, rows->name, "embedded", 3, REF_SHAPE(rows->sentences, rows->width, d));
    REF_EACH_ROW(rows)
        for (int64_t i = 0; i < d; i++)
            x[row * d + i] = sqrt((double)d) * table[tokens[row] * d + i] + position(t + 2, i, d);
    ref_drop_rows(run, x, rows, d, run->config->model.dropout, REF_EMBED_LAYER, REF_EMBED);
    return x;
}

/* y = W2 drop(relu(W1 x + b1)) + b2 */
void ref_ffn(ref_run *run, const ref_place *place, double *y, const double *x, int kind)
{
    const ref_rows *rows = place->rows;
    int64_t d = run->config->model.width, f = run->config->model.ffn_width;
    const double *w1 = ref_param(run, place->name, "fc1.weight"), *b1 = ref_param(run, place->name, "fc1.bias");
    const double *w2 = ref_param(run, place->name, "fc2.weight"), *b2 = ref_param(run, place->name, "fc2.bias");
    double *hidden = ref_value(run, place->name, "hidden", 3, REF_SHAPE(rows->sentences, rows->width, f));
    bool fixed;
    double *open = ref_decision(run, place->name, "relu", 3, REF_SHAPE(rows->sentences, rows->width, f), &fixed);
    REF_EACH_ROW(rows) {
        ref_linear(hidden + row * f, x + row * d, w1, b1, d, f);
        for (int64_t i = row * f; i < (row + 1) * f; i++) {
            if (!fixed)
                open[i] = hidden[i] > 0;
            hidden[i] *= open[i];
        }
    }
    ref_drop_rows(run, hidden, rows, f, run->config->model.activation_dropout, place->layer, kind);
    REF_EACH_ROW(rows)
        ref_linear(y + row * d, hidden + row * f, w2, b2, f, d);
}
