/* exp, log, sigmoid, tanh and erf against the C library in binary64: every 257th binary32 number, and all of them with
 * THOR_TEST_LONG=1. Prints the worst error of each; the bounds are those of all inputs, in thor-numerics(7). */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "simd/kernels.h"

static double exact_sigmoid(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

enum { EXP, LOG, SIGMOID, TANH, ERF, FUNCTIONS };

static const struct { const char *name; double (*exact)(double); double ulp; } functions[FUNCTIONS] = {
    { "exp", exp, 0.99 },   { "log", log, 0.83 }, { "sigmoid", exact_sigmoid, 2.41 },
    { "tanh", tanh, 1.34 }, { "erf", erf, 1.35 },
};

static void apply(const thor_kernels *k, int function, float *y, const float *x, int64_t n)
{
    void (*const kernel[])(float *, const float *, int64_t) = { k->exp, k->log, k->sigmoid, k->tanh,
                                                                          k->erf };
    kernel[function](y, x, n);
}

/* Distance between neighbours of binary32 where `x` lies. */
static double ulp_at(double x)
{
    int exponent;
    frexp(fabs(x), &exponent);
    return ldexp(1.0, exponent - 24 < -149 ? -149 : exponent - 24);
}

/* Error in ulp; infinite where a special value is wrong. */
static double error_of(double exact, float found)
{
    if (isnan(exact) || isnan(found))
        return isnan(exact) && isnan(found) ? 0 : INFINITY;
    if ((double)found == exact || (isinf(found) && fabs(exact) >= 0x1.ffffffp127 && (exact > 0) == (found > 0)))
        return 0;
    return fabs((double)found - exact) / ulp_at(exact);
}

/* ---- the sweep: pieces of the binary32 numbers, in the order of their bits, shared out over the threads ---- */

enum { BATCH = 4096, PIECES = 1024 };

typedef struct worst_error {
    double ulp;
    float at;
} worst_error;

typedef struct sweep_job {
    const thor_kernels *kernels;
    int function;
    uint32_t stride;
    worst_error worst[PIECES];
} sweep_job;

/* NaN counts as the largest error there is. */
static bool is_worse(double ulp, const worst_error *worst)
{
    return !(ulp <= worst->ulp);
}

static void look_at(const sweep_job *job, worst_error *worst, const float *x, int64_t n)
{
    float y[BATCH];
    apply(job->kernels, job->function, y, x, n);
    for (int64_t i = 0; i < n; i++) {
        double error = error_of(functions[job->function].exact((double)x[i]), y[i]);
        if (is_worse(error, worst))
            *worst = (worst_error){ error, x[i] };
    }
}

static void sweep_piece(void *context, int64_t begin, int64_t end, int thread)
{
    sweep_job *job = context;
    const uint64_t size = (UINT64_C(1) << 32) / PIECES;
    (void)end, (void)thread;
    uint64_t bits = (uint64_t)begin * size, last = bits + size;
    bits += (job->stride - bits % job->stride) % job->stride;
    while (bits < last) {
        float x[BATCH];
        int64_t n = 0;
        for (; n < BATCH && bits < last; n++, bits += job->stride) {
            uint32_t word = (uint32_t)bits;
            memcpy(&x[n], &word, sizeof word);
        }
        look_at(job, &job->worst[begin], x, n);
    }
}

START_TEST(sweep)
{
    static sweep_job job;
    const char *whole = getenv("THOR_TEST_LONG");
    job.stride = whole && *whole && strcmp(whole, "0") != 0 ? 1 : 257;
    job.function = _i;
    ck_assert_int_eq(thor_kernels_choose(&job.kernels, "auto", NULL), THOR_OK);
    thor_par par = thor_par_make(0);
    thor_par_each(&par, PIECES, sweep_piece, &job);
    worst_error worst = job.worst[0];
    for (int piece = 1; piece < PIECES; piece++)
        if (is_worse(job.worst[piece].ulp, &worst))
            worst = job.worst[piece];
    printf("%s: worst error %.4f ulp at %a (%s)\n", functions[_i].name, worst.ulp, (double)worst.at,
           job.stride == 1 ? "all inputs" : "every 257th input");
    ck_assert_msg(worst.ulp <= functions[_i].ulp, "%s(%a) is off by %g ulp, more than the stated %g",
                  functions[_i].name, (double)worst.at, worst.ulp, functions[_i].ulp);
}
END_TEST

START_TEST(special_values)
{
    const thor_kernels *k;
    ck_assert_int_eq(thor_kernels_choose(&k, "scalar", NULL), THOR_OK);
    const float x[] = { 0.0f, -0.0f, 1.0f, INFINITY, -INFINITY, -1.0f };
    const float answers[FUNCTIONS][6] = { { 1, 1, 0x1.5bf0a8p+1f, INFINITY, 0, 0x1.78b564p-2f },
                                          { -INFINITY, -INFINITY, 0, INFINITY, NAN, NAN },
                                          { 0.5f, 0.5f, 0.7310586f, 1, 0, 0.26894142f },
                                          { 0, -0.0f, 0x1.85efacp-1f, 1, -1, -0x1.85efacp-1f },
                                          { 0, -0.0f, 0x1.af767ap-1f, 1, -1, -0x1.af767ap-1f } };
    for (int function = 0; function < FUNCTIONS; function++) {
        float y[6];
        apply(k, function, y, x, 6);
        for (int i = 0; i < 6; i++) {
            float answer = answers[function][i];
            bool same = isnan(answer) ? isnan(y[i]) != 0 : fabsf(answer - y[i]) <= 0x1p-22f || answer == y[i];
            ck_assert_msg(same && (isnan(answer) || !signbit(answer) == !signbit(y[i])), "%s(%a) is %a",
                          functions[function].name, (double)x[i], (double)y[i]);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vmath");
    TCase *tcase = tcase_create("errors");
    tcase_set_timeout(tcase, 3600);
    tcase_add_loop_test(tcase, sweep, 0, FUNCTIONS);
    tcase_add_test(tcase, special_values);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
