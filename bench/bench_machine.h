/* What the machine itself can do, measured beside everything that is compared with it. */
#ifndef BENCH_BENCH_MACHINE_H
#define BENCH_BENCH_MACHINE_H

#include <stdbool.h>

#include "simd/compute.h"

/* Seconds of a clock that only goes forward. */
double machine_seconds(void);

/* The median of `count` numbers, which are sorted by it. */
double machine_median(double *values, int count);

/* Fused multiply-adds of binary32 on all threads, in GFLOP/s (a multiplication and an addition are two operations):
 * twelve independent chains in registers; where an instruction set has no such loop here, its register tile on
 * operands in the first-level cache. The best of several short runs. */
double machine_peak(const thor_compute *compute);

/* One of those runs, about 20 ms: what the machine gives at this moment. */
double machine_peak_once(const thor_compute *compute);

/* a = b + s * c over arrays of `floats` binary32 each, 12 bytes an element, on all threads, in GB/s; the best of
 * several runs. 0 where there is no memory. */
double machine_triad(const thor_compute *compute, int64_t floats);

/* The most memory that this process has had, in bytes. */
double machine_peak_memory(void);

#endif
