/* Every kernel once, in a form that can be run on any table and any length, with its formula in plain binary64 beside
 * it. */
#ifndef THOR_TESTS_SIMD_CASES_H
#define THOR_TESTS_SIMD_CASES_H

#include "simd/kernels.h"

enum { INPUTS = 4, OUTPUTS = 3, SCALARS = 3, ROWS = 3 };

typedef struct operands {
    int64_t n;
    const float *in[INPUTS];    /* [n] each; never written */
    const float *block[2];      /* [ROWS][n] */
    const uint8_t *keep;        /* [n] of 0 and 1 */
    float *out[OUTPUTS];        /* [n] each, filled beforehand: some kernels go on from what is there */
    int32_t *rows;              /* [n], in and out */
    uint8_t *mask;              /* [n] */
    float scalar[SCALARS];      /* results that are single numbers */
    int64_t index;
} operands;

/* The same in binary64: out, scalar and index as they should be; the mask has no oracle but rng.h. */
typedef struct expected {
    double *out[OUTPUTS], scalar[SCALARS];
    int64_t index;
} expected;

typedef struct kernel_case {
    const char *name;
    void (*run)(const thor_kernels *k, operands *o);
    void (*oracle)(const operands *o, expected *e);     /* NULL: a form of the case before it */
    double tolerance;           /* relative to |value| + the size of what was summed; 0: the exact binary32 rounding */
    int64_t least;              /* smallest n that is allowed */
    int in_place, outputs;      /* each of these first outputs may be the same array as each of these first inputs */
} kernel_case;

extern const kernel_case kernel_cases[];
extern const int kernel_case_count;

#endif
