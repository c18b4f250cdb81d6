/* The register tile of the matrix product and the packing of its panels (gemm.c drives them). */
#include "simd/isa.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

/* One copy of the tile for each size, unrolled into registers; a single plain one where a sanitizer looks at every
 * access, which would take the compiler minutes for all the copies. */
#if defined(__clang__) && !defined(SANITIZED)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__) && !defined(SANITIZED)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

#if defined(SANITIZED)
#define ALWAYS_INLINE __attribute__((noinline))
#elif defined(__GNUC__)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE inline
#endif

#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif

enum { AHEAD = 32 };        /* steps of k between a prefetch of B and its use */

/* Columns of vector v that exist. */
static inline int columns_of(const thor_tile *t, int v)
{
    int64_t left = t->columns - 16 * v;
    return left < 0 ? 0 : left < 16 ? (int)left : 16;
}

/* Sums in `acc`, rows of TILE_VECTORS vectors, become rows of c. */
static void finish_rows(const thor_tile *t, const float *acc)
{
    const v16 zero = v16_zero();
    for (int i = 0; i < t->rows; i++)
        for (int v = 0; v < TILE_VECTORS; v++) {
            int count = columns_of(t, v);
            float *c = t->c + i * t->c_row + 16 * v;
            v16 x = v16_load(acc + (i * TILE_VECTORS + v) * 16);
            if (count == 0)
                continue;
            if (t->add)
                x = v16_add(v16_get(c, count), x);
            if (t->bias)
                x = v16_add(x, v16_get(t->bias + 16 * v, count));
            if (t->relu)
                x = v16_select(v16_less(zero, x), x, zero);
            v16_put(c, x, count);
        }
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

/* The chains of a tile whose size the compiler knows. `side_by_side`: the rows of A are neighbours (a_row is 1), else
 * the steps are (a_step is 1) and rows are reached from every third one, which x86 addresses without a register for
 * each. */
static ALWAYS_INLINE void compute_tile(const thor_tile *t, const int rows, const int vectors, const bool side_by_side)
{
    v16 acc[TILE_ROWS][TILE_VECTORS];
    const bool whole = t->columns == 16 * vectors;
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            acc[i][v] = v16_zero();
    if (t->init) {
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++) {
                const float *init = t->init + i * t->init_row + 16 * v;
                acc[i][v] = whole || v < vectors - 1 ? v16_load(init) : v16_load_part(init, columns_of(t, v));
            }
    }

    const float *b = t->b, *thirds[(TILE_ROWS + 2) / 3];
    UNROLL for (int i = 0; i < rows; i += 3)
        thirds[i / 3] = t->a + i * t->a_row;
    const int64_t row = t->a_row, step = side_by_side ? t->a_step : 1, b_step = t->b_step;
    const float *next = t->next;
    for (int64_t p = 0; p < t->k; p++) {
        v16 x[TILE_VECTORS];
        if (!side_by_side)      /* the lines of the rows that come next, a few steps each */
            PREFETCH(next + (p & 7) * row + (p & ~INT64_C(15)));
        UNROLL for (int v = 0; v < vectors; v++) {
            x[v] = v16_load(b + 16 * v);
            PREFETCH(b + AHEAD * b_step + 16 * v);
        }
        UNROLL for (int i = 0; i < rows; i++) {
            v16 a = v16_set1(side_by_side ? thirds[0][i] : thirds[i / 3][i % 3 * row]);
            UNROLL for (int v = 0; v < vectors; v++)
                acc[i][v] = v16_fma(a, x[v], acc[i][v]);
        }
        b += b_step;
        UNROLL for (int i = 0; i < rows; i += 3)
            thirds[i / 3] += step;
    }

    if (!t->transposed && !t->add && !t->bias && !t->relu) {
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int v = 0; v < vectors; v++) {
                float *c = t->c + i * t->c_row + 16 * v;
                if (whole || v < vectors - 1)
                    v16_store(c, acc[i][v]);
                else
                    v16_store_part(c, acc[i][v], columns_of(t, v));
            }
        return;
    }
    float sums[TILE_ROWS * TILE_VECTORS * 16];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int v = 0; v < vectors; v++)
            v16_store(sums + (i * TILE_VECTORS + v) * 16, acc[i][v]);
    if (t->transposed)
        finish_transposed(t, sums);
    else
        finish_rows(t, sums);
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

enum { TOGETHER = 8 };      /* rows of B that are copied side by side: streams that a CPU follows at once */

static void pack_rows(float *to, int64_t width, const float *from, int64_t step, int64_t rows, int64_t columns)
{
    for (int64_t p = 0; p < rows; p++, to += width, from += step)
        for (int64_t l = 0; l < width; l += 16) {
            int64_t left = columns - l, room = width - l;
            int space = room < 16 ? (int)room : 16, count = left < space ? left < 0 ? 0 : (int)left : space;
            PREFETCH(from + TOGETHER * step + l);
            v16_put(to + l, v16_get(from + l, count), space);
        }
}

/* A few rows of B at a time, over all panels: reads go on as far as they can, writes stay together. */
static void pack_copy(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step, int64_t k,
                      int64_t columns)
{
    for (int64_t p = 0; p < k; p += TOGETHER) {
        int64_t rows = k - p < TOGETHER ? k - p : TOGETHER;
        float *to = panels + p * width;
        for (int64_t j = 0; j < columns; j += width, to += panel_size)
            pack_rows(to, width, source + p * step + j, step, rows, columns - j);
    }
}

static void pack_transpose(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t column,
                           int64_t k, int64_t columns)
{
    for (int64_t j = 0; j < columns; j += width)
        for (int64_t l = 0; l < width; l += 16) {
            float *to = panels + j / width * panel_size + l;
            int space = width - l < 16 ? (int)(width - l) : 16;
            int64_t left = columns - j - l;
            int count_rows = left < space ? left < 0 ? 0 : (int)left : space;
            V16_EACH(k, v16 x[16];
                     for (int r = 0; r < 16; r++) {
                         const float *from = source + (j + l + r) * column + i;
                         PREFETCH(from + 16 * column);
                         x[r] = r < count_rows ? v16_get(from, count) : v16_zero();
                     }
                     v16_transpose(x);
                     for (int r = 0; r < count; r++)
                         v16_put(to + (i + r) * width, x[r], space));
        }
}

void THOR_K(pack)(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step, int64_t column,
                  int64_t k, int64_t columns)
{
    if (column == 1) {
        pack_copy(panels, width, panel_size, source, step, k, columns);
        return;
    }
    if (step == 1) {
        pack_transpose(panels, width, panel_size, source, column, k, columns);
        return;
    }
    for (int64_t j = 0; j < columns; j += width)
        for (int64_t p = 0; p < k; p++)
            for (int64_t l = 0; l < width; l++)
                panels[j / width * panel_size + p * width + l] =
                    j + l < columns ? source[p * step + (j + l) * column] : 0.0f;
}
