#include "train/reduce.h"

#include <assert.h>

#include "base/block.h"

int thor_reduce_buffers(int32_t shards)
{
    int buffers = 1;
    for (; shards > 1; shards /= 2)
        buffers++;
    return buffers;
}

thor_reduce thor_reduce_start(const thor_compute *compute, float **buffers, int64_t floats)
{
    return (thor_reduce){ .compute = compute, .buffers = buffers, .floats = floats };
}

float *thor_reduce_next(const thor_reduce *tree)
{
    return tree->buffers[tree->used];
}

static void add_body(void *context, int64_t begin, int64_t end, int thread)
{
    const thor_reduce *tree = context;
    float *sum = tree->buffers[tree->used - 2];
    const float *more = tree->buffers[tree->used - 1];
    (void)thread;
    tree->compute->kernels->add(sum + begin, sum + begin, more + begin, end - begin);
}

/* The earlier subtree takes in the later one. */
static void add_top(thor_reduce *tree)
{
    thor_par_for(&tree->compute->par, tree->floats, THOR_BLOCK_GRAIN, add_body, tree);
    tree->used--;
    tree->height[tree->used - 1]++;
}

void thor_reduce_push(thor_reduce *tree)
{
    assert(tree->used < THOR_REDUCE_MOST);
    tree->height[tree->used++] = 0;
    while (tree->used > 1 && tree->height[tree->used - 1] == tree->height[tree->used - 2])
        add_top(tree);
}

float *thor_reduce_finish(thor_reduce *tree)
{
    while (tree->used > 1)
        add_top(tree);
    return tree->buffers[0];
}
