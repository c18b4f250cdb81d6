#include "base/sort.h"

static void sink(uint64_t *keys, int64_t root, int64_t count)
{
    uint64_t key = keys[root];
    for (int64_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && keys[child + 1] > keys[child])
            child++;
        if (keys[child] <= key)
            break;
        keys[root] = keys[child];
    }
    keys[root] = key;
}

void thor_sort_u64(uint64_t *keys, int64_t count)
{
    for (int64_t root = count / 2 - 1; root >= 0; root--)
        sink(keys, root, count);
    for (int64_t last = count - 1; last > 0; last--) {
        uint64_t largest = keys[0];
        keys[0] = keys[last];
        keys[last] = largest;
        sink(keys, 0, last);
    }
}
