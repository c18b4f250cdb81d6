#include "base/par.h"

#ifdef _OPENMP
#include <omp.h>
#include <stdbool.h>
#endif

thor_par thor_par_make(int threads)
{
#ifdef _OPENMP
    return (thor_par){ .threads = threads > 0 ? threads : omp_get_max_threads() };
#else
    (void)threads;
    return (thor_par){ .threads = 1 };
#endif
}

#ifdef _OPENMP
/* The items that are left of one thread's share, on a line of their own. */
typedef struct share {
    _Alignas(64) int64_t next;
    int64_t end;
} share;

/* Threads beyond so many begin with another one's share. */
enum { MOST_SHARES = 256 };

/* Only looks, so that threads with nothing to do leave the line where it is: taking writes, and a region of n threads
 * would write n * n times at its end. */
static bool is_used_up(const share *s)
{
    int64_t next;
#pragma omp atomic read
    next = s->next;
    return next >= s->end;
}

static int64_t take(share *s)
{
    int64_t item;
#pragma omp atomic capture
    item = s->next++;
    return item;
}

static void share_out(int threads, int64_t n, thor_par_body *body, void *context)
{
    share shares[MOST_SHARES];
    int64_t count = threads < MOST_SHARES ? threads : MOST_SHARES;
    for (int64_t i = 0; i < count; i++)
        shares[i] = (share){ n * i / count, n * (i + 1) / count };
#pragma omp parallel num_threads(threads)
    for (int64_t i = 0, thread = omp_get_thread_num(); i < count; i++) {
        share *s = &shares[(thread + i) % count];
        if (is_used_up(s))
            continue;
        for (int64_t item = take(s); item < s->end; item = take(s))
            body(context, item, item + 1, (int)thread);
    }
}
#endif

void thor_par_all(const thor_par *par, thor_par_body *body, void *context)
{
#ifdef _OPENMP
#pragma omp parallel num_threads(par->threads)
    {
        int thread = omp_get_thread_num();
        body(context, thread, thread + 1, thread);
    }
#else
    (void)par;
    body(context, 0, 1, 0);
#endif
}

void thor_par_each(const thor_par *par, int64_t n, thor_par_body *body, void *context)
{
#ifdef _OPENMP
    if (par->threads > 1 && n > 1) {
        share_out(par->threads, n, body, context);
        return;
    }
#endif
    (void)par;
    for (int64_t item = 0; item < n; item++)
        body(context, item, item + 1, 0);
}

/* Runs of neighbouring items for each thread, at most: the last one may be done by another that is faster. */
enum { RUNS_OF_THREAD = 4 };

typedef struct runs {
    thor_par_body *body;
    void *context;
    int64_t n, parts;
} runs;

static void do_run(void *context, int64_t begin, int64_t end, int thread)
{
    const runs *r = context;
    for (int64_t part = begin; part < end; part++)
        r->body(r->context, r->n * part / r->parts, r->n * (part + 1) / r->parts, thread);
}

void thor_par_for(const thor_par *par, int64_t n, int64_t grain, thor_par_body *body, void *context)
{
    if (n <= 0)
        return;
    if (par->threads <= 1 || n < 2 * grain) {
        body(context, 0, n, 0);
        return;
    }
    int64_t threads = par->threads < n ? par->threads : n, each = n / grain / threads;
    runs r = { body, context, n, threads * (each < 1 ? 1 : each < RUNS_OF_THREAD ? each : RUNS_OF_THREAD) };
    thor_par_each(par, r.parts, do_run, &r);
}
