/* Tables that compute every call twice, with an instruction set's kernels and with the scalar ones, and compare the
 * bits.
 *
 * The scalar kernel runs first, on copies of everything that will be written, so that calls in place are seen with the
 * values that they had. Where the bits differ the program stops and says where: this is a tool for finding mistakes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simd/tables.h"

static void *copy_of(const void *p, int64_t n, size_t size)
{
    size_t bytes = n > 0 ? (size_t)n * size : 0;
    void *copy = calloc(1, bytes + 1);
    if (!copy) {
        fprintf(stderr, "thor: --isa checked: no memory for a copy of %zu bytes\n", bytes);
        abort();
    }
    if (bytes)
        memcpy(copy, p, bytes);
    return copy;
}

static float *floats(const float *p, int64_t n)
{
    return copy_of(p, n, sizeof *p);
}

/* Inputs that are also written are read from the copy. */
static const float *input(const float *p, const float *written, const float *copy)
{
    return p == written ? copy : p;
}

static void differ(const char *kernel, const char *table, int64_t i, double expected, double found)
{
    fprintf(stderr, "thor: kernel %s: element %lld is %a (scalar) but %a (%s); please report this line\n", kernel,
            (long long)i, expected, found, table);
    abort();
}

static void same_float(const char *kernel, const char *table, int64_t i, float expected, float found)
{
    if (memcmp(&expected, &found, sizeof found) != 0 && !(isnan(expected) && isnan(found)))
        differ(kernel, table, i, (double)expected, (double)found);
}

/* Beyond 2^34 elements the generator's counter begins anew, and masks would repeat without a word. */
static void check_elements(const char *kernel, uint64_t first, int64_t n)
{
    const uint64_t most = UINT64_C(1) << 34;
    if (first <= most && (uint64_t)n <= most - first)
        return;
    fprintf(stderr, "thor: kernel %s: elements %llu to %llu; expected at most 2^34 of them; please report this line\n",
            kernel, (unsigned long long)first, (unsigned long long)first + (unsigned long long)n);
    abort();
}

/* Compares and frees the expected values; the payload of NaN is open. */
static void same(const char *kernel, const char *table, float *expected, const float *found, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        same_float(kernel, table, i, expected[i], found[i]);
    free(expected);
}

#define CHECKED scalar
#include "simd/checked_body.h"
#undef CHECKED

#ifdef THOR_HAVE_AVX2
#define CHECKED avx2
#include "simd/checked_body.h"
#undef CHECKED
#endif

#ifdef THOR_HAVE_AVX512
#define CHECKED avx512
#include "simd/checked_body.h"
#undef CHECKED
#endif

#ifdef THOR_HAVE_NEON
#define CHECKED neon
#include "simd/checked_body.h"
#undef CHECKED
#endif
