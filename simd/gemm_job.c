/* How a matrix product is laid out: which operand takes which role, what is packed, and into which blocks and tasks it
 * is cut. Nothing of it shows in the bits.
 *
 * Vectors run over the columns of B, packed in panels of a tile's width; A is read where it lies when its steps are
 * neighbours. With B = W^T (every linear layer) either operand would have to be transposed: with a handful of rows
 * that happens in registers; else the smaller one is transposed, by computing C^T = W A^T when that is A. */
#include "simd/gemm_job.h"

#include <stddef.h>

/* Steps at a time where B is read where it lies: as many as a tile looks ahead, so that its prefetches bring the next
 * block. */
enum { DIRECT_BLOCK_K = THOR_STEPS_AHEAD };

/* Floats of an operand that the first-level cache keeps; rows of A up to which B is best read in whole lines. */
enum { SMALL = 8192, FEW_ROWS = 64 };

/* Rows of A so many floats apart lie in the same places of a cache: many of them, which come from memory, are worth a
 * copy where so many columns use it. */
enum { COLLIDING = 1024, COPIED_ROWS = 128, COPIED_COLUMNS = 192 };

/* Columns that make a task of a few rows worth while. */
enum { FEW_ROWS_COLUMNS = 64 };

/* Multiply-adds that copying one float of an operand costs; the part of a task that threads wait for the last one. */
enum { COPY = 24, WAITING = 16 };

/* An operand is read where it lies when it is small, or used too seldom to pay for a copy. */
static void choose_packing(const thor_compute *compute, thor_gemm_job *j)
{
    bool a_in_rows = j->a_step == 1, b_in_rows = j->b_column == 1;
    bool small_a = j->rows * j->k <= SMALL, small_b = j->columns * j->k <= SMALL;
    if (a_in_rows)
        j->pack_a = j->a_row % COLLIDING == 0 && j->columns >= COPIED_COLUMNS && j->rows >= COPIED_ROWS;
    else
        j->pack_a = j->a_row != 1 || !small_a;
    j->pack_b = !b_in_rows || (j->rows > compute->kernels->tile_rows && !small_b);
}

/* Steps and columns in one block of B. Where A is packed, its rows stay in the second-level cache and B comes from
 * behind it; where A is not, half of that cache holds B. Sums that cannot wait in c are costly to put aside: there a
 * block is as long as its columns allow. */
static void choose_blocks(const thor_compute *compute, thor_gemm_job *j)
{
    int64_t most = compute->block_k, resident = 2 * compute->block_m * compute->block_k;
    int64_t columns = thor_gemm_whole(resident / compute->block_k, compute->kernels->tile_columns);
    j->block_n = compute->block_n;
    if (!j->pack_b) {
        most = thor_smaller(most, DIRECT_BLOCK_K);
    } else if (j->rows <= FEW_ROWS && j->b_step != 1) {
        int64_t lines = resident / thor_whole_vectors(thor_smaller(j->columns, j->block_n));
        most = thor_smaller(most, lines < 16 ? 16 : lines);
    } else if (j->add || j->transposed) {
        int64_t used = thor_smaller(thor_whole_vectors(j->columns), j->block_n);
        most = thor_smaller(compute->block_k * compute->block_n / used, THOR_MOST_STEPS);
    } else if (!j->pack_a) {
        j->block_n = thor_smaller(j->block_n, columns);
    }
    j->block_k = j->k > most ? thor_gemm_parts(j->k, thor_gemm_parts(j->k, most)) : j->k;
}

static void transpose(thor_gemm_job *j, const thor_gemm *p)
{
    j->transposed = true;
    j->rows = p->n;
    j->columns = p->m;
    j->a = p->b;
    j->a_row = p->b_column;
    j->a_step = p->b_row;
    j->b = p->a;
    j->b_step = p->a_column;
    j->b_column = p->a_row;
}

thor_gemm_job thor_gemm_plan(const thor_compute *compute, const thor_gemm *p)
{
    thor_gemm_job j = { .rows = p->m, .columns = p->n, .k = p->k, .a = p->a, .a_row = p->a_row,
                        .a_step = p->a_column, .b = p->b, .b_step = p->b_row, .b_column = p->b_column, .c = p->c,
                        .c_row = p->c_row, .bias = p->bias, .chain = p->mode == THOR_GEMM_CHAIN,
                        .add = p->mode == THOR_GEMM_ADD, .relu = p->relu, .row_parts = 1, .column_parts = 1,
                        .row_run = 1 };
    bool b_is_transposed = p->b_column != 1 && p->b_row == 1;
    j.few_rows = b_is_transposed && p->a_column == 1 && p->m <= THOR_FEW_ROWS;
    bool pays = 2 * p->m * (p->k + p->n) < p->n * p->k;     /* transposing C costs twice */
    if (b_is_transposed && !j.few_rows && !j.chain && pays)
        transpose(&j, p);
    choose_packing(compute, &j);
    choose_blocks(compute, &j);
    return j;
}

/* Columns, or rows, of the largest of so many parts. */
static int64_t largest_part(int64_t n, int64_t unit, int64_t parts)
{
    return thor_smaller(n, thor_gemm_parts(thor_gemm_parts(n, unit), parts) * unit);
}

/* Row parts that come one after another with the same packed columns: those of one thread's share, where these columns
 * are one block. */
static int64_t parts_of_run(const thor_compute *compute, const thor_gemm_job *j, int64_t row_parts, int64_t largest)
{
    bool stays = j->pack_b && j->k <= j->block_k && largest <= j->block_n && row_parts % compute->par.threads == 0;
    return stays ? row_parts / compute->par.threads : 1;
}

/* The time is that of the thread that is done last: its share of the tasks is `whole_rows` rows of the grid and some
 * tasks of another (base/par.h), and where threads are not equally fast, they wait for a part of a task at the end. */
int64_t thor_gemm_time(const thor_compute *compute, const thor_gemm_job *j, int64_t row_parts, int64_t column_parts)
{
    int64_t tasks = thor_gemm_parts(row_parts * column_parts, compute->par.threads);
    int64_t whole_rows = tasks / column_parts, others = tasks % column_parts;
    int64_t rows = largest_part(j->rows, compute->kernels->tile_rows, row_parts);
    int64_t largest = largest_part(j->columns, thor_gemm_column_unit(compute, j), column_parts);
    int64_t columns = whole_rows * j->columns + thor_smaller(others * largest, j->columns);
    int64_t packed_b = j->pack_b ? columns / parts_of_run(compute, j, row_parts, largest) : 0;
    int64_t copied = packed_b + (j->pack_a ? tasks * rows : 0);
    return rows * columns + COPY * copied + rows * largest / WAITING;
}

/* Row parts that are tried after so many. */
static int64_t more_rows(int64_t rows, int64_t threads)
{
    return rows < threads ? thor_smaller(2 * rows, threads) : 2 * rows;
}

/* Where every thread has one task or none, smaller tasks are done sooner: of those cuts only the last is looked at. */
static void cut_rows(const thor_compute *compute, thor_gemm_job *j, int64_t parts, int64_t columns, int64_t *least)
{
    int64_t threads = compute->par.threads, rows = 1,
            most = j->few_rows ? 1 : thor_gemm_parts(j->rows, compute->kernels->tile_rows);
    most = thor_smaller(most, parts / columns);
    while (more_rows(rows, threads) <= thor_smaller(most, threads / columns))
        rows = more_rows(rows, threads);
    for (; rows <= most; rows = more_rows(rows, threads)) {
        int64_t time = thor_gemm_time(compute, j, rows, columns);
        if (time >= *least)
            continue;
        *least = time;
        j->row_parts = rows;
        j->column_parts = columns;
    }
}

/* Of the numbers of column parts whose largest part is the same, the least has the fewest tasks: the others are not
 * looked at. This leaves two square roots of the units of columns, and every thread waits for it. */
void thor_gemm_cut(const thor_compute *compute, thor_gemm_job *j, int64_t parts)
{
    int64_t unit = thor_gemm_column_unit(compute, j), width = j->few_rows ? FEW_ROWS_COLUMNS : 2 * unit;
    int64_t most = thor_smaller(parts, j->columns > width ? j->columns / width : 1), least = INT64_MAX;
    int64_t units = thor_gemm_parts(j->columns, unit), largest;
    for (int64_t columns = 1; columns <= most; columns = thor_gemm_parts(units, largest - 1)) {
        cut_rows(compute, j, parts, columns, &least);
        largest = thor_gemm_parts(units, columns);
        if (largest <= 1)
            break;
    }
    j->row_run = parts_of_run(compute, j, j->row_parts, largest_part(j->columns, unit, j->column_parts));
}
