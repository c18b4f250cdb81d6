/* Blocking, packing and sharing out of matrix products.
 *
 * The reference product keeps numerics rule 2 whatever happens here: an element's chain over k runs on from block to
 * block, in c itself or, where c still holds another term, in a block of sums beside the packed operands.
 *
 * Vectors run over the columns of B, packed in panels of a tile's width; A is read where it lies when its steps are
 * neighbours. With B = W^T (every linear layer) either operand would have to be turned round; the smaller one is, by
 * computing C^T = W A^T when that is A. */
#include "simd/gemm.h"

#include <stddef.h>

/* Steps at a time where B is read where it lies: as many as a tile looks ahead, so that its prefetches bring the next
 * block; columns from which on rows of A are worth a copy. */
enum { DIRECT_BLOCK_K = 32, COPIED_COLUMNS = 384 };

/* Floats of an operand that the first-level cache keeps; rows of A up to which a packed block of B, used but once,
 * stays in the second-level cache. */
enum { SMALL = 8192, FEW_ROWS = 64 };

/* Work below this many multiply-adds is not worth waking other threads for. */
static const int64_t least_shared_work = 1 << 17;

/* One product with its operands in the roles that they will have. */
typedef struct job {
    int64_t rows, columns, k;
    const float *a;
    int64_t a_row, a_step;
    const float *b;
    int64_t b_step, b_column;
    float *c;
    int64_t c_row;
    const float *bias;
    bool chain, add, relu, transposed;
    bool pack_a, pack_b;
    int64_t block_k, block_n;
    int64_t row_parts, column_parts;    /* tasks that it is cut into */
} job;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Floats from row to row of A where rows are copied: whole vectors, and never a power of two, which would put rows into
 * the same places of the cache. */
static int64_t row_length(int64_t steps)
{
    return (steps + 15) / 32 * 32 + 16;
}

static int64_t parts_of(int64_t n, int64_t size)
{
    return (n + size - 1) / size;
}

/* An operand is read where it lies when it is small, or used too seldom to pay for a copy. */
static void choose_packing(const thor_compute *compute, job *j)
{
    bool a_in_rows = j->a_step == 1, b_in_rows = j->b_column == 1;
    bool small_a = j->rows * j->k <= SMALL, small_b = j->columns * j->k <= SMALL;
    if (a_in_rows)
        j->pack_a = j->a_row % 128 == 0 && j->columns >= COPIED_COLUMNS && j->rows > 1;
    else
        j->pack_a = j->a_row != 1 || !small_a;
    j->pack_b = !b_in_rows || (j->rows > compute->kernels->tile_rows && !small_b);
}

/* Steps and columns in one block. Sums that cannot wait in c are costly to put aside: there a block is as long as its
 * columns allow. */
static void choose_blocks(const thor_compute *compute, job *j)
{
    int64_t most = compute->block_k, few = 2 * compute->block_m * compute->block_k;
    j->block_n = compute->block_n;
    if (!j->pack_b) {
        most = smaller(most, DIRECT_BLOCK_K);
    } else if (j->rows <= FEW_ROWS && j->b_step == 1) {
        int64_t columns = few / compute->block_k / 16 * 16;
        j->block_n = smaller(j->block_n, columns < 16 ? 16 : columns);
    } else if (j->rows <= FEW_ROWS) {
        int64_t lines = few / (parts_of(smaller(j->columns, j->block_n), 16) * 16);
        most = smaller(most, lines < 16 ? 16 : lines);
    } else if (j->add || j->transposed) {
        int64_t columns = smaller(parts_of(j->columns, 16) * 16, j->block_n);
        most = smaller(compute->block_k * compute->block_n / columns, THOR_MOST_STEPS);
    }
    j->block_k = j->k > most ? parts_of(j->k, parts_of(j->k, most)) : j->k;
}

static job orient(const thor_compute *compute, const thor_gemm *p)
{
    job j = { .rows = p->m, .columns = p->n, .k = p->k, .a = p->a, .a_row = p->a_row, .a_step = p->a_column, .b = p->b,
              .b_step = p->b_row, .b_column = p->b_column, .c = p->c, .c_row = p->c_row, .bias = p->bias,
              .chain = p->mode == THOR_GEMM_CHAIN, .add = p->mode == THOR_GEMM_ADD, .relu = p->relu,
              .row_parts = 1, .column_parts = 1 };
    bool turned_b = p->b_column != 1 && p->b_row == 1;
    if (turned_b && !j.chain && 2 * p->m * (p->k + p->n) < p->n * p->k) {      /* turning C round costs twice */
        j.transposed = true;
        j.rows = p->n;
        j.columns = p->m;
        j.a = p->b;
        j.a_row = p->b_column;
        j.a_step = p->b_row;
        j.b = p->a;
        j.b_step = p->a_column;
        j.b_column = p->a_row;
    }
    choose_packing(compute, &j);
    choose_blocks(compute, &j);
    return j;
}

/* A rectangle of C, the part of k at hand and where the thread's operands lie. */
typedef struct block {
    int64_t row, rows, column, columns, step, steps;
    float *packed_a, *packed_b, *sums;
    bool first, last, sums_wait;        /* of the blocks of k; sums stay aside until the last one */
} block;

/* Panels of one block of columns: as equal as they can be, none wider than the tile, the wider ones first. */
typedef struct panels {
    int64_t count, wide, width;         /* `wide` panels of width + 16 columns, then panels of width */
} panels;

static panels divide_columns(const thor_compute *compute, int64_t columns)
{
    int64_t vectors = parts_of(columns, 16), count = parts_of(columns, compute->kernels->tile_columns);
    return (panels){ count, vectors % count, vectors / count * 16 };
}

static int64_t panel_start(const panels *p, int64_t index)
{
    return index * p->width + 16 * smaller(index, p->wide);
}

static void pack_b(const thor_compute *compute, const job *j, const block *at)
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
static void pack_a(const thor_compute *compute, const job *j, const block *at)
{
    int64_t height = compute->kernels->tile_rows;
    const float *a = j->a + at->row * j->a_row + at->step * j->a_step;
    if (j->a_step == 1)
        compute->kernels->pack(at->packed_a, row_length(at->steps), 0, a, j->a_row, 1, at->rows, at->steps);
    else
        compute->kernels->pack(at->packed_a, height, height * at->steps, a, j->a_step, j->a_row, at->steps, at->rows);
}

static thor_tile prepare_tile(const thor_compute *compute, const job *j, const block *at)
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
static void place_tile(thor_tile *tile, const job *j, const block *at, int64_t row, int64_t column)
{
    int64_t i = at->row + row, l = at->column + column;
    float *c = j->c + (j->transposed ? l * j->c_row + i : i * j->c_row + l);
    float *sums = at->sums_wait ? at->sums + row * at->columns + column : c;
    int64_t sums_row = at->sums_wait ? at->columns : j->c_row;
    tile->init = at->first && !j->chain ? NULL : at->first ? c : sums;
    tile->init_row = at->first ? j->c_row : sums_row;
    tile->c = at->last ? c : sums;
    tile->c_row = at->last ? j->c_row : sums_row;
    tile->bias = at->last && j->bias ? j->bias + (j->transposed ? i : l) : NULL;
}

/* Tile `row` … of A against one panel of the block's columns. */
static void compute_tile(const thor_compute *compute, const job *j, const block *at, thor_tile *tile, int64_t row,
                         int64_t start, int64_t width)
{
    tile->columns = smaller(width, at->columns - start);
    tile->b = at->packed_b + start * at->steps;
    tile->b_step = width;
    if (!j->pack_b && tile->columns % 16 == 0) {
        tile->b = j->b + at->step * j->b_step + at->column + start;
        tile->b_step = j->b_step;
    }
    tile->a = !j->pack_a ? j->a + (at->row + row) * j->a_row + at->step * j->a_step
              : at->packed_a + row * (j->a_step == 1 ? tile->a_row : at->steps);
    tile->next = tile->a + (row + tile->rows < at->rows ? tile->rows * tile->a_row : 0);
    place_tile(tile, j, at, row, start);
    compute->kernels->tile(tile);
}

/* Rows of the tile at `row`: all that it has, or where few are left about half of them, since a tile of one or two rows
 * has too few chains to keep the multipliers busy. */
static int64_t rows_of_tile(const thor_compute *compute, const job *j, const block *at, int64_t row)
{
    int64_t most = compute->kernels->tile_rows, left = at->rows - row;
    bool apart = j->a_step == 1;        /* rows that lie side by side are packed for whole tiles */
    return left >= 2 * most || !apart ? smaller(most, left) : left > most ? (left + 1) / 2 : left;
}

/* A panel stays in the first-level cache while all rows pass; where B has few columns and A comes from memory, its rows
 * stay and the panels pass. */
static void compute_panels(const thor_compute *compute, const job *j, const block *at, thor_tile *tile)
{
    panels p = divide_columns(compute, at->columns);
    bool rows_stay = !j->pack_a && p.count <= 4;
    int64_t outer = rows_stay ? 1 : p.count, inner = rows_stay ? p.count : 1;
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
static void pack_last_panel(const thor_compute *compute, const job *j, const block *at)
{
    panels p = divide_columns(compute, at->columns);
    int64_t start = panel_start(&p, p.count - 1), width = panel_start(&p, p.count) - start;
    if (at->columns % 16 != 0)
        compute->kernels->pack(at->packed_b + start * at->steps, width, 0,
                               j->b + at->step * j->b_step + at->column + start, j->b_step, 1, at->steps,
                               at->columns - start);
}

/* c cannot hold the chain between two blocks of k where it holds another term, or lies across. */
static bool sums_wait(const job *j)
{
    return j->k > j->block_k && (j->add || j->transposed);
}

/* Rows of A that fit the memory for packed ones with so many steps. */
static int64_t packed_rows(const thor_compute *compute, int64_t steps)
{
    int64_t unit = compute->kernels->tile_rows, rows = compute->block_m * compute->block_k / row_length(steps);
    return rows < unit ? unit : rows / unit * unit;
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

/* The part of k at hand against rows `row` … of the rectangle, as many at a time as fit. */
static void compute_steps(const thor_compute *compute, const job *j, const block *whole)
{
    thor_tile tile = prepare_tile(compute, j, whole);
    int64_t height = packed_rows(compute, whole->steps);
    for (int64_t done = 0; done < whole->rows; done += height) {
        block at = *whole;
        at.row += done;
        at.rows = smaller(height, whole->rows - done);
        at.sums += done * at.columns;
        if (j->pack_a)
            pack_a(compute, j, &at);
        compute_panels(compute, j, &at, &tile);
    }
}

/* All of k for a rectangle that fits the thread's memory. `b_is_packed`: an earlier rectangle left its columns
 * there. */
static void compute_block(const thor_compute *compute, const job *j, block *at, bool b_is_packed)
{
    at->sums_wait = sums_wait(j);
    at->step = 0;
    do {
        at->steps = smaller(j->block_k, j->k - at->step);
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

static void compute_rectangle(const thor_compute *compute, const job *j, int64_t row, int64_t row_end, int64_t column,
                              int64_t column_end, int thread)
{
    float *packed_b = compute->pack[thread], *packed_a = packed_b + memory_of_b(compute);
    float *sums = packed_a + memory_of_a(compute);
    int64_t vectors = parts_of(column_end - column, 16), blocks = parts_of(column_end - column, j->block_n);
    for (int64_t n = 0; n < blocks; n++) {
        int64_t start = column + vectors * n / blocks * 16,
                end = smaller(column + vectors * (n + 1) / blocks * 16, column_end);
        int64_t height = sums_wait(j) ? compute->block_m * compute->block_n / (end - start) : row_end - row;
        for (int64_t m = row; m < row_end; m += height) {
            block at = { .row = m, .rows = smaller(height, row_end - m), .column = start, .columns = end - start,
                         .packed_a = packed_a, .packed_b = packed_b, .sums = sums };
            compute_block(compute, j, &at, m > row && j->k <= j->block_k);
        }
    }
}

/* Bounds of part `index` of `parts`, in whole units. */
static int64_t part_start(int64_t n, int64_t unit, int64_t parts, int64_t index)
{
    return smaller(n, parts_of(n, unit) * index / parts * unit);
}

static void compute_task(const thor_compute *compute, const job *j, int64_t task, int thread)
{
    int64_t height = compute->kernels->tile_rows, r = task / j->column_parts, c = task % j->column_parts;
    int64_t row = part_start(j->rows, height, j->row_parts, r),
            row_end = part_start(j->rows, height, j->row_parts, r + 1);
    int64_t column = part_start(j->columns, 16, j->column_parts, c);
    int64_t column_end = part_start(j->columns, 16, j->column_parts, c + 1);
    if (row < row_end && column < column_end)
        compute_rectangle(compute, j, row, row_end, column, column_end, thread);
}

/* Rows are cut where packing B twice costs less than packing A twice, else columns. */
static void cut(const thor_compute *compute, job *j, int64_t parts)
{
    int64_t most_rows = parts_of(j->rows, compute->kernels->tile_rows), most_columns = parts_of(j->columns, 16);
    int64_t cost_of_rows = j->pack_b ? j->columns : 0, cost_of_columns = j->pack_a ? j->rows : 0;
    bool rows = cost_of_rows <= cost_of_columns ? most_rows >= parts : most_columns < parts && most_rows > most_columns;
    if (rows)
        j->row_parts = smaller(parts, most_rows);
    else
        j->column_parts = smaller(parts, most_columns);
}

typedef struct share {
    const thor_compute *compute;
    const thor_gemm *products;
    int64_t count, work_of_task;
} share;

static int64_t work_of(const thor_gemm *p)
{
    return p->m * p->n * (p->k > 0 ? p->k : 1);
}

static job job_of(const share *s, int64_t product)
{
    job j = orient(s->compute, &s->products[product]);
    cut(s->compute, &j, parts_of(work_of(&s->products[product]), s->work_of_task));
    return j;
}

static void run_task(void *context, int64_t begin, int64_t end, int thread)
{
    const share *s = context;
    for (int64_t task = begin; task < end; task++) {
        int64_t before = 0;
        for (int64_t i = 0; i < s->count; i++) {
            if (work_of(&s->products[i]) == 0)
                continue;
            job j = job_of(s, i);
            int64_t tasks = j.row_parts * j.column_parts;
            if (task < before + tasks) {
                compute_task(s->compute, &j, task - before, thread);
                break;
            }
            before += tasks;
        }
    }
}

static void run_reference(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    int64_t work = 0, tasks = 0;
    for (int64_t i = 0; i < count; i++)
        work += work_of(&products[i]);
    if (compute->par.threads <= 1 || work < least_shared_work) {
        for (int64_t i = 0; i < count; i++)
            thor_gemm_serial(compute, &products[i], 0);
        return;
    }
    share s = { compute, products, count, parts_of(work, compute->par.threads * (count > 1 ? 4 : 1)) };
    for (int64_t i = 0; i < count; i++)
        if (work_of(&products[i]) > 0) {
            job j = job_of(&s, i);
            tasks += j.row_parts * j.column_parts;
        }
    thor_par_each(&compute->par, tasks, run_task, &s);
}

void thor_gemm_run(const thor_compute *compute, const thor_gemm *products, int64_t count)
{
    if (!compute->backend) {
        run_reference(compute, products, count);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        compute->backend(&products[i], compute->par.threads);
}

void thor_gemm_serial(const thor_compute *compute, const thor_gemm *product, int thread)
{
    if (product->m <= 0 || product->n <= 0)
        return;
    job j = orient(compute, product);
    compute_rectangle(compute, &j, 0, j.rows, 0, j.columns, thread);
}

thor_gemm thor_gemm_forward(float *y, const float *x, const float *weight, const float *bias, int64_t rows, int64_t in,
                            int64_t out)
{
    return (thor_gemm){ .m = rows, .n = out, .k = in, .a = x, .a_row = in, .a_column = 1, .b = weight, .b_row = 1,
                        .b_column = in, .c = y, .c_row = out, .bias = bias, .mode = THOR_GEMM_STORE };
}

thor_gemm thor_gemm_input_gradient(float *dx, const float *dy, const float *weight, int64_t rows, int64_t in,
                                   int64_t out)
{
    return (thor_gemm){ .m = rows, .n = in, .k = out, .a = dy, .a_row = out, .a_column = 1, .b = weight, .b_row = in,
                        .b_column = 1, .c = dx, .c_row = in, .mode = THOR_GEMM_STORE };
}

thor_gemm thor_gemm_weight_gradient(float *dw, const float *dy, const float *x, int64_t rows, int64_t in, int64_t out)
{
    return (thor_gemm){ .m = out, .n = in, .k = rows, .a = dy, .a_row = 1, .a_column = out, .b = x, .b_row = in,
                        .b_column = 1, .c = dw, .c_row = in, .mode = THOR_GEMM_STORE };
}
