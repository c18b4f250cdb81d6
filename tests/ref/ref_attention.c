/* Attention of several heads: softmax(q k / sqrt(d/H)) v, then o. */
#include <math.h>

#include "ref_parts.h"

static double *project(ref_run *run, const char *place, const char *array, const char *weight, const char *bias,
                       const double *x, const ref_rows *rows)
{
    int64_t d = run->config->model.width;
    const double *w = ref_param(run, place, weight), *b0 = ref_param(run, place, bias);
    double *y = ref_value(run, place, array, 3, REF_SHAPE(rows->sentences, rows->width, d));
    REF_EACH_ROW(rows)
        ref_linear(y + row * d, x + row * d, w, b0, d, d);
    return y;
}

/* Scores of one query with the first `keys` keys of its sentence; q is scaled after its bias. */
static void scores(double *z, const double *q, const double *k, int64_t keys, int64_t size, int64_t d)
{
    for (int64_t m = 0; m < keys; m++) {
        z[m] = 0;
        for (int64_t i = 0; i < size; i++)
            z[m] += q[i] / sqrt((double)size) * k[m * d + i];
    }
}

void ref_attention(ref_run *run, const ref_place *place, double *y, const double *x, const double *memory,
                   const ref_rows *memory_rows, bool causal, int kind)
{
    const ref_rows *rows = place->rows;
    int64_t d = run->config->model.width, heads = run->config->model.heads, size = d / heads,
            width = memory_rows->width;
    double *q = project(run, place->name, "q", "q.weight", "q.bias", x, rows);
    double *k = project(run, place->name, "k", "k.weight", "k.bias", memory, memory_rows);
    double *v = project(run, place->name, "v", "v.weight", "v.bias", memory, memory_rows);
    double *probs = ref_value(run, place->name, "probs", 4, REF_SHAPE(rows->sentences, heads, rows->width, width));
    double *mixed = ref_value(run, place->name, "mixed", 3, REF_SHAPE(rows->sentences, rows->width, d));
    REF_EACH_ROW(rows)
        for (int64_t h = 0; h < heads; h++) {
            int64_t keys = causal ? t + 1 : memory_rows->length[b], from = b * width * d + h * size;
            int64_t first = ((b * heads + h) * rows->width + t) * width;
            scores(probs + first, q + row * d + h * size, k + from, keys, size, d);
            ref_softmax(probs + first, probs + first, keys);
            for (int64_t m = 0; m < keys; m++) {
                double keep = ref_keep(run, run->config->model.attention_dropout, rows->stack, place->layer, kind,
                                       first + m);
                for (int64_t i = 0; i < size; i++)
                    mixed[row * d + h * size + i] += probs[first + m] * keep * v[from + m * d + i];
            }
        }
    const double *w = ref_param(run, place->name, "o.weight"), *bias = ref_param(run, place->name, "o.bias");
    REF_EACH_ROW(rows)
        ref_linear(y + row * d, mixed + row * d, w, bias, d, d);
}
