/* gelu: values, gradient and bits by the judge, and the error of the forward pass over its range. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "judge.h"
#include "nn/gelu.h"

static void oracle(judge_layer *l, ref_tape *tape, ref_var *y)
{
    for (int64_t i = 0; i < l->outputs; i++)
        y[i] = ref_gelu(tape, l->in[0].v[i]);
}

static void run(judge_layer *l, const thor_compute *compute)
{
    float *scratch = JUDGE_TAKE(l, float, 2 * l->outputs);
    thor_gelu_forward(compute->kernels, l->y, l->in[0].x, l->outputs);
    thor_gelu_backward(compute->kernels, l->in[0].d, l->d_y, l->in[0].x, scratch, l->outputs);
}

START_TEST(values_and_gradients)
{
    static const int64_t sizes[] = { 1, 15, 16, 17, 200 };
    judge_layer l = { .name = "gelu", .oracle = oracle, .run = run, .outputs = sizes[_i] };
    judge_add(&l, "x", sizes[_i], 0, 4);
    l.d_y = JUDGE_TAKE(&l, float, sizes[_i]);
    judge_draw(l.d_y, sizes[_i], 0, 1, 99);
    judge_try(&l);
    judge_close(&l);
}
END_TEST

/* In units of the last place of x: 1 + erf keeps the absolute error of erf, not the digits of small results. The
 * definition has the binary32 root, so the exact value has it too. */
START_TEST(error_over_the_range)
{
    thor_error error;
    thor_compute compute;
    double worst = 0;
    ck_assert_msg(thor_compute_open(&compute, NULL, 1, &error) == THOR_OK, "%s", error.text);
    for (int64_t i = -600000; i <= 600000; i++) {
        float x = (float)i * 1e-5f, y;
        thor_gelu_forward(compute.kernels, &y, &x, 1);
        double exact = (double)x * 0.5 * erfc(-(double)x / (double)sqrtf(2));
        double place = ldexp(1, ilogb(fmax(fabs((double)x), 1e-30)) - 23);
        worst = fmax(worst, fabs((double)y - exact) / place);
    }
    if (getenv("THOR_TEST_VERBOSE"))
        printf("worst error %.4f ulp of x\n", worst);
    ck_assert_double_le(worst, 1.5);
    float zero = 0, y;
    thor_gelu_forward(compute.kernels, &y, &zero, 1);
    ck_assert(y == 0);
    thor_compute_close(&compute);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("gelu");
    tcase_add_loop_test(tests, values_and_gradients, 0, 5);
    tcase_add_test(tests, error_over_the_range);
    return judge_main(tests);
}
