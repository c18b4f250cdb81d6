/* One task of a matrix product: blocks of k and of columns, packing, tiles.
 *
 * The chain of an element runs on from block to block, in c itself or, where c still holds another term, in a block of
 * sums beside the packed operands. */
#include <assert.h>
#include <stddef.h>

#include "simd/gemm_job.h"

/* Floats from row to row of A where rows are copied: whole vectors, and never a power of two, which would put rows into
 * the same places of the cache. */
static int64_t row_length(int64_t steps)
{
    return (steps + 15) / 32 * 32 + 16;
}

/* A rectangle of C, the part of k at hand and where the thread's operands lie. */
typedef struct block {
    int64_t row, rows, column, columns, step, steps;
    float *packed_a, *packed_b, *sums;
    const float *next_a;                /* the rows of A that come after these, or NULL */
    bool first, last, sums_aside;       /* of the blocks of k; sums stay aside until the last one */
} block;

/* Panels of one block of columns: as equal as they can be, none wider than the tile, the wider ones first. */
typedef struct panels {
    int64_t count, wide, width;         /* `wide` panels of width + 16 columns, then panels of width */
} panels;

static panels divide_columns(const thor_compute *compute, int64_t columns)
{
    int64_t vectors = thor_gemm_parts(columns, 16), count = thor_gemm_parts(columns, compute->kernels->tile_columns);
    return (panels){ count, vectors % count, vectors / count * 16 };
}

static int64_t panel_start(const panels *p, int64_t index)
{
    return index * p->width + 16 * thor_smaller(index, p->wide);
}

static void pack_b(const thor_compute *compute, const thor_gemm_job *j, const block *at)
{
    panels p = divide_columns(compute, at->columns);
    int64_t widths[2] = { p.width + 16, p.width }, starts[3] = { 0, panel_start(&p, p.wide), at->columns };
    for (int part = 0; part < 2; part++)
        if (starts[part] < starts[part + 1])
            compute->kernels->pack(at->packed_b + starts[part] * at->steps, widths[part], widths[part] * at->steps,
                                   j->b + at->step * j->b_step + (at->column + starts[part]) * j->b_column, j->b_step,
                                   j->b_column, at->steps, starts[part + 1] - starts[part]);
}

/* Steps side by side in panels of tile_rows rows, or rows of steps that lie close together. */
static void pack_a(const thor_compute *compute, const thor_gemm_job *j, const block *at)
{
    int64_t height = compute->kernels->tile_rows;
    const float *a = j->a + at->row * j->a_row + at->step * j->a_step;
    if (j->a_step == 1)
        compute->kernels->pack(at->packed_a, row_length(at->steps), 0, a, j->a_row, 1, at->rows, at->steps);
    else
        compute->kernels->pack(at->packed_a, height, height * at->steps, a, j->a_step, j->a_row, at->steps, at->rows);
}

static thor_tile prepare_tile(const thor_compute *compute, const thor_gemm_job *j, const block *at)
{
    thor_tile tile = { .k = at->steps, .a_row = j->a_row, .a_step = j->a_step };
    if (j->pack_a && j->a_step == 1) {
        tile.a_row = row_length(at->steps);
    } else if (j->pack_a) {
        tile.a_row = 1;
        tile.a_step = compute->kernels->tile_rows;
    }
    if (at->last) {
        tile.transposed = j->transposed;
        tile.add = j->add;
        tile.relu = j->relu;
    }
    return tile;
}

/* Points the tile at rows `row` … and columns `column` … of the block. */
static void place_tile(thor_tile *tile, const thor_gemm_job *j, const block *at, int64_t row, int64_t column)
{
    int64_t i = at->row + row, l = at->column + column;
    float *c = j->c + (j->transposed ? l * j->c_row + i : i * j->c_row + l);
    float *sums = at->sums_aside ? at->sums + row * at->columns + column : c;
    int64_t sums_row = at->sums_aside ? at->columns : j->c_row;
    tile->init = at->first && !j->chain ? NULL : at->first ? c : sums;
    tile->init_row = at->first ? j->c_row : sums_row;
    tile->c = at->last ? c : sums;
    tile->c_row = at->last ? j->c_row : sums_row;
    tile->bias = at->last && j->bias ? j->bias + (j->transposed ? i : l) : NULL;
}

/* In which order tiles come: where A is read where it lies, its rows stay in the first-level cache and the panels pass;
 * else a panel stays and the rows pass. */
static bool rows_stay(const thor_gemm_job *j)
{
    return !j->pack_a;
}

/* Where the next tile will read or write c: NULL where that is not in rows. */
static const float *next_c(const thor_gemm_job *j, const block *at, const thor_tile *tile, int64_t row, int64_t start)
{
    int64_t next = start + tile->columns;
    if (j->transposed && !at->sums_aside)
        return NULL;
    if (rows_stay(j) && next < at->columns)
        return tile->c + tile->columns;
    if (row + tile->rows >= at->rows)
        return NULL;
    return tile->c + tile->rows * tile->c_row - (rows_stay(j) ? start : 0);
}

/* A tile asks for the rows of the next one; the last panel of packed rows for those that are packed after them. */
static void look_ahead(thor_tile *tile, const thor_gemm_job *j, const block *at, int64_t row, bool last_panel)
{
    bool to_pack = j->pack_a && last_panel && at->next_a;
    tile->next_row = to_pack ? j->a_row : tile->a_row;
    tile->next = to_pack ? at->next_a + row * j->a_row
                 : tile->a + (row + tile->rows < at->rows ? tile->rows * tile->a_row : 0);
}

/* Tile `row` … of A against one panel of the block's columns. */
static void compute_tile(const thor_compute *compute, const thor_gemm_job *j, const block *at, thor_tile *tile,
                         int64_t row, int64_t start, int64_t width)
{
    tile->columns = thor_smaller(width, at->columns - start);
    tile->b = at->packed_b + start * at->steps;
    tile->b_step = width;
    tile->b_apart = !j->pack_b && tile->columns % 16 == 0;
    if (tile->b_apart) {
        tile->b = j->b + at->step * j->b_step + at->column + start;
        tile->b_step = j->b_step;
    }
    tile->a = !j->pack_a ? j->a + (at->row + row) * j->a_row + at->step * j->a_step
              : at->packed_a + row * (j->a_step == 1 ? tile->a_row : at->steps);
    place_tile(tile, j, at, row, start);
    look_ahead(tile, j, at, row, start + width >= at->columns);
    tile->next_c = next_c(j, at, tile, row, start);
    compute->kernels->tile(tile);
}

/* Rows of the tile at `row`: all that it has, or where few are left about half of them, since a tile of one or two rows
 * has too few chains to keep the multipliers busy. */
static int64_t rows_of_tile(const thor_compute *compute, const thor_gemm_job *j, const block *at, int64_t row)
{
    int64_t most = compute->kernels->tile_rows, left = at->rows - row;
    bool apart = j->a_step == 1;        /* rows that lie side by side are packed for whole tiles */
    return left >= 2 * most || !apart ? thor_smaller(most, left) : left > most ? (left + 1) / 2 : left;
}

static void compute_panels(const thor_compute *compute, const thor_gemm_job *j, const block *at, thor_tile *tile)
{
    panels p = divide_columns(compute, at->columns);
    bool stay = rows_stay(j);
    int64_t outer = stay ? 1 : p.count, inner = stay ? p.count : 1;
    for (int64_t o = 0; o < outer; o++)
        for (int64_t row = 0; row < at->rows; row += tile->rows) {
            tile->rows = rows_of_tile(compute, j, at, row);
            for (int64_t index = o; index < o + inner; index++) {
                int64_t start = panel_start(&p, index);
                compute_tile(compute, j, at, tile, row, start, panel_start(&p, index + 1) - start);
            }
        }
}

/* Columns that do not fill a vector cannot be read where they lie: only their panel is packed. */
static void pack_last_panel(const thor_compute *compute, const thor_gemm_job *j, const block *at)
{
    panels p = divide_columns(compute, at->columns);
    int64_t start = panel_start(&p, p.count - 1), width = panel_start(&p, p.count) - start;
    if (at->columns % 16 != 0)
        compute->kernels->pack(at->packed_b + start * at->steps, width, 0,
                               j->b + at->step * j->b_step + at->column + start, j->b_step, 1, at->steps,
                               at->columns - start);
}

/* Rows of A that fit the memory for packed ones with so many steps. */
static int64_t packed_rows(const thor_compute *compute, int64_t steps)
{
    int64_t unit = compute->kernels->tile_rows, rows = compute->block_m * compute->block_k / row_length(steps);
    return thor_gemm_whole(rows, unit);
}

/* Where a thread's memory holds what: B, then A, then sums. */
static int64_t memory_of_b(const thor_compute *compute)
{
    return compute->block_k * (compute->block_n + 16);
}

static int64_t memory_of_a(const thor_compute *compute)
{
    int64_t unit = compute->kernels->tile_rows, one = unit * row_length(THOR_MOST_STEPS),
            all = (compute->block_m + unit) * row_length(compute->block_k);
    return one > all ? one : all;
}

int64_t thor_gemm_memory(const thor_compute *compute)
{
    return memory_of_b(compute) + memory_of_a(compute) + compute->block_m * (compute->block_n + 16);
}

/* The rows of A after those of `at`: the next ones of the rectangle or, where they were the last, the first ones with
 * the steps that follow; NULL after the last of both. */
static const float *following_rows(const thor_gemm_job *j, const block *all, const block *at)
{
    int64_t row = at->row + at->rows, end = all->row + all->rows;
    if (row < end)
        return j->a + row * j->a_row + at->step * j->a_step;
    return at->last ? NULL : j->a + all->row * j->a_row + (at->step + at->steps) * j->a_step;
}

/* The part of k at hand against rows `row` … of the rectangle, as many at a time as fit. */
static void compute_steps(const thor_compute *compute, const thor_gemm_job *j, const block *all)
{
    thor_tile tile = prepare_tile(compute, j, all);
    int64_t height = packed_rows(compute, all->steps);
    for (int64_t done = 0; done < all->rows; done += height) {
        block at = *all;
        at.row += done;
        at.rows = thor_smaller(height, all->rows - done);
        at.sums += done * at.columns;
        at.next_a = following_rows(j, all, &at);
        if (j->pack_a)
            pack_a(compute, j, &at);
        compute_panels(compute, j, &at, &tile);
    }
}

/* All of k for a rectangle that fits the thread's memory. `b_is_packed`: an earlier rectangle left its columns
 * there. */
static void compute_block(const thor_compute *compute, const thor_gemm_job *j, block *at, bool b_is_packed)
{
    at->sums_aside = thor_gemm_sums_aside(j);
    at->step = 0;
    do {
        at->steps = thor_smaller(j->block_k, j->k - at->step);
        at->first = at->step == 0;
        at->last = at->step + at->steps >= j->k;
        if (j->pack_b && !b_is_packed)
            pack_b(compute, j, at);
        else if (!j->pack_b)
            pack_last_panel(compute, j, at);
        compute_steps(compute, j, at);
        at->step += at->steps;
    } while (at->step < j->k);
}

/* Where part `index` of `parts` begins, in whole units: panels that are as wide as the tile serve it best. */
static int64_t part_start(int64_t n, int64_t unit, int64_t parts, int64_t index)
{
    return thor_smaller(n, thor_gemm_parts(n, unit) * index / parts * unit);
}

static void compute_rectangle(const thor_compute *compute, const thor_gemm_job *j, int64_t row, int64_t row_end,
                              int64_t column, int64_t column_end, bool b_is_packed, int thread)
{
    float *packed_b = compute->pack[thread], *packed_a = packed_b + memory_of_b(compute);
    float *sums = packed_a + memory_of_a(compute);
    int64_t columns = column_end - column, unit = compute->kernels->tile_columns,
            blocks = thor_gemm_parts(columns, j->block_n);
    for (int64_t n = 0; n < blocks; n++) {
        int64_t start = column + part_start(columns, unit, blocks, n),
                end = column + part_start(columns, unit, blocks, n + 1);
        int64_t height = thor_gemm_sums_aside(j) ? compute->block_m * compute->block_n / (end - start) : row_end - row;
        for (int64_t m = row; m < row_end; m += height) {
            block at = { .row = m, .rows = thor_smaller(height, row_end - m), .column = start,
                         .columns = end - start, .packed_a = packed_a, .packed_b = packed_b, .sums = sums };
            compute_block(compute, j, &at, b_is_packed || (m > row && j->k <= j->block_k));
        }
    }
}

/* A few rows against B = W^T where it lies. */
static void compute_few(const thor_compute *compute, const thor_gemm_job *j, int64_t column, int64_t column_end)
{
    float *c = j->c + column;
    thor_tile tile = { .rows = j->rows, .columns = column_end - column, .k = j->k, .a = j->a, .a_row = j->a_row,
                       .a_step = 1, .b = j->b + column * j->b_column, .b_step = j->b_column,
                       .init = j->chain ? c : NULL, .init_row = j->c_row, .c = c, .c_row = j->c_row,
                       .bias = j->bias ? j->bias + column : NULL, .add = j->add, .relu = j->relu };
    compute->kernels->few_rows(&tile);
}

void thor_gemm_task(const thor_compute *compute, const thor_gemm_job *j, int64_t task, bool follows, int thread)
{
    assert(task >= 0 && task < j->row_parts * j->column_parts);
    int64_t height = compute->kernels->tile_rows, group = task / (j->row_run * j->column_parts);
    int64_t c = task / j->row_run % j->column_parts, r = group * j->row_run + task % j->row_run;
    int64_t row = part_start(j->rows, height, j->row_parts, r),
            row_end = part_start(j->rows, height, j->row_parts, r + 1);
    int64_t width = thor_gemm_column_unit(compute, j);
    int64_t column = part_start(j->columns, width, j->column_parts, c);
    int64_t column_end = part_start(j->columns, width, j->column_parts, c + 1);
    if (row >= row_end || column >= column_end)
        return;
    if (j->few_rows)
        compute_few(compute, j, column, column_end);
    else
        compute_rectangle(compute, j, row, row_end, column, column_end, follows && task % j->row_run > 0, thread);
}
