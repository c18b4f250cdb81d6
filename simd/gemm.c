/* Sharing matrix products out among threads.
 *
 * Every element of the reference product is one chain (thor-numerics(7)), whatever happens here. */
#include "simd/gemm.h"

#include <stddef.h>

#include "simd/gemm_job.h"

/* Multiply-adds that are worth waking other threads for, and those that are worth a task of their own. */
static const int64_t least_shared_work = 1 << 17, least_task = 1 << 14;

/* Tasks for each thread, at most: so many that one who is held up is helped out. A product that is less than a quarter
 * of a thread's share is one task. Products planned at a time. */
enum { TASKS_OF_THREAD = 16, SMALL_PART = 4, PLANNED = 128 };

/* Products side by side. Each thread has the same share of a product that is cut into many tasks, and a run of those
 * that are not. */
typedef struct share {
    const thor_compute *compute;
    int64_t count;
    thor_gemm_job jobs[PLANNED];
    int64_t tasks[PLANNED];             /* of each job */
    int64_t uncut;                      /* tasks of jobs that are not cut for all threads */
    int64_t most;                       /* tasks of one thread's share, at most */
} share;

static int64_t work_of(const thor_gemm *p)
{
    return p->m * p->n * (p->k > 0 ? p->k : 1);
}

static bool is_for_all(const share *s, int64_t job)
{
    return s->tasks[job] >= s->compute->par.threads;
}

/* Task `index` of a share: its job, or -1 where the share has no more, and its number there. */
static int64_t find_task(const share *s, int64_t own, int64_t index, int64_t *task)
{
    int64_t threads = s->compute->par.threads;
    for (int64_t i = 0; i < s->count; i++) {
        int64_t begin = s->tasks[i] * own / threads, n = s->tasks[i] * (own + 1) / threads - begin;
        if (!is_for_all(s, i))
            continue;
        *task = begin + index;
        if (index < n)
            return i;
        index -= n;
    }
    *task = s->uncut * own / threads + index;
    if (*task >= s->uncut * (own + 1) / threads)
        return -1;
    int64_t job = 0;
    for (; is_for_all(s, job) || *task >= s->tasks[job]; job++)
        *task -= is_for_all(s, job) ? 0 : s->tasks[job];
    return job;
}

static void run_task(void *context, int64_t begin, int64_t end, int thread)
{
    const share *s = context;
    int64_t *packed_task = &s->compute->packed_task[thread * THOR_LINE_WORDS];
    for (int64_t i = begin; i < end; i++) {
        int64_t task, job = find_task(s, i / s->most, i % s->most, &task);
        if (job < 0)
            continue;
        thor_gemm_task(s->compute, &s->jobs[job], task, *packed_task == i - 1, thread);
        *packed_task = i;
    }
}

/* Tasks that a product may be cut into. */
static int64_t parts_of(const thor_compute *compute, const thor_gemm *product, int64_t work)
{
    int64_t own = work_of(product), fair = thor_gemm_parts(work, compute->par.threads);
    int64_t most = own / least_task < 1 ? 1 : own / least_task;
    return own <= fair / SMALL_PART ? 1 : thor_smaller(most, thor_gemm_parts(own * TASKS_OF_THREAD, fair));
}

/* Products of so much work in one parallel region; count <= PLANNED. */
static void share_out(const thor_compute *compute, const thor_gemm *products, int64_t count, int64_t work)
{
    int64_t threads = compute->par.threads;
    share s = { .compute = compute, .count = count };
    for (int64_t i = 0; i < count; i++) {
        if (work_of(&products[i]) == 0)
            continue;
        s.jobs[i] = thor_gemm_plan(compute, &products[i]);
        thor_gemm_cut(compute, &s.jobs[i], parts_of(compute, &products[i], work));
        s.tasks[i] = s.jobs[i].row_parts * s.jobs[i].column_parts;
        if (is_for_all(&s, i))
            s.most += thor_gemm_parts(s.tasks[i], threads);
        else
            s.uncut += s.tasks[i];
    }
    s.most += thor_gemm_parts(s.uncut, threads);
    for (int64_t thread = 0; thread < threads; thread++)
        compute->packed_task[thread * THOR_LINE_WORDS] = -1;
    thor_par_each(&compute->par, threads * s.most, run_task, &s);
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
            run_reference(compute, products + i, thor_smaller(count - i, PLANNED));
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
