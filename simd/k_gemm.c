/* The register tile of the matrix product (gemm_block.c drives it). */
#include "base/prefetch.h"
#include "simd/isa.h"
#include "simd/unroll.h"

/* The lines of a panel of B follow each other. Wide panels are left to the CPU, which sees that. */
#if defined(THOR_ISA_AVX512)
enum { ASK_FOR_PANELS = 0 };
#else
enum { ASK_FOR_PANELS = 1 };
#endif

/* Columns of vector v that exist. */
static inline int columns_of(const thor_tile *t, int v)
{
    int64_t left = t->columns - 16 * v;
    return left < 0 ? 0 : left < 16 ? (int)left : 16;
}

/* The same in a row of `vectors` vectors, of which the last one may be short. */
static ALWAYS_INLINE int columns_in_row(const thor_tile *t, int v, const int vectors)
{
    return v < vectors - 1 ? 16 : columns_of(t, v);
}

/* Sixteen columns of `acc` become sixteen rows of c, each t->rows long. */
static void finish_transposed(const thor_tile *t, const float *acc)
{
    const v16 zero = v16_zero();
    for (int v = 0; v < TILE_VECTORS; v++) {
        int count = columns_of(t, v), rows = (int)t->rows;
        v16 x[16], bias = t->bias && count ? v16_get(t->bias, rows) : zero;
        for (int i = 0; i < 16; i++)
            x[i] = i < rows ? v16_load(acc + (i * TILE_VECTORS + v) * 16) : zero;
        v16_transpose(x);
        for (int j = 0; j < count; j++) {
            float *c = t->c + (16 * v + j) * t->c_row;
            v16 y = t->add ? v16_add(v16_get(c, rows), x[j]) : x[j];
            y = t->bias ? v16_add(y, bias) : y;
            v16_put(c, t->relu ? v16_select(v16_less(zero, y), y, zero) : y, rows);
        }
    }
}

static ALWAYS_INLINE void finish(const thor_tile *t, v16 acc[TILE_ROWS][TILE_VECTORS], const int rows,
                                 const int vectors)
{
    if (t->transposed) {
        float sums[TILE_ROWS * TILE_VECTORS * 16];
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++)
                v16_store(sums + (i * TILE_VECTORS + v) * 16, acc[i][v]);
        finish_transposed(t, sums);
        return;
    }
    if (t->add)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++)
                acc[i][v] = v16_add(v16_get(t->c + i * t->c_row + 16 * v, columns_in_row(t, v, vectors)), acc[i][v]);
    if (t->bias)
        UNROLL for (int v = 0; v < vectors; v++) {
            const v16 bias = v16_get(t->bias + 16 * v, columns_in_row(t, v, vectors));
            UNROLL for (int i = 0; i < rows; i++)
                acc[i][v] = v16_add(acc[i][v], bias);
        }
    if (t->relu)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++)
                acc[i][v] = v16_select(v16_less(v16_zero(), acc[i][v]), acc[i][v], v16_zero());
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            v16_put(t->c + i * t->c_row + 16 * v, acc[i][v], columns_in_row(t, v, vectors));
}

/* The chains of a tile whose size the compiler knows. `side_by_side`: the rows of A are neighbours (a_row is 1), else
 * the steps are (a_step is 1) and rows are reached from every third one, which x86 addresses without a register for
 * each.
 *
 * Eight steps at a time ask for a line of each of eight rows that are wanted next. */
static ALWAYS_INLINE void compute_tile(const thor_tile *t, const int rows, const int vectors, const bool side_by_side)
{
    v16 acc[TILE_ROWS][TILE_VECTORS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            acc[i][v] = v16_zero();
    if (t->init)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++)
                acc[i][v] = v16_get(t->init + i * t->init_row + 16 * v, columns_in_row(t, v, vectors));

    if (t->next_c)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++)
                THOR_PREFETCH(t->next_c + i * t->c_row + 16 * v);

    const float *b = t->b, *thirds[(TILE_ROWS + 2) / 3];
    UNROLL for (int i = 0; i < rows; i += 3)
        thirds[i / 3] = t->a + i * t->a_row;
    const int64_t row = t->a_row, step = side_by_side ? t->a_step : 1, b_step = t->b_step;
    for (int64_t p = 0; p < t->k;) {
        const float *next = side_by_side ? NULL : t->next + p / 16 * 16;
        for (int64_t end = t->k - p < 8 ? t->k : p + 8; p < end; p++) {
            if (!side_by_side) {
                THOR_PREFETCH(next);
                next += t->next_row;
            }
            if (ASK_FOR_PANELS || t->b_apart)
                UNROLL for (int v = 0; v < vectors; v++)
                    THOR_PREFETCH(b + THOR_STEPS_AHEAD * b_step + 16 * v);
            v16 x[TILE_VECTORS];
            UNROLL for (int v = 0; v < vectors; v++)
                x[v] = v16_load(b + 16 * v);
            UNROLL for (int i = 0; i < rows; i++) {
                v16 a = v16_set1(side_by_side ? thirds[0][i] : thirds[i / 3][i % 3 * row]);
                UNROLL for (int v = 0; v < vectors; v++)
                    acc[i][v] = v16_fma(a, x[v], acc[i][v]);
            }
            b += b_step;
            UNROLL for (int i = 0; i < rows; i += 3)
                thirds[i / 3] += step;
        }
    }

    finish(t, acc, rows, vectors);
}

#define TILE_CASE(rows, vectors)                                \
    case (rows) * 4 + (vectors):                                \
        if (t->a_row == 1)                                      \
            compute_tile(t, (rows), (vectors), true);           \
        else                                                    \
            compute_tile(t, (rows), (vectors), false);          \
        return;

#if defined(THOR_ISA_AVX512)
#define TILE_CASES(rows) TILE_CASE(rows, 1) TILE_CASE(rows, 2) TILE_CASE(rows, 3)
#else
#define TILE_CASES(rows) TILE_CASE(rows, 1)
#endif

void THOR_K(tile)(const thor_tile *t)
{
    switch (t->rows * 4 + (t->columns + 15) / 16) {
    TILE_CASES(1)
    TILE_CASES(2)
    TILE_CASES(3)
    TILE_CASES(4)
#if defined(THOR_ISA_AVX512) || defined(THOR_ISA_AVX2) || defined(THOR_ISA_NEON)
    TILE_CASES(5)
    TILE_CASES(6)
#endif
#if defined(THOR_ISA_AVX512)
    TILE_CASES(7)
    TILE_CASES(8)
#endif
    default:
        return;
    }
}
