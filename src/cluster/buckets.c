#include "cluster/buckets.h"

#include <stdbool.h>
#include <stdlib.h>

/* Pieces from `first` on fill a bucket; the first piece of the next one. */
static int64_t end_of(const int64_t *starts, int64_t pieces, int64_t floats, int64_t most, int64_t first)
{
    int64_t last = first + 1;
    while (last < pieces && (last + 1 < pieces ? starts[last + 1] : floats) - starts[first] <= most)
        last++;
    return last;
}

static int64_t count_buckets(const int64_t *starts, int64_t pieces, int64_t floats, int64_t most)
{
    int64_t count = 0;
    for (int64_t first = 0; first < pieces; first = end_of(starts, pieces, floats, most, first))
        count++;
    return count;
}

/* Cuts one bucket, pieces first … end - 1, among the ranks. */
static void cut(thor_buckets *buckets, int64_t b, const int64_t *starts, int64_t first, int64_t end, int64_t stop)
{
    int64_t *at = buckets->at + b * (buckets->size + 1), n = stop - starts[first], piece = first;
    for (int rank = 0; rank < buckets->size; rank++) {
        while (piece < end && (starts[piece] - starts[first]) * buckets->size < n * rank)
            piece++;
        at[rank] = piece < end ? starts[piece] : stop;
    }
    at[buckets->size] = stop;
    for (int rank = 0; rank < buckets->size; rank++) {
        buckets->packed[b * buckets->size + rank] = buckets->owned[rank];
        buckets->owned[rank] += at[rank + 1] - at[rank];
    }
}

thor_status thor_buckets_open(thor_buckets *buckets, const int64_t *starts, int64_t pieces, int64_t floats,
                              int64_t most, int size, thor_error *error)
{
    int64_t count = count_buckets(starts, pieces, floats, most), b = 0;
    *buckets = (thor_buckets){ .count = count, .size = size };
    buckets->at = calloc((size_t)(count * (size + 1)), sizeof *buckets->at);
    buckets->packed = calloc((size_t)(count * size), sizeof *buckets->packed);
    buckets->owned = calloc((size_t)size, sizeof *buckets->owned);
    if (!buckets->at || !buckets->packed || !buckets->owned)
        return thor_fail(error, THOR_E_MEMORY, "no memory for %lld buckets of parameters", (long long)count);
    for (int64_t first = 0; first < pieces; b++) {
        int64_t end = end_of(starts, pieces, floats, most, first);
        cut(buckets, b, starts, first, end, end < pieces ? starts[end] : floats);
        first = end;
    }
    return THOR_OK;
}

void thor_buckets_close(thor_buckets *buckets)
{
    free(buckets->at);
    free(buckets->packed);
    free(buckets->owned);
    *buckets = (thor_buckets){ .count = 0 };
}

int64_t thor_buckets_longest(const thor_buckets *buckets, int rank)
{
    int64_t longest = 0;
    for (int64_t b = 0; b < buckets->count; b++) {
        const int64_t *at = thor_bucket_at(buckets, b);
        int64_t length = at[rank + 1] - at[rank];
        longest = length > longest ? length : longest;
    }
    return longest;
}

int thor_buckets_owner(const thor_buckets *buckets, int64_t start)
{
    int64_t low = 0, high = buckets->count - 1;
    while (low < high) {
        int64_t middle = (low + high + 1) / 2;
        if (thor_bucket_at(buckets, middle)[0] <= start)
            low = middle;
        else
            high = middle - 1;
    }
    const int64_t *at = thor_bucket_at(buckets, low);
    int rank = 0;
    while (rank + 1 < buckets->size && at[rank + 1] <= start)
        rank++;
    return rank;
}
