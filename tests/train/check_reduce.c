/* The tree over shards against the recursion that defines it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "train/reduce.h"

enum { FLOATS = 1003, MOST = 40 };

static float *leaf(int32_t shard)
{
    thor_rng rng = thor_rng_make(11, THOR_SITE_TEST, 0, (uint32_t)shard);
    float *values = malloc(FLOATS * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (uint64_t i = 0; i < FLOATS; i++)
        values[i] = thor_rng_uniform(&rng, i) - 0.5f;
    return values;
}

/* 0+1, 2+3, …, then pairs of pairs; an odd one goes up as it is. The caller frees. */
static float *recursion(float **blocks, int32_t count)
{
    if (count == 1)
        return blocks[0];
    int32_t parents = 0;
    for (int32_t i = 0; i < count; i += 2) {
        for (int j = 0; i + 1 < count && j < FLOATS; j++)
            blocks[i][j] = blocks[i][j] + blocks[i + 1][j];
        if (i + 1 < count)
            free(blocks[i + 1]);
        blocks[parents++] = blocks[i];
    }
    return recursion(blocks, parents);
}

static void check_shards(const thor_compute *compute, int32_t shards)
{
    float *buffers[8], *leaves[MOST];
    int count = thor_reduce_buffers(shards);
    for (int i = 0; i < count; i++)
        buffers[i] = malloc(FLOATS * sizeof **buffers);
    thor_reduce tree = thor_reduce_start(compute, buffers, FLOATS);
    for (int32_t s = 0; s < shards; s++) {
        leaves[s] = leaf(s);
        ck_assert_int_lt(tree.used, count);
        memcpy(thor_reduce_next(&tree), leaves[s], FLOATS * sizeof **buffers);
        thor_reduce_push(&tree);
    }
    float *expected = recursion(leaves, shards), *sum = thor_reduce_finish(&tree);
    ck_assert_msg(memcmp(sum, expected, FLOATS * sizeof *sum) == 0, "%d shards: another sum", (int)shards);
    free(expected);
    for (int i = 0; i < count; i++)
        free(buffers[i]);
}

START_TEST(is_the_recursion)
{
    thor_error error;
    for (int threads = 1; threads <= 3; threads++) {
        thor_compute compute;
        ck_assert_msg(thor_compute_open(&compute, NULL, threads, &error) == THOR_OK, "%s", error.text);
        for (int32_t shards = 1; shards <= MOST; shards++)
            check_shards(&compute, shards);
        thor_compute_close(&compute);
    }
}
END_TEST

START_TEST(takes_few_buffers)
{
    static const int expected[] = { 1, 2, 2, 3, 3, 3, 3, 4, 4 };
    for (int32_t shards = 1; shards <= 9; shards++)
        ck_assert_int_eq(thor_reduce_buffers(shards), expected[shards - 1]);
    ck_assert_int_le(thor_reduce_buffers(INT32_MAX), THOR_REDUCE_MOST);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reduce");
    TCase *tests = tcase_create("reduce");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, is_the_recursion);
    tcase_add_test(tests, takes_few_buffers);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
