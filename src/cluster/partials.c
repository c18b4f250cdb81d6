#include "cluster/partials.h"

void thor_shards_of(int32_t shards, int size, int rank, int32_t *first, int32_t *end)
{
    *first = (int32_t)((int64_t)rank * shards / size);
    *end = (int32_t)(((int64_t)rank + 1) * shards / size);
}

/* The rank that computes a shard. */
static int rank_of(int32_t shard, int32_t shards, int size)
{
    int rank = (int)((int64_t)shard * size / shards);
    int32_t first, end;
    thor_shards_of(shards, size, rank, &first, &end);
    for (; shard >= end; thor_shards_of(shards, size, rank, &first, &end))
        rank++;
    return rank;
}

static int32_t list_node(thor_partial *list, int32_t count, int32_t shards, int size, int height, int64_t index)
{
    int64_t first = index << height, end = (index + 1) << height;
    if (first >= shards)
        return count;
    end = end < shards ? end : shards;
    int rank = rank_of((int32_t)first, shards, size);
    if (rank == rank_of((int32_t)end - 1, shards, size)) {
        list[count] = (thor_partial){ (int32_t)first, (int32_t)end, height, rank };
        return count + 1;
    }
    count = list_node(list, count, shards, size, height - 1, 2 * index);
    return list_node(list, count, shards, size, height - 1, 2 * index + 1);
}

int32_t thor_partials_list(thor_partial *list, int32_t shards, int size)
{
    int height = 0;
    while (((int64_t)1 << height) < shards)
        height++;
    return list_node(list, 0, shards, size, height, 0);
}

/* floor(log2(count)) + 1: what the binary counter takes for so many leaves. */
static int counter_blocks(int32_t count)
{
    int blocks = 0;
    for (; count > 0; count /= 2)
        blocks++;
    return blocks;
}

/* The same nodes as list_node, without a list: *before partials of the rank come before, *most blocks are needed. */
static void measure_node(int32_t shards, int32_t own, int32_t own_end, int height, int64_t index, int *before,
                         int *most)
{
    int64_t first = index << height, end = (index + 1) << height;
    end = end < shards ? end : shards;
    if (first >= end || end <= own || first >= own_end)
        return;
    if (own <= first && end <= own_end) {
        int blocks = *before + counter_blocks((int32_t)(end - first));
        *most = blocks > *most ? blocks : *most;
        ++*before;
        return;
    }
    measure_node(shards, own, own_end, height - 1, 2 * index, before, most);
    measure_node(shards, own, own_end, height - 1, 2 * index + 1, before, most);
}

int thor_partial_blocks(int32_t shards, int size, int rank)
{
    int most = 1;
    for (int32_t count = 1; count <= shards; count++) {
        int height = 0, before = 0;
        int32_t own, own_end;
        while (((int64_t)1 << height) < count)
            height++;
        thor_shards_of(count, size, rank, &own, &own_end);
        measure_node(count, own, own_end, height, 0, &before, &most);
    }
    return most;
}
