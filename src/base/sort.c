#include "base/sort.h"

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
