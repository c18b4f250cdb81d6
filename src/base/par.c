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

void thor_par_each(const thor_par *par, int64_t n, thor_par_body *body, void *context)
{
    if (par->threads <= 1 || n <= 1) {
        for (int64_t item = 0; item < n; item++)
            body(context, item, item + 1, 0);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(dynamic, 1) num_threads(par->threads)
    for (int64_t item = 0; item < n; item++)
        body(context, item, item + 1, omp_get_thread_num());
#endif
}
