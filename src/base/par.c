#include "base/par.h"

#ifdef _OPENMP
#include <omp.h>
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

void thor_par_for(const thor_par *par, int64_t n, int64_t grain, thor_par_body *body, void *context)
{
    if (n <= 0)
        return;
    if (par->threads <= 1 || n < 2 * grain) {
        body(context, 0, n, 0);
        return;
    }
#ifdef _OPENMP
    int64_t parts = par->threads;
#pragma omp parallel for schedule(static, 1) num_threads(par->threads)
    for (int64_t part = 0; part < parts; part++) {
        int64_t begin = n * part / parts, end = n * (part + 1) / parts;
        if (begin < end)
            body(context, begin, end, omp_get_thread_num());
    }
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

static int64_t take(share *s)
{
    int64_t item;
#pragma omp atomic capture
    item = s->next++;
    return item;
}
#endif

void thor_par_each(const thor_par *par, int64_t n, thor_par_body *body, void *context)
{
    if (par->threads <= 1 || n <= 1) {
        for (int64_t item = 0; item < n; item++)
            body(context, item, item + 1, 0);
        return;
    }
#ifdef _OPENMP
    share shares[MOST_SHARES];
    int64_t count = par->threads < MOST_SHARES ? par->threads : MOST_SHARES;
    for (int64_t i = 0; i < count; i++)
        shares[i] = (share){ n * i / count, n * (i + 1) / count };
#pragma omp parallel num_threads(par->threads)
    for (int64_t turn = 0, thread = omp_get_thread_num(); turn < count; turn++) {
        share *s = &shares[(thread + turn) % count];
        for (int64_t item = take(s); item < s->end; item = take(s))
            body(context, item, item + 1, (int)thread);
    }
#endif
}
