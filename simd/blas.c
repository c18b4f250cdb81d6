#include "simd/blas.h"

#include <string.h>

#ifdef THOR_HAVE_OPENBLAS
#include <cblas.h>
#include <limits.h>

#include "simd/gemm.h"

/* Operands of which neither rows nor columns are neighbours: no caller has any, and BLAS has no call for them. */
static void multiply_plainly(const thor_gemm *p)
{
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t j = 0; j < p->n; j++) {
            float sum = 0.0f, *c = p->c + i * p->c_row + j;
            for (int64_t l = 0; l < p->k; l++)
                sum += p->a[i * p->a_row + l * p->a_column] * p->b[l * p->b_row + j * p->b_column];
            *c = p->mode == THOR_GEMM_STORE ? sum : *c + sum;
        }
}

/* A leading dimension is at least 1 and at least as long as what it holds, even where one row makes it idle. */
static blasint leading(int64_t stride, int64_t length)
{
    int64_t least = length > 1 ? length : 1;
    return (blasint)(stride > least ? stride : least);
}

static void multiply(const thor_gemm *p)
{
    bool a_is_transposed = p->a_column != 1 && p->a_row == 1, b_is_transposed = p->b_column != 1 && p->b_row == 1;
    bool plain_a = p->a_column == 1 || a_is_transposed, plain_b = p->b_column == 1 || b_is_transposed;
    if (!plain_a || !plain_b || p->m > INT_MAX || p->n > INT_MAX || p->k > INT_MAX) {
        multiply_plainly(p);
        return;
    }
    cblas_sgemm(CblasRowMajor, a_is_transposed ? CblasTrans : CblasNoTrans, b_is_transposed ? CblasTrans : CblasNoTrans,
                (blasint)p->m, (blasint)p->n, (blasint)p->k, 1.0f, p->a,
                a_is_transposed ? leading(p->a_column, p->m) : leading(p->a_row, p->k), p->b,
                b_is_transposed ? leading(p->b_column, p->k) : leading(p->b_row, p->n),
                p->mode == THOR_GEMM_STORE ? 0.0f : 1.0f, p->c, leading(p->c_row, p->n));
}

static void openblas(const thor_gemm *p, int threads)
{
    if (p->m <= 0 || p->n <= 0)
        return;
    openblas_set_num_threads(threads);
    multiply(p);
    if (!p->bias && !p->relu)
        return;
    for (int64_t i = 0; i < p->m; i++) {
        float *c = p->c + i * p->c_row;
        for (int64_t j = 0; p->bias && j < p->n; j++)
            c[j] += p->bias[j];
        for (int64_t j = 0; p->relu && j < p->n; j++)
            c[j] = c[j] > 0.0f ? c[j] : 0.0f;
    }
}

const char *thor_blas_name(void)
{
    return openblas_get_config();
}
#else
const char *thor_blas_name(void)
{
    return "";
}
#endif

thor_status thor_backend_choose(thor_compute *compute, const char *name, thor_error *error)
{
    if (strcmp(name, "reference") == 0) {
        compute->backend = NULL;
        return THOR_OK;
    }
    if (strcmp(name, "openblas") != 0)
        return thor_fail(error, THOR_E_USAGE, "matrix back end '%.40s' is not known; choose reference or openblas",
                         name);
#ifdef THOR_HAVE_OPENBLAS
    compute->backend = openblas;
    return THOR_OK;
#else
    return thor_fail(error, THOR_E_USAGE,
                     "matrix back end 'openblas' was not built into this program; configure it with "
                     "--with-openblas, or choose reference");
#endif
}
