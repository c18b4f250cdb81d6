/* Sharing matrix products out among threads.
 *
 * The reference product keeps numerics rule 2 whatever happens here. */
#include "simd/gemm.h"

#include <stddef.h>

#include "simd/gemm_job.h"

/* Multiply-adds that are worth waking other threads for, and those that are worth a task of their own. */
static const int64_t least_shared_work = 1 << 17, least_task = 1 << 14;

/* Tasks for each thread, at most: so many that one who is held up is helped out. A product that is less than a quarter
 * of a thread's share is one task. Products planned at a time. */
enum { TASKS_OF_THREAD = 16, SMALL_PART = 4, PLANNED = 128 };

typedef struct share {
    const thor_compute *compute;
    thor_gemm_job jobs[PLANNED];
    int64_t ends[PLANNED];              /* tasks of the jobs up to each one */
} share;

static int64_t work_of(const thor_gemm *p)
{
    return p->m * p->n * (p->k > 0 ? p->k : 1);
}

static void run_task(void *context, int64_t begin, int64_t end, int thread)
{
    const share *s = context;
    for (int64_t task = begin; task < end; task++) {
        int64_t job = 0;
        while (s->ends[job] <= task)
            job++;
        int64_t *held = &s->compute->held[thread * THOR_HELD_APART];
        thor_gemm_task(s->compute, &s->jobs[job], task - (job > 0 ? s->ends[job - 1] : 0), *held == task - 1, thread);
        *held = task;
    }
}

/* Tasks that a product may be cut into. */
static int64_t parts_of(const thor_compute *compute, const thor_gemm *product, int64_t work)
{
    int64_t own = work_of(product), fair = thor_gemm_parts(work, compute->par.threads);
    int64_t most = own / least_task < 1 ? 1 : own / least_task;
    return own <= fair / SMALL_PART ? 1 : thor_gemm_smaller(most, thor_gemm_parts(own * TASKS_OF_THREAD, fair));
}

/* Products of so much work in one parallel region; count <= PLANNED. */
static void share_out(const thor_compute *compute, const thor_gemm *products, int64_t count, int64_t work)
{
    share s = { .compute = compute };
    int64_t tasks = 0;
    for (int64_t i = 0; i < count; i++) {
        if (work_of(&products[i]) > 0) {
            s.jobs[i] = thor_gemm_plan(compute, &products[i]);
            thor_gemm_cut(compute, &s.jobs[i], parts_of(compute, &products[i], work));
            tasks += s.jobs[i].row_parts * s.jobs[i].column_parts;
        }
        s.ends[i] = tasks;
    }
    for (int thread = 0; thread < compute->par.threads; thread++)
        compute->held[thread * THOR_HELD_APART] = -1;
    thor_par_each(&compute->par, tasks, run_task, &s);
}

static void run_reference(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    int64_t work = 0;
    for (int64_t i = 0; i < count; i++)
        work += work_of(&products[i]);
    if (compute->par.threads <= 1 || work < least_shared_work)
        for (int64_t i = 0; i < count; i++)
            thor_gemm_serial(compute, &products[i], 0);
    else
        share_out(compute, products, count, work);
}

void thor_gemm_run(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    if (compute->backend)
        for (int64_t i = 0; i < count; i++)
            compute->backend(&products[i], compute->par.threads);
    else
        for (int64_t i = 0; i < count; i += PLANNED)
            run_reference(compute, products + i, thor_gemm_smaller(count - i, PLANNED));
}

void thor_gemm_serial(const thor_compute *compute, const thor_gemm *product, int thread)
{
    if (product->m <= 0 || product->n <= 0)
        return;
    thor_gemm_job j = thor_gemm_plan(compute, product);
    thor_gemm_task(compute, &j, 0, false, thread);
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
