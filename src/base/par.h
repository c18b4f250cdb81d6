/* Threads behind one call. The result of a region never depends on how its work is cut: bodies write disjoint outputs
 * and every sum is made by one thread in a stated order. Without OpenMP everything runs on the caller's thread. */
#ifndef THOR_BASE_PAR_H
#define THOR_BASE_PAR_H

#include <stdint.h>

typedef struct thor_par {
    int threads;                /* at least 1 */
} thor_par;

/* Items begin … end-1 are this call's; `thread` counts from 0 and is below par->threads. */
typedef void thor_par_body(void *context, int64_t begin, int64_t end, int thread);

/* 0 asks for as many threads as the machine (or OMP_NUM_THREADS) offers. */
thor_par thor_par_make(int threads);

/* Runs the body once on each thread: begin is its number. */
void thor_par_all(const thor_par *par, thor_par_body *body, void *context);

/* Hands out items one by one. Each thread begins with the items of its own share, which are neighbours, since their
 * data is most likely in its caches; when it is done it helps the others. For items of unequal size. */
void thor_par_each(const thor_par *par, int64_t n, thor_par_body *body, void *context);

/* The same for many small items, a few runs of neighbours for each thread. Fewer than 2 * grain items stay on this
 * thread. */
void thor_par_for(const thor_par *par, int64_t n, int64_t grain, thor_par_body *body, void *context);

#endif
