#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/agree.h"
#include "cluster/exchange.h"
#include "tests/cluster/local_cluster.h"
#include "train/reduce.h"

/* ---- the tree, symbol by symbol ---- */

/* A sum of two sums that tells their order and nesting apart. */
static uint64_t join(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9E3779B97F4A7C15u + (b ^ 0xD1B54A32D192ED03u);
    return (x ^ x >> 29) * 0xBF58476D1CE4E5B9u;
}

static uint64_t leaf(int32_t shard)
{
    return join((uint64_t)shard + 1, 7);
}

/* T(h, i) by its definition. */
static uint64_t node(int height, int64_t index, int32_t shards)
{
    if (height == 0)
        return leaf((int32_t)index);
    uint64_t left = node(height - 1, 2 * index, shards);
    bool right = (2 * index + 1) << (height - 1) < shards;
    return right ? join(left, node(height - 1, 2 * index + 1, shards)) : left;
}

/* A binary counter, as a rank and as an owner has one. */
typedef struct {
    uint64_t sum[70];
    int height[70], used;
} counter;

static void push(counter *c, uint64_t sum, int height)
{
    c->sum[c->used] = sum;
    c->height[c->used++] = height;
    for (; c->used > 1 && c->height[c->used - 1] == c->height[c->used - 2]; c->used--, c->height[c->used - 1]++)
        c->sum[c->used - 2] = join(c->sum[c->used - 2], c->sum[c->used - 1]);
}

static uint64_t finish(counter *c)
{
    for (; c->used > 1; c->used--)
        c->sum[c->used - 2] = join(c->sum[c->used - 2], c->sum[c->used - 1]);
    return c->sum[0];
}

START_TEST(partials_make_the_tree)
{
    for (int32_t shards = 1; shards <= 65; shards++) {
        int height = 0;
        while (1 << height < shards)
            height++;
        uint64_t root = node(height, 0, shards);
        for (int size = 1; size <= 70; size++) {
            thor_partial list[65];
            counter owner = { .used = 0 };
            int32_t count = thor_partials_list(list, shards, size), next = 0;
            for (int32_t p = 0; p < count; p++) {
                counter rank = { .used = 0 };
                int32_t first, end;
                thor_shards_of(shards, size, list[p].rank, &first, &end);
                ck_assert_int_eq(list[p].first, next);
                ck_assert(first <= list[p].first && list[p].end <= end && list[p].first < list[p].end);
                for (int32_t s = list[p].first; s < list[p].end; s++)
                    push(&rank, leaf(s), 0);
                push(&owner, finish(&rank), list[p].height);
                next = list[p].end;
            }
            ck_assert_int_eq(next, shards);
            ck_assert_msg(finish(&owner) == root, "%d shards on %d ranks", (int)shards, size);
        }
    }
}
END_TEST

/* The blocks that the page promises for eight shards; and every step of up to so many shards fits. */
START_TEST(blocks_of_gradients)
{
    static const int expected[] = { 4, 3, 3, 2, 2, 2, 2, 1, 1 };
    for (int size = 1; size <= 9; size++) {
        int most = 0;
        for (int rank = 0; rank < size; rank++) {
            int blocks = thor_partial_blocks(8, size, rank);
            most = blocks > most ? blocks : most;
        }
        ck_assert_int_eq(most, expected[size - 1]);
    }
    for (int32_t shards = 1; shards <= 33; shards++)
        for (int size = 1; size <= 12; size++) {
            thor_partial list[33];
            int32_t count = thor_partials_list(list, shards, size);
            for (int rank = 0; rank < size; rank++) {
                int before = 0;
                for (int32_t p = 0; p < count; p++)
                    if (list[p].rank == rank)
                        ck_assert_int_ge(thor_partial_blocks(shards + 5, size, rank),
                                         before++ + thor_reduce_buffers(list[p].end - list[p].first));
            }
        }
}
END_TEST

/* ---- real numbers ---- */

enum { FLOATS = 2311, PIECES = 60, MOST_SHARDS = 12 };

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Pieces of 1 to 64 floats, with gaps of other lengths behind some. */
static void make_starts(int64_t starts[PIECES])
{
    uint32_t state = 5;
    int64_t at = 0;
    for (int i = 0; i < PIECES; i++) {
        starts[i] = at;
        at += 1 + draw(&state) % 38;
    }
    ck_assert_int_lt(at, FLOATS);
}

/* Numbers of very different sizes: any other order of additions shows. */
static void make_gradient(float *block, int32_t shard)
{
    uint32_t state = 77u + (uint32_t)shard;
    for (int i = 0; i < FLOATS; i++)
        block[i] = ((float)draw(&state) / 8388608.0f - 1) * (float)(1 << draw(&state) % 20);
}

typedef struct {
    int32_t shards;
    int64_t most;
    float expected[FLOATS];
} trial;

static void exchange_body(void *context, const thor_cluster *cluster)
{
    const trial *t = context;
    int64_t starts[PIECES];
    thor_buckets buckets;
    thor_exchange exchange;
    thor_error error;
    thor_par par = { 1 };
    thor_compute compute;
    float *blocks[8] = { NULL };
    int own = thor_partial_blocks(t->shards, cluster->size, cluster->rank), j = 0;
    make_starts(starts);
    ck_assert_int_eq(thor_compute_open(&compute, "scalar", 1, &error), THOR_OK);
    ck_assert_int_eq(thor_buckets_open(&buckets, starts, PIECES, FLOATS, t->most, cluster->size, &error), THOR_OK);
    ck_assert_int_eq(thor_exchange_open(&exchange, cluster, &buckets, &par, t->shards, &error), THOR_OK);
    for (int i = 0; i < own; i++)
        blocks[i] = malloc(FLOATS * sizeof(float));
    thor_exchange_begin(&exchange, t->shards);
    for (int32_t p = 0; p < exchange.partial_count; p++) {
        if (exchange.partials[p].rank != cluster->rank)
            continue;
        thor_reduce tree = thor_reduce_start(&compute, blocks + j++, FLOATS);
        for (int32_t s = exchange.partials[p].first; s < exchange.partials[p].end; s++) {
            make_gradient(thor_reduce_next(&tree), s);
            thor_reduce_push(&tree);
        }
        thor_reduce_finish(&tree);
    }
    thor_exchange_sum(&exchange, blocks);
    for (int64_t b = 0; b < buckets.count; b++) {
        const int64_t *at = thor_bucket_at(&buckets, b);
        ck_assert_msg(memcmp(blocks[0] + at[cluster->rank], t->expected + at[cluster->rank],
                             (size_t)(at[cluster->rank + 1] - at[cluster->rank]) * sizeof(float)) == 0,
                      "%d shards on %d ranks, bucket %lld of rank %d", (int)t->shards, cluster->size, (long long)b,
                      cluster->rank);
        cluster->all_gather(cluster->state, blocks[0], at);
    }
    ck_assert(memcmp(blocks[0], t->expected, sizeof t->expected) == 0);
    for (int i = 0; i < own; i++)
        free(blocks[i]);
    thor_exchange_close(&exchange);
    thor_buckets_close(&buckets);
    thor_compute_close(&compute);
}

START_TEST(sums_of_one_process)
{
    trial t = { .shards = _i + 1, .most = 64 };
    float *blocks[5];
    thor_error error;
    thor_compute compute;
    ck_assert_int_eq(thor_compute_open(&compute, "scalar", 1, &error), THOR_OK);
    for (int i = 0; i < 5; i++)
        blocks[i] = malloc(FLOATS * sizeof(float));
    thor_reduce tree = thor_reduce_start(&compute, blocks, FLOATS);
    for (int32_t s = 0; s < t.shards; s++) {
        make_gradient(thor_reduce_next(&tree), s);
        thor_reduce_push(&tree);
    }
    memcpy(t.expected, thor_reduce_finish(&tree), sizeof t.expected);
    for (int size = 1; size <= 9; size++)
        local_cluster_run(size, exchange_body, &t);
    t.most = THOR_BUCKET_FLOATS;
    local_cluster_run(3, exchange_body, &t);
    for (int i = 0; i < 5; i++)
        free(blocks[i]);
    thor_compute_close(&compute);
}
END_TEST

/* Every piece has one owner, by the rule; all that is owned is packed without gaps. */
START_TEST(owners)
{
    int64_t starts[PIECES];
    make_starts(starts);
    for (int size = 1; size <= 9; size++) {
        thor_buckets buckets;
        thor_error error;
        int64_t seen[9] = { 0 }, sum = 0;
        ck_assert_int_eq(thor_buckets_open(&buckets, starts, PIECES, FLOATS, 200, size, &error), THOR_OK);
        for (int64_t b = 0; b < buckets.count; b++) {
            const int64_t *at = thor_bucket_at(&buckets, b);
            int64_t n = at[size] - at[0];
            for (int i = 0; i < PIECES; i++) {
                int64_t f = starts[i] - at[0];
                if (f < 0 || starts[i] >= at[size])
                    continue;
                int owner = thor_buckets_owner(&buckets, starts[i]);
                ck_assert(n * owner <= f * size && f * size < n * (owner + 1));
                ck_assert(at[owner] <= starts[i] && starts[i] < at[owner + 1]);
            }
            for (int rank = 0; rank < size; rank++) {
                ck_assert_int_eq(buckets.packed[b * size + rank], seen[rank]);
                seen[rank] += at[rank + 1] - at[rank];
            }
        }
        for (int rank = 0; rank < size; rank++) {
            ck_assert_int_eq(buckets.owned[rank], seen[rank]);
            sum += seen[rank];
        }
        ck_assert_int_eq(sum, FLOATS);
        thor_buckets_close(&buckets);
    }
}
END_TEST

/* ---- agreement ---- */

static void agree_body(void *context, const thor_cluster *cluster)
{
    int failing = *(int *)context;
    thor_error error = { .code = THOR_OK };
    thor_status status = THOR_OK;
    if (cluster->rank >= failing)
        status = thor_fail(&error, cluster->rank == failing ? THOR_E_IO : THOR_E_USAGE, "trouble %d", cluster->rank);
    status = thor_cluster_agree(cluster, status, &error);
    char expected[64];
    snprintf(expected, sizeof expected, "rank %d (here): trouble %d", failing, failing);
    if (failing < cluster->size) {
        ck_assert_int_eq(status, THOR_E_IO);
        ck_assert_str_eq(error.text, failing ? expected : "trouble 0");
    } else {
        ck_assert_int_eq(status, THOR_OK);
    }
    ck_assert(thor_cluster_any(cluster, cluster->rank == failing) == (failing < cluster->size));
    ck_assert(thor_cluster_first_says(cluster, cluster->rank == failing) == (failing == 0));
}

START_TEST(the_lowest_failure_counts)
{
    for (int size = 1; size <= 4; size++)
        for (int failing = 0; failing <= size; failing++)
            local_cluster_run(size, agree_body, &failing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("exchange");
    TCase *tests = tcase_create("exchange");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, partials_make_the_tree);
    tcase_add_test(tests, blocks_of_gradients);
    tcase_add_loop_test(tests, sums_of_one_process, 0, MOST_SHARDS);
    tcase_add_test(tests, owners);
    tcase_add_test(tests, the_lowest_failure_counts);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
