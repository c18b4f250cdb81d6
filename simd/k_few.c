/* A few rows of A against B = W^T where W lies (gemm_block.c drives it). */
#include "simd/isa.h"
#include "simd/unroll.h"

#if defined(THOR_ISA_AVX512)
enum { TOGETHER = 8, VECTORS = 4 };     /* rows whose sums stay in registers; vectors of columns side by side */
#elif defined(THOR_ISA_AVX2) || defined(THOR_ISA_NEON)
enum { TOGETHER = 4, VECTORS = 2 };
#else
enum { TOGETHER = 2, VECTORS = 1 };
#endif

/* Sixteen columns of B from sixteen rows of W: steps 0 … count-1 in x[0] … x[count-1]. Rows that do not exist are +0.
 * The rows that come next are asked for, as far away as these are long. */
static ALWAYS_INLINE void turn_block(v16 x[16], const float *w, int64_t row, int rows, int count)
{
    UNROLL for (int r = 0; r < 16; r++) {
        PREFETCH(w + (r + 16) * row);
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
    UNROLL for (int s = 0; s < steps; s++)
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

/* `vectors` vectors of columns at once, so that one's chains wait while another's rows are turned. */
static ALWAYS_INLINE void compute_columns(const thor_tile *t, int64_t first, const int rows, const int vectors)
{
    v16 sums[VECTORS][THOR_FEW_ROWS];
    int exist[VECTORS];
    UNROLL for (int v = 0; v < vectors; v++) {
        int64_t j = first + 16 * v, left = t->columns - j;
        exist[v] = left < 16 ? (int)left : 16;
        UNROLL for (int i = 0; i < rows; i++)
            sums[v][i] = t->init ? v16_get(t->init + i * t->init_row + j, exist[v]) : v16_zero();
    }
    for (int64_t p = 0; p < t->k; p += 16) {
        int count = t->k - p < 16 ? (int)(t->k - p) : 16;
        UNROLL for (int v = 0; v < vectors; v++) {
            v16 x[16];
            turn_block(x, t->b + (first + 16 * v) * t->b_step + p, t->b_step, exist[v], count);
            add_steps(sums[v], x, t->a + p, t->a_row, rows, count);
        }
    }
    UNROLL for (int v = 0; v < vectors; v++)
        UNROLL for (int i = 0; i < rows; i++)
            finish(t, sums[v][i], i, first + 16 * v);
}

static ALWAYS_INLINE void compute_rows(const thor_tile *t, const int rows, const int vectors)
{
    int64_t j = 0;
    for (; j + 16 * vectors <= t->columns; j += 16 * vectors)
        compute_columns(t, j, rows, vectors);
    for (; j < t->columns; j += 16)
        compute_columns(t, j, rows, 1);
}

/* Fewer vectors side by side where more rows fill the registers. */
void THOR_K(few_rows)(const thor_tile *t)
{
    enum { TWO = VECTORS < 2 ? VECTORS : 2 };
    switch (t->rows) {
    case 1: compute_rows(t, 1, VECTORS); return;
    case 2: compute_rows(t, 2, VECTORS); return;
    case 3: compute_rows(t, 3, TWO); return;
    case 4: compute_rows(t, 4, TWO); return;
    case 5: compute_rows(t, 5, 1); return;
    case 6: compute_rows(t, 6, 1); return;
    case 7: compute_rows(t, 7, 1); return;
    case 8: compute_rows(t, 8, 1); return;
    default: return;
    }
}
