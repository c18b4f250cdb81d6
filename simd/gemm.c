/* Sharing matrix products out among threads.
 *
 * The reference product keeps numerics rule 2 whatever happens here. */
#include "simd/gemm.h"

#include <stddef.h>

#include "simd/gemm_job.h"

/* Work below this many multiply-adds is not worth waking other threads for. */
static const int64_t least_shared_work = 1 << 17;

typedef struct share {
    const thor_compute *compute;
    const thor_gemm *products;
    int64_t count, work_of_task;
} share;

static int64_t work_of(const thor_gemm *p)
{
    return p->m * p->n * (p->k > 0 ? p->k : 1);
}

/* A product that packs A is cut into few parts, since each costs copies; others come apart for nothing. */
static thor_gemm_job job_of(const share *s, int64_t product)
{
    thor_gemm_job j = thor_gemm_plan(s->compute, &s->products[product]);
    int64_t parts = thor_gemm_parts(work_of(&s->products[product]), s->work_of_task);
    thor_gemm_cut(s->compute, &j, j.pack_a ? thor_gemm_parts(parts, 2) : parts);
    return j;
}

static void run_task(void *context, int64_t begin, int64_t end, int thread)
{
    const share *s = context;
    for (int64_t task = begin; task < end; task++) {
        int64_t before = 0;
        for (int64_t i = 0; i < s->count; i++) {
            if (work_of(&s->products[i]) == 0)
                continue;
            thor_gemm_job j = job_of(s, i);
            int64_t tasks = j.row_parts * j.column_parts;
            if (task < before + tasks) {
                thor_gemm_task(s->compute, &j, task - before, thread);
                break;
            }
            before += tasks;
        }
    }
}

static void run_reference(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    int64_t work = 0, tasks = 0;
    for (int64_t i = 0; i < count; i++)
        work += work_of(&products[i]);
    if (compute->par.threads <= 1 || work < least_shared_work) {
        for (int64_t i = 0; i < count; i++)
            thor_gemm_serial(compute, &products[i], 0);
        return;
    }
    share s = { compute, products, count, thor_gemm_parts(work, compute->par.threads * 4) };
    for (int64_t i = 0; i < count; i++)
        if (work_of(&products[i]) > 0) {
            thor_gemm_job j = job_of(&s, i);
            tasks += j.row_parts * j.column_parts;
        }
    thor_par_each(&compute->par, tasks, run_task, &s);
}

void thor_gemm_run(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    if (!compute->backend) {
        run_reference(compute, products, count);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        compute->backend(&products[i], compute->par.threads);
}

void thor_gemm_serial(const thor_compute *compute, const thor_gemm *product, int thread)
{
    if (product->m <= 0 || product->n <= 0)
        return;
    thor_gemm_job j = thor_gemm_plan(compute, product);
    thor_gemm_task(compute, &j, 0, thread);
}

thor_gemm thor_gemm_forward(float *y, const float *x, const float *weight, const float *bias, int64_t rows, int64_t in,
                            int64_t out)
{
    return (thor_gemm){ .m = rows, .n = out, .k = in, .a = x, .a_row = in, .a_column = 1, .b = weight, .b_row = 1,
                        .b_column = in, .c = y, .c_row = out, .bias = bias, .mode = THOR_GEMM_STORE };
}

thor_gemm thor_gemm_input_gradient(float *dx, const float *dy, const float *weight, int64_t rows, int64_t in,
                                   int64_t out)
{
    return (thor_gemm){ .m = rows, .n = in, .k = out, .a = dy, .a_row = out, .a_column = 1, .b = weight, .b_row = in,
                        .b_column = 1, .c = dx, .c_row = in, .mode = THOR_GEMM_STORE };
}

thor_gemm thor_gemm_weight_gradient(float *dw, const float *dy, const float *x, int64_t rows, int64_t in, int64_t out)
{
    return (thor_gemm){ .m = out, .n = in, .k = rows, .a = dy, .a_row = 1, .a_column = out, .b = x, .b_row = in,
                        .b_column = 1, .c = dw, .c_row = in, .mode = THOR_GEMM_STORE };
}
