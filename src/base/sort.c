#include "base/sort.h"

#include "base/numbers.h"

/* What heap sort asks of an array: is item a before item b, and exchange them. */
typedef struct array {
    void *items;
    thor_comes_before *before;
    const void *context;
    bool (*less)(const struct array *array, int64_t a, int64_t b);
    void (*swap)(const struct array *array, int64_t a, int64_t b);
} array;

static inline void sink(const array *all, int64_t root, int64_t count)
{
    for (int64_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && all->less(all, child, child + 1))
            child++;
        if (!all->less(all, root, child))
            return;
        all->swap(all, root, child);
    }
}

static inline void heap_sort(const array *all, int64_t count)
{
    for (int64_t root = count / 2 - 1; root >= 0; root--)
        sink(all, root, count);
    for (int64_t last = count - 1; last > 0; last--) {
        all->swap(all, 0, last);
        sink(all, 0, last);
    }
}

/* ---- keys ------------------------------------------------------------------------------------------------------ */

static bool smaller_key(const array *all, int64_t a, int64_t b)
{
    const uint64_t *keys = all->items;
    return keys[a] < keys[b];
}

static void swap_keys(const array *all, int64_t a, int64_t b)
{
    uint64_t *keys = all->items, key = keys[a];
    keys[a] = keys[b];
    keys[b] = key;
}

void thor_sort_u64(uint64_t *keys, int64_t count)
{
    const array all = { .items = keys, .less = smaller_key, .swap = swap_keys };
    heap_sort(&all, count);
}

/* ---- keys, on several threads: runs are sorted side by side, then merged in pairs, a piece of the result each ---- */

/* Keys of a piece; a run has whole pieces. */
enum { PIECE = 1024 };

typedef struct merging {
    uint64_t *from, *to;
    int64_t count;
    int64_t run;                        /* keys of a sorted run */
} merging;

static void sort_run(void *context, int64_t begin, int64_t end, int thread)
{
    const merging *m = context;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        if (i * m->run < m->count)
            thor_sort_u64(m->from + i * m->run, thor_smaller(m->run, m->count - i * m->run));
}

/* How many of the first `rank` keys of a and b together are a's. */
static int64_t part_of_first(const uint64_t *a, int64_t a_count, const uint64_t *b, int64_t b_count, int64_t rank)
{
    int64_t low = thor_larger(0, rank - b_count), high = thor_smaller(rank, a_count);
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (a[middle] <= b[rank - middle - 1])
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void merge_piece(void *context, int64_t begin, int64_t end, int thread)
{
    const merging *m = context;
    (void)thread;
    for (int64_t piece = begin; piece < end; piece++) {
        int64_t at = piece * PIECE, last = thor_smaller(at + PIECE, m->count);
        int64_t first = at / (2 * m->run) * (2 * m->run), second = thor_smaller(first + m->run, m->count);
        const uint64_t *a = m->from + first, *b = m->from + second;
        int64_t a_count = second - first, b_count = thor_smaller(second + m->run, m->count) - second;
        int64_t i = part_of_first(a, a_count, b, b_count, at - first), j = at - first - i;
        for (; at < last; at++)
            m->to[at] = j >= b_count || (i < a_count && a[i] <= b[j]) ? a[i++] : b[j++];
    }
}

/* The runs are a power of 4: so many rounds of merging end where they began. */
void thor_sort_u64_shared(const thor_par *par, uint64_t *keys, uint64_t *spare, int64_t count)
{
    int64_t runs = 1, pieces = (count + PIECE - 1) / PIECE;
    while (runs < par->threads && 4 * runs <= pieces)
        runs *= 4;
    merging m = { .from = keys, .to = spare, .count = count, .run = (pieces + runs - 1) / runs * PIECE };
    thor_par_each(par, runs, sort_run, &m);
    for (; runs > 1; runs /= 2) {
        thor_par_for(par, pieces, 1, merge_piece, &m);
        m = (merging){ .from = m.to, .to = m.from, .count = count, .run = 2 * m.run };
    }
}

/* ---- numbers of things ----------------------------------------------------------------------------------------- */

static bool earlier_item(const array *all, int64_t a, int64_t b)
{
    const int32_t *items = all->items;
    return all->before(all->context, items[a], items[b]);
}

static void swap_items(const array *all, int64_t a, int64_t b)
{
    int32_t *items = all->items, item = items[a];
    items[a] = items[b];
    items[b] = item;
}

void thor_sort_by(int32_t *items, int64_t count, thor_comes_before *before, const void *context)
{
    const array all = { .items = items, .before = before, .context = context, .less = earlier_item,
                        .swap = swap_items };
    heap_sort(&all, count);
}
