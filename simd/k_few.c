/* A few rows of A against B = W^T where W lies (gemm_block.c drives it).
 *
 * Sixteen rows of W are transposed sixteen steps at a time. Most of the time is waiting: the sums of a row are one
 * chain, each addition waits for the one before, and W comes from far. So the code of a block is kept short enough for
 * the CPU to transpose the next one while it waits for the sums of this one. */
#include "base/prefetch.h"
#include "simd/isa.h"
#include "simd/unroll.h"

/* DIRECT: rows whose sums leave room for steps that are used as they are transposed, in registers; with more, a block
 * goes through memory. TOGETHER: rows that it meets there at a time. PAIRED: rows that are too few to fill the time
 * that an addition takes: two vectors of columns are computed side by side. */
#if defined(THOR_ISA_AVX512)
enum { DIRECT = 8, TOGETHER = 8, PAIRED = 2 };
#elif defined(THOR_ISA_AVX2)
enum { DIRECT = 3, TOGETHER = 6, PAIRED = 0 };
#else
enum { DIRECT = 0, TOGETHER = 4, PAIRED = 0 };
#endif

#if defined(THOR_ISA_SCALAR)    /* a vector is an array of sixteen: nothing to keep in registers */
#undef UNROLL
#define UNROLL
#undef ALWAYS_INLINE
#define ALWAYS_INLINE
#endif

/* Floats of a row between a prefetch and its use; steps that the second vector of a pair is behind the first. Rows of W
 * lie a power of two apart more often than not and compete for a few lines of the cache, which thirty-two rows at the
 * same step do not fit. */
enum { AHEAD = 32, BEHIND = 32 };

/* Rows of A, four by four. */
typedef struct a_rows {
    const float *four[THOR_FEW_ROWS / 4];
    int64_t row;
} a_rows;

static ALWAYS_INLINE a_rows rows_at(const float *a, int64_t row, const int rows)
{
    a_rows r = { .row = row };
    UNROLL for (int i = 0; i < rows; i += 4) {
        r.four[i / 4] = a + i * row;
        OPAQUE(r.four[i / 4]);
    }
    return r;
}

static ALWAYS_INLINE void add_step(v16 *sums, v16 x, const a_rows *a, const int rows, int step)
{
    UNROLL for (int i = 0; i < rows; i++)
        sums[i] = v16_fma(v16_set1(a->four[i / 4][i % 4 * a->row + step]), x, sums[i]);
}

static ALWAYS_INLINE void look_ahead(const float *w, int64_t row)
{
    UNROLL for (int r = 0; r < 16; r += 4) {
        const float *four = w + r * row + AHEAD;
        OPAQUE(four);
        UNROLL for (int i = 0; i < 4; i++)
            THOR_PREFETCH(four + i * row);
    }
}

/* Sixteen steps, used as they are transposed. */
static ALWAYS_INLINE void add_turned(v16 *sums, const float *w, int64_t row, const float *a, int64_t a_row,
                                     const int rows)
{
    look_ahead(w, row);
    UNROLL for (int p = 0; p < 16; p += V16_TRANSPOSED) {
        v16 x[V16_TRANSPOSED];
        v16_load_transposed(x, w + p, row);
        a_rows at = rows_at(a + p, a_row, rows);
        UNROLL for (int s = 0; s < V16_TRANSPOSED; s++)
            add_step(sums, x[s], &at, rows, s);
    }
}

/* Sixteen steps into memory. */
static void transpose_block(v16 x[16], const float *w, int64_t row)
{
    look_ahead(w, row);
    UNROLL for (int p = 0; p < 16; p += V16_TRANSPOSED) {
        v16 part[V16_TRANSPOSED];
        v16_load_transposed(part, w + p, row);
        UNROLL for (int s = 0; s < V16_TRANSPOSED; s++)
            x[p + s] = part[s];
    }
}

/* The same for rows and steps of which some are missing. Rows that do not exist are +0. */
static void transpose_rest(v16 x[16], const float *w, int64_t row, int exist, int steps)
{
    for (int r = 0; r < 16; r++)
        x[r] = r < exist ? v16_get(w + r * row, steps) : v16_zero();
    v16_transpose(x);
}

/* Steps from memory, for some rows at a time. */
static ALWAYS_INLINE void add_stored(v16 *sums, const v16 x[16], const float *a, int64_t a_row, const int rows,
                                     int steps)
{
    const int parts = (rows + TOGETHER - 1) / TOGETHER, most = (rows + parts - 1) / parts;
    UNROLL for (int first = 0; first < rows; first += most) {
        const int some = rows - first < most ? rows - first : most;
        a_rows at = rows_at(a + first * a_row, a_row, some);
        v16 acc[TOGETHER];
        UNROLL for (int i = 0; i < some; i++)
            acc[i] = sums[first + i];
        for (int s = 0; s < steps; s++)
            add_step(acc, x[s], &at, some, s);
        UNROLL for (int i = 0; i < some; i++)
            sums[first + i] = acc[i];
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

static ALWAYS_INLINE void begin(const thor_tile *t, v16 *sums, int64_t j, const int rows)
{
    int count = t->columns - j < 16 ? (int)(t->columns - j) : 16;
    UNROLL for (int i = 0; i < rows; i++)
        sums[i] = t->init ? v16_get(t->init + i * t->init_row + j, count) : v16_zero();
}

/* Steps from `p` on of one vector of columns, and what follows them. */
static ALWAYS_INLINE void end_columns(const thor_tile *t, const v16 *begun, int64_t j, int64_t p, const int rows)
{
    int exist = t->columns - j < 16 ? (int)(t->columns - j) : 16;
    v16 sums[THOR_FEW_ROWS];
    UNROLL for (int i = 0; i < rows; i++)
        sums[i] = begun[i];
    for (; p < t->k; p += 16) {
        int steps = t->k - p < 16 ? (int)(t->k - p) : 16;
        v16 x[16];
        transpose_rest(x, t->b + j * t->b_step + p, t->b_step, exist, steps);
        add_stored(sums, x, t->a + p, t->a_row, rows, steps);
    }
    UNROLL for (int i = 0; i < rows; i++)
        finish(t, sums[i], i, j);
}

/* A copy of that for a number of rows. It stands apart, and gets sums of its own: those of whole blocks would not be
 * kept in registers else. */
typedef void end_rows(const thor_tile *t, const v16 *begun, int64_t j, int64_t p);

static ALWAYS_INLINE void hand_over(const thor_tile *t, const v16 *sums, int64_t j, int64_t p, const int rows,
                                    end_rows *end)
{
    v16 begun[THOR_FEW_ROWS];
    UNROLL for (int i = 0; i < rows; i++)
        begun[i] = sums[i];
    end(t, begun, j, p);
}

/* One vector of columns. */
static ALWAYS_INLINE void compute_columns(const thor_tile *t, int64_t j, const int rows, end_rows *end)
{
    const float *w = t->b + j * t->b_step, *a = t->a;
    const int64_t row = t->b_step, a_row = t->a_row, whole = t->columns - j < 16 ? 0 : t->k / 16 * 16;
    v16 sums[THOR_FEW_ROWS];
    begin(t, sums, j, rows);
    for (int64_t p = 0; p < whole; p += 16)
        if (rows <= DIRECT) {
            add_turned(sums, w + p, row, a + p, a_row, rows);
        } else {
            v16 x[16];
            transpose_block(x, w + p, row);
            add_stored(sums, x, a + p, a_row, rows, 16);
        }
    hand_over(t, sums, j, whole, rows, end);
}

/* Two vectors of columns that exist, the second one BEHIND the first. */
static ALWAYS_INLINE void compute_pair(const thor_tile *t, int64_t j, const int rows, end_rows *end)
{
    const float *first = t->b + j * t->b_step, *second = first + 16 * t->b_step, *a = t->a;
    const int64_t row = t->b_step, a_row = t->a_row, whole = t->k / 16 * 16;
    v16 sums[THOR_FEW_ROWS], others[THOR_FEW_ROWS];
    begin(t, sums, j, rows);
    begin(t, others, j + 16, rows);
    for (int64_t p = 0; p < whole + BEHIND; p += 16) {
        if (p < whole)
            add_turned(sums, first + p, row, a + p, a_row, rows);
        if (p >= BEHIND)
            add_turned(others, second + (p - BEHIND), row, a + (p - BEHIND), a_row, rows);
    }
    hand_over(t, sums, j, whole, rows, end);
    hand_over(t, others, j + 16, whole, rows, end);
}

/* A copy of everything for each number of rows, whose sums have registers then. */
#define COMPUTE_ROWS(rows)                                                                              \
    static NEVER_INLINE void end_##rows(const thor_tile *t, const v16 *begun, int64_t j, int64_t p)     \
    {                                                                                                   \
        end_columns(t, begun, j, p, (rows));                                                            \
    }                                                                                                   \
                                                                                                        \
    static void compute_##rows(const thor_tile *t)                                                      \
    {                                                                                                   \
        int64_t j = 0;                                                                                  \
        for (; (rows) <= PAIRED && j + 32 <= t->columns; j += 32)                                       \
            compute_pair(t, j, (rows), end_##rows);                                                     \
        for (; j < t->columns; j += 16)                                                                 \
            compute_columns(t, j, (rows), end_##rows);                                                  \
    }

COMPUTE_ROWS(1)
COMPUTE_ROWS(2)
COMPUTE_ROWS(3)
COMPUTE_ROWS(4)
COMPUTE_ROWS(5)
COMPUTE_ROWS(6)
COMPUTE_ROWS(7)
COMPUTE_ROWS(8)

void THOR_K(few_rows)(const thor_tile *t)
{
    static void (*const compute[THOR_FEW_ROWS])(const thor_tile *) = {
        compute_1, compute_2, compute_3, compute_4, compute_5, compute_6, compute_7, compute_8
    };
    if (t->rows >= 1 && t->rows <= THOR_FEW_ROWS)
        compute[t->rows - 1](t);
}
