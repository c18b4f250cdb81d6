/* A few rows of A against B = W^T where W lies (gemm_block.c drives it). */
#include "base/prefetch.h"
#include "simd/isa.h"
#include "simd/unroll.h"

/* Rows whose sums stay in registers. Sixteen registers that hold a block have to be named one by one; where the block
 * lies in memory a loop does as well. */
#if defined(THOR_ISA_AVX512)
enum { TOGETHER = 8 };
#define UNROLL_BLOCK UNROLL
#else
enum { TOGETHER = 4 };
#define UNROLL_BLOCK
#endif

#if defined(THOR_ISA_SCALAR)    /* a vector is an array of sixteen: nothing to keep in registers */
#undef UNROLL
#define UNROLL
#undef ALWAYS_INLINE
#define ALWAYS_INLINE
#endif

enum { AHEAD = 64 };        /* floats of a row between a prefetch and its use */

/* Sixteen columns of B from sixteen rows of W: steps 0 … count-1 in x[0] … x[count-1]. Rows that do not exist are
 * +0. */
static ALWAYS_INLINE void turn_block(v16 x[16], const float *w, int64_t row, int rows, int count)
{
    UNROLL_BLOCK for (int r = 0; r < 16; r++) {
        THOR_PREFETCH(w + r * row + AHEAD);
        x[r] = r < rows ? v16_get(w + r * row, count) : v16_zero();
    }
    v16_transpose(x);
}

/* The sums of `rows` rows go on over `steps` steps of a block. */
static ALWAYS_INLINE void add_block(v16 *sums, const v16 x[16], const float *a, int64_t a_row, const int rows,
                                    const int steps)
{
    v16 acc[TOGETHER];
    UNROLL for (int i = 0; i < rows; i++)
        acc[i] = sums[i];
    UNROLL_BLOCK for (int s = 0; s < steps; s++)
        UNROLL for (int i = 0; i < rows; i++)
            acc[i] = v16_fma(v16_set1(a[i * a_row + s]), x[s], acc[i]);
    UNROLL for (int i = 0; i < rows; i++)
        sums[i] = acc[i];
}

/* A whole block, or what is left of one: the compiler knows the size of the first alone. */
static ALWAYS_INLINE void add_steps(v16 *sums, const v16 x[16], const float *a, int64_t a_row, const int rows,
                                    int count)
{
    UNROLL for (int i = 0; i < rows; i += TOGETHER) {
        const int some = rows - i < TOGETHER ? rows - i : TOGETHER;
        if (count == 16)
            add_block(sums + i, x, a + i * a_row, a_row, some, 16);
        else
            for (int s = 0; s < count; s++)
                add_block(sums + i, x + s, a + i * a_row + s, a_row, some, 1);
    }
}

/* One vector of columns of one row of c. */
static void finish(const thor_tile *t, v16 x, int64_t i, int64_t j)
{
    const v16 zero = v16_zero();
    int count = t->columns - j < 16 ? (int)(t->columns - j) : 16;
    float *c = t->c + i * t->c_row + j;
    if (t->add)
        x = v16_add(v16_get(c, count), x);
    if (t->bias)
        x = v16_add(x, v16_get(t->bias + j, count));
    if (t->relu)
        x = v16_select(v16_less(zero, x), x, zero);
    v16_put(c, x, count);
}

/* One vector of columns. */
static ALWAYS_INLINE void compute_columns(const thor_tile *t, int64_t j, const int rows)
{
    v16 sums[THOR_FEW_ROWS];
    int exist = t->columns - j < 16 ? (int)(t->columns - j) : 16;
    UNROLL for (int i = 0; i < rows; i++)
        sums[i] = t->init ? v16_get(t->init + i * t->init_row + j, exist) : v16_zero();
    for (int64_t p = 0; p < t->k; p += 16) {
        int count = t->k - p < 16 ? (int)(t->k - p) : 16;
        v16 x[16];
        turn_block(x, t->b + j * t->b_step + p, t->b_step, exist, count);
        add_steps(sums, x, t->a + p, t->a_row, rows, count);
    }
    UNROLL for (int i = 0; i < rows; i++)
        finish(t, sums[i], i, j);
}

#define ROWS_CASE(rows)                                 \
    case (rows):                                        \
        for (int64_t j = 0; j < t->columns; j += 16)    \
            compute_columns(t, j, (rows));              \
        return;

void THOR_K(few_rows)(const thor_tile *t)
{
    switch (t->rows) {
    ROWS_CASE(1)
    ROWS_CASE(2)
    ROWS_CASE(3)
    ROWS_CASE(4)
    ROWS_CASE(5)
    ROWS_CASE(6)
    ROWS_CASE(7)
    ROWS_CASE(8)
    default:
        return;
    }
}
