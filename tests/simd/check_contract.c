/* The formulas of simd/kernels.h written out in plain binary32, one rounded operation after another: every table that
 * can run here returns exactly these bits. exp and log of one element are the table's own (check_vmath.c). */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "simd/kernels.h"

enum { LONGEST = 333, ROWS = 5, TABLES = 8 };

typedef struct row {
    float a[LONGEST], b[LONGEST], c[LONGEST], d[LONGEST], y[LONGEST], z[LONGEST], w[LONGEST];
    float rows[ROWS * LONGEST], more[ROWS * LONGEST];
} row;

static const int64_t lengths[] = { 1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 63, 100, 128, 129, 161, 256, LONGEST };
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static void fill(float *values, int64_t count, uint32_t stream)
{
    thor_rng rng = thor_rng_make(7, THOR_SITE_TEST, 3, stream);
    for (int64_t i = 0; i < count; i++)
        values[i] = thor_rng_uniform(&rng, (uint64_t)i) * 6.0f - 3.0f;
}

static void make_row(row *r, uint32_t stream)
{
    float *const parts[] = { r->a, r->b, r->c, r->d, r->y, r->z, r->w };
    for (uint32_t part = 0; part < 7; part++)
        fill(parts[part], LONGEST, 16 * stream + part);
    fill(r->rows, ROWS * LONGEST, 16 * stream + 8);
    fill(r->more, ROWS * LONGEST, 16 * stream + 9);
}

/* lanes(f, n) of f(i) in `terms`. */
static float lanes(const float *terms, int64_t n)
{
    float s[16] = { 0.0f };
    for (int64_t i = 0; i < n; i++)
        s[i % 16] = s[i % 16] + terms[i];
    for (int half = 8; half; half /= 2)
        for (int l = 0; l < half; l++)
            s[l] = s[l] + s[l + half];
    return s[0];
}

static float lanes_of_products(const float *a, const float *b, int64_t n)
{
    float terms[LONGEST];
    for (int64_t i = 0; i < n; i++)
        terms[i] = a[i] * b[i];
    return lanes(terms, n);
}

static void same(float found, float expected, const thor_kernels *k, const char *what, int64_t n, int64_t i)
{
    if (memcmp(&found, &expected, sizeof found) != 0)
        ck_abort_msg("%s (%s), n = %d, element %d: %a instead of %a", what, k->name, (int)n, (int)i, (double)found,
                     (double)expected);
}

static float exp_of(const thor_kernels *k, float x)
{
    k->exp(&x, &x, 1);
    return x;
}

static float log_of(const thor_kernels *k, float x)
{
    k->log(&x, &x, 1);
    return x;
}

/* ---- one function for each group of kernels -------------------------------------------------------------------- */

static void check_sums(const thor_kernels *k, row *r, int64_t n)
{
    same(k->sum(r->a, n), lanes(r->a, n), k, "sum", n, 0);
    same(k->sum_squares(r->a, n), lanes_of_products(r->a, r->a, n), k, "sum_squares", n, 0);
    same(k->sum_products(r->a, r->b, n), lanes_of_products(r->a, r->b, n), k, "sum_products", n, 0);
}

static void check_row_sums(const thor_kernels *k, row *r, int64_t n)
{
    float before[LONGEST];
    memcpy(before, r->w, sizeof before);
    k->sum_rows(r->y, r->rows, ROWS, LONGEST, n, false);
    k->sum_rows(r->w, r->rows, ROWS, LONGEST, n, true);
    k->sum_row_products(r->z, r->rows, r->more, ROWS, LONGEST, n, false);
    for (int64_t j = 0; j < n; j++) {
        float fresh = 0.0f, on = before[j], product = 0.0f;
        for (int64_t i = j; i < ROWS * LONGEST; i += LONGEST) {
            fresh = fresh + r->rows[i];
            on = on + r->rows[i];
            product = product + r->rows[i] * r->more[i];
        }
        same(r->y[j], fresh, k, "sum_rows", n, j);
        same(r->w[j], on, k, "sum_rows, going on", n, j);
        same(r->z[j], product, k, "sum_row_products", n, j);
    }
}

static void check_elements(const thor_kernels *k, row *r, int64_t n)
{
    k->interpolate(r->y, r->a, r->b, r->c, n);
    for (int64_t i = 0; i < n; i++)
        same(r->y[i], r->a[i] * r->b[i] + (1.0f - r->a[i]) * r->c[i], k, "interpolate", n, i);
    k->interpolate_backward(r->y, r->z, r->w, r->d, r->a, r->b, r->c, n);
    for (int64_t i = 0; i < n; i++) {
        same(r->y[i], r->d[i] * (r->b[i] - r->c[i]), k, "interpolate_backward (gate)", n, i);
        same(r->z[i], r->d[i] * r->a[i], k, "interpolate_backward (x)", n, i);
        same(r->w[i], r->d[i] * (1.0f - r->a[i]), k, "interpolate_backward (c)", n, i);
    }
    k->sigmoid_backward(r->y, r->a, r->b, n);
    for (int64_t i = 0; i < n; i++)
        same(r->y[i], (r->a[i] * r->b[i]) * (1.0f - r->b[i]), k, "sigmoid_backward", n, i);
    k->sigmoid(r->y, r->a, n);
    for (int64_t i = 0; i < n; i++) {
        float t = exp_of(k, -fabsf(r->a[i]));
        same(r->y[i], (r->a[i] < 0.0f ? t : 1.0f) / (1.0f + t), k, "sigmoid", n, i);
    }
}

static void check_layer_norm(const thor_kernels *k, row *r, int64_t n)
{
    float rstd, terms[LONGEST], products[LONGEST];
    k->layer_norm(r->y, r->z, &rstd, r->a, r->b, r->c, 1e-5f, n);
    float mean = lanes(r->a, n) / (float)n;
    for (int64_t i = 0; i < n; i++)
        terms[i] = (r->a[i] - mean) * (r->a[i] - mean);
    float expected = 1.0f / sqrtf(lanes(terms, n) / (float)n + 1e-5f);
    same(rstd, expected, k, "layer_norm (rstd)", n, 0);
    for (int64_t i = 0; i < n; i++) {
        float normal = (r->a[i] - mean) * expected;
        same(r->z[i], normal, k, "layer_norm (normal)", n, i);
        same(r->y[i], normal * r->b[i] + r->c[i], k, "layer_norm", n, i);
    }
    k->layer_norm_backward(r->y, r->d, r->a, rstd, r->b, n);
    for (int64_t i = 0; i < n; i++) {
        terms[i] = r->d[i] * r->b[i];
        products[i] = terms[i] * r->a[i];
    }
    float m1 = lanes(terms, n) / (float)n, m2 = lanes(products, n) / (float)n;
    for (int64_t i = 0; i < n; i++)
        same(r->y[i], ((terms[i] - m1) - r->a[i] * m2) * rstd, k, "layer_norm_backward", n, i);
}

static void check_softmax(const thor_kernels *k, row *r, int64_t n)
{
    float largest, log_sum, e[LONGEST], expected = r->a[0];
    for (int64_t i = 1; i < n; i++)
        expected = r->a[i] > expected ? r->a[i] : expected;
    for (int64_t i = 0; i < n; i++)
        e[i] = exp_of(k, r->a[i] - expected);
    float s = lanes(e, n);
    k->softmax(r->y, r->a, n, &largest, &log_sum);
    same(largest, expected, k, "softmax (largest)", n, 0);
    same(log_sum, log_of(k, s), k, "softmax (log of the sum)", n, 0);
    for (int64_t i = 0; i < n; i++)
        same(r->y[i], e[i] / s, k, "softmax", n, i);
    k->softmax_backward(r->z, r->b, r->c, n);
    float d = lanes_of_products(r->b, r->c, n);
    for (int64_t i = 0; i < n; i++)
        same(r->z[i], r->c[i] * (r->b[i] - d), k, "softmax_backward", n, i);
}

static void check_cross_entropy(const thor_kernels *k, row *r, int64_t n, float eps, float *smooth)
{
    if (n < 2)
        return;
    float m, log_s, e[LONGEST], negative[LONGEST];
    const int64_t label = n / 3;
    k->softmax(e, r->a, n, &m, &log_s);
    for (int64_t i = 0; i < n; i++) {
        e[i] = exp_of(k, r->a[i] - m);
        negative[i] = -((r->a[i] - m) - log_s);
    }
    memcpy(r->y, r->a, sizeof r->y);
    float nll = k->cross_entropy(r->y, n, label, eps, 0.3f, smooth), s = lanes(e, n);
    same(nll, log_s - (r->a[label] - m), k, "cross_entropy (loss)", n, label);
    if (smooth)
        same(*smooth, lanes(negative, n), k, "cross_entropy (smooth)", n, 0);
    for (int64_t i = 0; i < n; i++) {
        float target = i == label ? 1.0f - eps : eps / (float)(n - 1);
        same(r->y[i], (e[i] / s - target) * 0.3f, k, "cross_entropy (gradient)", n, i);
    }
}

static void check_adam(const thor_kernels *k, row *r, int64_t n, float decay)
{
    const thor_adam_scalars s = { 0.9f, 0.1f, 0.98f, 0.02f, 1e-9f, 0.01f, 0.5f, decay };
    for (int64_t i = 0; i < n; i++)
        r->c[i] = r->c[i] * r->c[i];
    memcpy(r->y, r->a, sizeof r->y);
    memcpy(r->z, r->b, sizeof r->z);
    memcpy(r->w, r->c, sizeof r->w);
    k->adam(r->y, r->z, r->w, r->d, &s, n);
    for (int64_t i = 0; i < n; i++) {
        float g = r->d[i] * s.clip, p = r->a[i] * s.decay;
        float m = s.beta1 * r->b[i] + s.one_minus_beta1 * g;
        float v = s.beta2 * r->c[i] + (s.one_minus_beta2 * g) * g;
        same(r->z[i], m, k, "adam (m)", n, i);
        same(r->w[i], v, k, "adam (v)", n, i);
        same(r->y[i], p - (s.step_size * m) / (sqrtf(v) + s.eps), k, "adam (p)", n, i);
    }
}

START_TEST(formulas)
{
    const thor_kernels *tables[TABLES];
    int count = thor_kernels_list(tables, TABLES);
    static row r;
    float smooth;
    ck_assert_int_lt(_i, count);
    const thor_kernels *k = tables[_i];
    for (int length = 0; length < LENGTHS; length++) {
        int64_t n = lengths[length];
        make_row(&r, (uint32_t)length);
        check_sums(k, &r, n);
        check_elements(k, &r, n);
        check_row_sums(k, &r, n);
        check_layer_norm(k, &r, n);
        check_softmax(k, &r, n);
        check_cross_entropy(k, &r, n, 0.0f, NULL);
        check_cross_entropy(k, &r, n, 0.1f, NULL);
        check_cross_entropy(k, &r, n, 0.1f, &smooth);
        check_adam(k, &r, n, 0.999f);
        check_adam(k, &r, n, 1.0f);
    }
}
END_TEST

int main(void)
{
    const thor_kernels *tables[TABLES];
    Suite *suite = suite_create("contract");
    TCase *tcase = tcase_create("contract");
    tcase_add_loop_test(tcase, formulas, 0, thor_kernels_list(tables, TABLES));
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
