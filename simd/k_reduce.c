/* Sums and maxima. */
#include "base/prefetch.h"
#include "simd/isa.h"

float THOR_K(sum)(const float *a, int64_t n)
{
    v16 s = v16_zero();
    V16_EACH(n, s = v16_add(s, v16_get(a + i, count)));
    return v16_fold_add(s);
}

float THOR_K(sum_squares)(const float *a, int64_t n)
{
    v16 s = v16_zero();
    V16_EACH(n, v16 x = v16_get(a + i, count); s = v16_add(s, v16_mul(x, x)));
    return v16_fold_add(s);
}

float THOR_K(sum_products)(const float *a, const float *b, int64_t n)
{
    v16 s = v16_zero();
    V16_EACH(n, s = v16_add(s, v16_mul(v16_get(a + i, count), v16_get(b + i, count))));
    return v16_fold_add(s);
}

/* Lanes hold the greatest of their elements; four vectors at a time, since one would wait for itself. NaN is remembered
 * apart. */
float THOR_K(largest)(const float *a, int64_t n)
{
    const v16 lowest = v16_from_bits(i16_set1(UINT32_C(0xff800000)));
    v16 best = lowest, b1 = lowest, b2 = lowest, b3 = lowest;
    m16 nan = m16_first(0);
    for (; n >= 64; n -= 64, a += 64) {
        v16 x0 = v16_load(a), x1 = v16_load(a + 16), x2 = v16_load(a + 32), x3 = v16_load(a + 48);
        nan = m16_or(m16_or(m16_or(nan, v16_is_nan(x0)), m16_or(v16_is_nan(x1), v16_is_nan(x2))), v16_is_nan(x3));
        best = v16_select(v16_less(best, x0), x0, best);
        b1 = v16_select(v16_less(b1, x1), x1, b1);
        b2 = v16_select(v16_less(b2, x2), x2, b2);
        b3 = v16_select(v16_less(b3, x3), x3, b3);
    }
    best = v16_select(v16_less(best, b1), b1, best);
    b2 = v16_select(v16_less(b2, b3), b3, b2);
    best = v16_select(v16_less(best, b2), b2, best);
    V16_EACH(n, v16 x = v16_select(m16_first(count), v16_get(a + i, count), lowest);
             nan = m16_or(nan, v16_is_nan(x));
             best = v16_select(v16_less(best, x), x, best));
    return m16_any(nan) ? v16_fold_add(v16_sub(lowest, lowest)) : v16_fold_max(best);
}

/* Every lane remembers the block of its first maximum; the least index among the lanes with the greatest value wins. */
int64_t THOR_K(argmax)(const float *a, int64_t n)
{
    const v16 lowest = v16_from_bits(i16_set1(UINT32_C(0xff800000)));
    v16 best = lowest;
    i16 block = i16_set1(0), where = block;
    V16_EACH(n, v16 x = v16_select(m16_first(count), v16_get(a + i, count), lowest);
             m16 greater = v16_less(best, x);
             best = v16_select(greater, x, best);
             where = i16_select(greater, block, where);
             block = i16_add(block, i16_set1(1)));
    float values[16];
    int32_t blocks[16];
    v16_store(values, best);
    i16_store_part(blocks, where, 16);
    int64_t index = n > 0 ? 0 : -1;
    float value = n > 0 ? values[0] : 0.0f;
    for (int l = 0; l < 16 && l < n; l++) {
        int64_t candidate = (int64_t)blocks[l] * 16 + l;
        if (l == 0 || values[l] > value || (values[l] == value && candidate < index)) {
            value = values[l];
            index = candidate;
        }
    }
    return index;
}

/* Vectors of one row that are summed together; rows before its use that one is asked for: a strip is a short piece of
 * every row, which no hardware foresees. */
enum { STRIP = 8, AHEAD = 8 };

static inline v16 row_term(const float *a, const float *b, int64_t at, int count)
{
    v16 x = v16_get(a + at, count);
    return b ? v16_mul(x, v16_get(b + at, count)) : x;
}

static inline void sum_strip(float *y, const float *a, const float *b, int64_t rows, int64_t stride, bool accumulate)
{
    v16 s[STRIP];
    for (int v = 0; v < STRIP; v++)
        s[v] = accumulate ? v16_load(y + 16 * v) : v16_zero();
    for (int64_t r = 0; r < rows; r++) {
        int64_t ahead = (r + AHEAD < rows ? r + AHEAD : r) * stride;
        for (int v = 0; v < STRIP; v++) {
            THOR_PREFETCH(a + ahead + 16 * v);
            if (b)
                THOR_PREFETCH(b + ahead + 16 * v);
            s[v] = v16_add(s[v], row_term(a, b, r * stride + 16 * v, 16));
        }
    }
    for (int v = 0; v < STRIP; v++)
        v16_store(y + 16 * v, s[v]);
}

static inline void sum_over_rows(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                                 bool accumulate)
{
    int64_t j = 0;
    for (; j + 16 * STRIP <= n; j += 16 * STRIP)
        sum_strip(y + j, a + j, b ? b + j : NULL, rows, stride, accumulate);
    for (; j < n; j += 16) {
        int count = n - j < 16 ? (int)(n - j) : 16;
        v16 s = accumulate ? v16_get(y + j, count) : v16_zero();
        for (int64_t r = 0; r < rows; r++)
            s = v16_add(s, row_term(a, b, r * stride + j, count));
        v16_put(y + j, s, count);
    }
}

void THOR_K(sum_rows)(float *y, const float *a, int64_t rows, int64_t stride, int64_t n, bool accumulate)
{
    sum_over_rows(y, a, NULL, rows, stride, n, accumulate);
}

void THOR_K(sum_row_products)(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                              bool accumulate)
{
    sum_over_rows(y, a, b, rows, stride, n, accumulate);
}

/* One row's vector through relu, and what it adds to the sum. */
static inline v16 relu_term(float *d, const float *y, v16 s, int count)
{
    const v16 zero = v16_zero();
    v16 x = v16_select(v16_less(zero, v16_get(y, count)), v16_mul(v16_get(d, count), s), zero);
    v16_put(d, x, count);
    return x;
}

void THOR_K(relu_backward_sum)(float *sum, float *d, const float *y, float s, int64_t rows, int64_t stride, int64_t n)
{
    const v16 factor = v16_set1(s);
    int64_t j = 0;
    for (; j + 16 * STRIP <= n; j += 16 * STRIP) {
        v16 sums[STRIP];
        for (int v = 0; v < STRIP; v++)
            sums[v] = v16_zero();
        for (int64_t r = 0; r < rows; r++)
            for (int v = 0; v < STRIP; v++) {
                int64_t at = r * stride + j + 16 * v, ahead = r + AHEAD < rows ? at + AHEAD * stride : at;
                THOR_PREFETCH(d + ahead);
                THOR_PREFETCH(y + ahead);
                sums[v] = v16_add(sums[v], relu_term(d + at, y + at, factor, 16));
            }
        for (int v = 0; v < STRIP; v++)
            v16_store(sum + j + 16 * v, sums[v]);
    }
    for (; j < n; j += 16) {
        int count = n - j < 16 ? (int)(n - j) : 16;
        v16 sums = v16_zero();
        for (int64_t r = 0; r < rows; r++)
            sums = v16_add(sums, relu_term(d + r * stride + j, y + r * stride + j, factor, count));
        v16_put(sum + j, sums, count);
    }
}
