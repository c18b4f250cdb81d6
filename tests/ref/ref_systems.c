/* What routes by language or stands beside a mixture (thor-model(7)): experts of a language, vectors and families of
 * languages, the blend with a shared network. */
#include <math.h>
#include <string.h>

#include "ref_parts.h"

#define BINARY32(x) ((double)(float)(x))

const double *ref_owned_experts(ref_run *run, const ref_place *place)
{
    int64_t experts = run->config->moe.experts, sentences = place->rows->sentences;
    double *candidates = ref_value(run, place->name, "candidates", 2, REF_SHAPE(sentences, experts));
    const int32_t *language = place->rows->stack == 0 ? run->batch->source_language : run->batch->target_language;
    for (int64_t b = 0; b < sentences; b++)
        candidates[b * experts + 2 * language[b]] = candidates[b * experts + 2 * language[b] + 1] = 1;
    return candidates;
}

/* x * 0.5 * (1 + erf(x / sqrt 2)), the root as a binary32 number */
static double gelu(double x)
{
    return x * 0.5 * (1 + erf(x / BINARY32(sqrt(2))));
}

const double *ref_language_vectors(ref_run *run)
{
    int64_t d = run->config->model.width, languages = run->config->languages.count;
    ref_rows rows = { 0, "language", 1, languages, &languages };
    double *hidden = ref_value(run, "language", "hidden", 2, REF_SHAPE(languages, d));
    double *sum = ref_value(run, "language", "sum", 2, REF_SHAPE(languages, d));
    double *t = ref_value(run, "language", "vectors", 2, REF_SHAPE(languages, d));
    const double *e = ref_param(run, "language", "embedding.weight");
    for (int64_t i = 0; i < languages; i++) {
        ref_linear(hidden + i * d, e + i * d, ref_param(run, "language", "fc1.weight"),
                   ref_param(run, "language", "fc1.bias"), d, d);
        for (int64_t k = 0; k < d; k++)
            hidden[i * d + k] = gelu(hidden[i * d + k]);
        ref_linear(sum + i * d, hidden + i * d, ref_param(run, "language", "fc2.weight"),
                   ref_param(run, "language", "fc2.bias"), d, d);
    }
    ref_layer_norm(run, t, sum, &rows, "language.norm");
    return t;
}

/* The groups of thor-score(1): 0 high, 1 medium, 2 low; what is in none counts as high. */
static int difficulty(const char *code)
{
    static const char *const medium[] = { "rw", "as", "nb", "ga" }, *const low[] = { "se", "mr", "fy" };
    for (size_t i = 0; i < sizeof medium / sizeof *medium; i++)
        if (strcmp(code, medium[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof low / sizeof *low; i++)
        if (strcmp(code, low[i]) == 0)
            return 2;
    return 0;
}

int64_t ref_group(const ref_run *run, int64_t b)
{
    const char *code = run->config->languages.items[run->batch->target_language[b]];
    int64_t size = run->options.group[difficulty(code)];
    return size > 0 ? size : ref_candidates(run->config);
}

/* --- families --- */

/* Whether a line such as "germanic en de" names the language behind its label. */
static bool names(const char *line, const char *code)
{
    size_t length = strlen(code);
    for (const char *blank = strchr(line, ' '); blank; blank = strchr(blank + 1, ' '))
        if (strncmp(blank + 1, code, length) == 0 && (blank[1 + length] == ' ' || blank[1 + length] == 0))
            return true;
    return false;
}

void ref_families(int64_t *family, const thor_config *config)
{
    const thor_names *lines = &config->lingual.families;
    for (int32_t i = 0; i < config->languages.count; i++) {
        family[i] = lines->count + i;
        for (int32_t line = 0; line < lines->count; line++)
            if (names(lines->items[line], config->languages.items[i]))
                family[i] = line;
    }
}

/* s_ij = v_i . v_j,  v = l / |l|,  l = W_t t */
static double *cosines(ref_run *run, const ref_place *place, const double *t)
{
    int64_t d = run->config->model.width, experts = run->config->moe.experts, n = run->config->languages.count;
    double *v = ref_value(run, place->name, "family_vectors", 2, REF_SHAPE(n, experts));
    double *s = ref_value(run, place->name, "family_cosines", 2, REF_SHAPE(n, n));
    for (int64_t i = 0; i < n; i++) {
        double square = 0;
        ref_linear(v + i * experts, t + i * d, ref_param(run, place->name, "task_router.weight"), NULL, d, experts);
        for (int64_t e = i * experts; e < (i + 1) * experts; e++)
            square += v[e] * v[e];
        for (int64_t e = i * experts; e < (i + 1) * experts; e++)
            v[e] = square > 0 ? v[e] / sqrt(square) : 0;
    }
    for (int64_t i = 0; i < n * n; i++)
        for (int64_t e = 0; e < experts; e++)
            s[i] += v[i / n * experts + e] * v[i % n * experts + e];
    return s;
}

/* The pairs of anchor a; s has its row. */
static void count_pairs(double *counted, const double *s, const int64_t *family, int64_t n, int64_t a)
{
    float most = -INFINITY, least = INFINITY;
    for (int64_t j = 0; j < n; j++) {
        float here = (float)s[j];
        if (family[j] != family[a])
            most = here > most ? here : most;
        else if (j != a)
            least = here < least ? here : least;
    }
    if (isinf(most) || isinf(least))
        return;
    for (int64_t j = 0; j < n; j++) {
        float here = (float)s[j], below = here - 0.1f, above = here + 0.1f;
        if (family[j] != family[a])
            counted[j] = above > least && here > 0 ? -1 : 0;
        else if (j != a)
            counted[j] = below < most && here < 1 ? 1 : 0;
    }
}

void ref_count_pairs(double *counted, const double *s, const int64_t *family, int64_t n)
{
    memset(counted, 0, (size_t)(n * n) * sizeof *counted);
    for (int64_t a = 0; a < n; a++)
        count_pairs(counted + a * n, s + a * n, family, n, a);
}

void ref_family(ref_run *run, const ref_place *place, const double *t)
{
    int64_t n = run->config->languages.count, positives = 0, negatives = 0, family[64];
    if (!run->config->lingual.family_loss)
        return;
    ref_families(family, run->config);
    const double *s = cosines(run, place, t);
    bool fixed;
    double *counted = ref_decision(run, place->name, "family_pairs", 2, REF_SHAPE(n, n), &fixed), pull = 0, push = 0;
    if (!fixed)
        ref_count_pairs(counted, s, family, n);
    for (int64_t i = 0; i < n * n; i++) {
        positives += counted[i] > 0;
        negatives += counted[i] < 0;
        pull += counted[i] > 0 ? 1 - s[i] : 0;
        push += counted[i] < 0 ? s[i] : 0;
    }
    run->losses.family += (positives ? pull / (double)positives : 0) + (negatives ? push / (double)negatives : 0);
}

/* --- the shared network --- */

/* [L,1]: q;  [L,2]: w_0 of the mixture, w_1 of the shared network */
static double *shared_gate(ref_run *run, const ref_place *place, const double *x)
{
    const ref_rows *rows = place->rows;
    bool cmr = run->config->residual.form == THOR_RESIDUAL_CMR;
    int64_t d = run->config->model.width, n = cmr ? 1 : 2;
    double *gate = ref_value(run, place->name, "shared_gate", 3, REF_SHAPE(rows->sentences, rows->width, n));
    const double *w = ref_param(run, place->name, "shared_gate.weight");
    const double *bias = cmr ? ref_param(run, place->name, "shared_gate.bias") : NULL;
    REF_EACH_ROW(rows) {
        ref_linear(gate + row * n, x + row * d, w, bias, d, n);
        if (cmr)
            gate[row] = 1 / (1 + exp(-gate[row]));
        else
            ref_softmax(gate + row * n, gate + row * n, n);
    }
    return gate;
}

void ref_blend(ref_run *run, const ref_place *place, double *y, const double *x)
{
    const ref_rows *rows = place->rows;
    bool cmr = run->config->residual.form == THOR_RESIDUAL_CMR;
    int64_t d = run->config->model.width;
    ref_place shared = { .rows = rows, .layer = place->layer };
    ref_join(shared.name, place->name, "shared");
    double *s = ref_value(run, shared.name, "output", 3, REF_SHAPE(rows->sentences, rows->width, d)), mean = 0;
    ref_ffn(run, &shared, s, x, REF_SHARED_HIDDEN);
    ref_drop_rows(run, s, rows, d, run->config->model.dropout, place->layer, REF_SHARED);
    const double *gate = shared_gate(run, place, x);
    REF_EACH_ROW(rows) {
        double of_mixture = cmr ? gate[row] : gate[2 * row], of_shared = cmr ? 1 - gate[row] : gate[2 * row + 1];
        mean += of_mixture / (double)ref_row_count(rows);
        for (int64_t i = row * d; i < (row + 1) * d; i++)
            y[i] = of_shared * s[i] + of_mixture * y[i];
    }
    if (cmr)
        run->losses.budget += fabs(mean - run->config->residual.budget);
}
