/* Packing of the panels of a matrix product (gemm_block.c drives it). */
#include "base/prefetch.h"
#include "simd/isa.h"
#include "simd/unroll.h"

enum { TOGETHER = 8 };      /* rows of B that are copied side by side: streams that a CPU follows at once */

/* The first columns of some rows: whole vectors. */
static void copy_vectors(float *to, int64_t width, const float *from, int64_t step, int64_t rows, int64_t columns)
{
    for (int64_t p = 0; p < rows; p++, to += width, from += step)
        for (int64_t l = 0; l < columns; l += 16) {
            THOR_PREFETCH(from + TOGETHER * step + l);
            v16_store(to + l, v16_load(from + l));
        }
}

static void copy_tile_rows(float *to, const float *from, int64_t step, int64_t rows)
{
    for (int64_t p = 0; p < rows; p++, to += TILE_ROWS, from += step) {
        THOR_PREFETCH(from + TOGETHER * step);
        memcpy(to, from, TILE_ROWS * sizeof *to);
    }
}

/* Rows that are shorter than the panel is wide are followed by zeros. */
static void fill_rows(float *to, int64_t width, const float *from, int64_t step, int64_t rows, int64_t columns)
{
    int64_t whole = (columns < width ? columns : width) / 16 * 16;
    copy_vectors(to, width, from, step, rows, whole);
    for (int64_t p = 0; p < rows; p++, to += width, from += step)
        for (int64_t l = whole; l < width; l += 16) {
            int64_t left = columns - l, room = width - l;
            int space = room < 16 ? (int)room : 16, count = left < space ? left < 0 ? 0 : (int)left : space;
            v16_put(to + l, v16_get(from + l, count), space);
        }
}

static void pack_rows(float *to, int64_t width, const float *from, int64_t step, int64_t rows, int64_t columns)
{
    if (columns >= width && width % 16 == 0)
        copy_vectors(to, width, from, step, rows, width);
    else if (columns >= width && width == TILE_ROWS)
        copy_tile_rows(to, from, step, rows);
    else
        fill_rows(to, width, from, step, rows, columns);
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

/* Sixteen rows of B^T at a time; where all of them and their columns are there, without asking at every step. */
static void transpose_rows(float *to, int64_t width, const float *from, int64_t column, int64_t k)
{
    for (int64_t i = 0; i < k; i += 16, from += 16, to += 16 * width) {
        v16 x[16];
        UNROLL for (int r = 0; r < 16; r++) {
            THOR_PREFETCH(from + (r + 16) * column);
            x[r] = v16_load(from + r * column);
        }
        v16_transpose(x);
        UNROLL for (int r = 0; r < 16; r++)
            v16_store(to + r * width, x[r]);
    }
}

static void transpose_some(float *to, int64_t width, const float *from, int64_t column, int64_t k, int rows, int space)
{
    V16_EACH(k, v16 x[16];
             for (int r = 0; r < 16; r++)
                 x[r] = r < rows ? v16_get(from + r * column + i, count) : v16_zero();
             v16_transpose(x);
             for (int r = 0; r < count; r++)
                 v16_put(to + (i + r) * width, x[r], space));
}

static void pack_transpose(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t column,
                           int64_t k, int64_t columns)
{
    for (int64_t j = 0; j < columns; j += width)
        for (int64_t l = 0; l < width; l += 16) {
            float *to = panels + j / width * panel_size + l;
            const float *from = source + (j + l) * column;
            int space = width - l < 16 ? (int)(width - l) : 16;
            int64_t left = columns - j - l;
            int rows = left < space ? left < 0 ? 0 : (int)left : space;
            int64_t whole = rows == 16 ? k / 16 * 16 : 0;
            transpose_rows(to, width, from, column, whole);
            transpose_some(to + whole * width, width, from + whole, column, k - whole, rows, space);
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
