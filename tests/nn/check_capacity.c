/* Places of experts: how many, and who gets them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "nn/capacity.h"
#include "judge.h"

enum { R = 4, E = 2, K = 2 };

START_TEST(places)
{
    ck_assert_int_eq(thor_capacity(1.0, 1, 64, 32), 2);
    ck_assert_int_eq(thor_capacity(1.0, 1, 65, 32), 3);
    ck_assert_int_eq(thor_capacity(1.0, 2, 33, 32), 4);
    ck_assert_int_eq(thor_capacity(1.25, 1, 33, 32), 2);
    ck_assert_int_eq(thor_capacity(0.75, 2, 8, 4), 3);
    ck_assert_int_eq(thor_capacity(0.1, 1, 4, 4), 1);       /* at least one */
}
END_TEST

/* Four rows; all have expert 0 first and expert 1 second but the last, which has them the other way round. */
static int64_t drop(int32_t place[R * E], double factor, thor_capacity_order order)
{
    const thor_compute compute = { .par = { 1 } };
    static float probs[R * E] = { 0.6f, 0.4f, 0.8f, 0.2f, 0.6f, 0.4f, 0.3f, 0.7f };
    int32_t choice[R * K] = { 0, 1, 0, 1, 0, 1, 1, 0 };
    int64_t offset[E + 1];
    uint64_t queue[2 * R];
    int64_t counts[THOR_ROUTER_CHUNKS * E];
    thor_router router = { .k = K, .E = E, .pool = E, .capacity_factor = factor, .capacity_order = order };
    thor_routing routing = { .probs = probs, .choice = choice, .offset = offset, .order = queue, .counts = counts,
                             .place = place };
    memset(place, 0, R * E * sizeof *place);
    return thor_capacity_drop(&compute, &routing, R, &router);
}

/* Two places each. First choices: row 1 (0.8), then 0 before 2 (equal: the lower row) take expert 0, row 3 takes
 * expert 1; second choices: rows 1 and 0 ask expert 1, which has one place left. */
START_TEST(by_priority)
{
    int32_t place[R * E];
    const int32_t expected[R * E] = { 0, -1, 0, 0, -1, -1, -1, 0 };
    ck_assert_int_eq(drop(place, 0.5, THOR_CAPACITY_PRIORITY), 4);
    ck_assert_mem_eq(place, expected, sizeof expected);
}
END_TEST

/* The same in order of rows: row 0 keeps its second choice, row 1 does not. */
START_TEST(by_position)
{
    int32_t place[R * E];
    const int32_t expected[R * E] = { 0, 0, 0, -1, -1, -1, -1, 0 };
    ck_assert_int_eq(drop(place, 0.5, THOR_CAPACITY_POSITION), 4);
    ck_assert_mem_eq(place, expected, sizeof expected);
}
END_TEST

START_TEST(room_for_all)
{
    int32_t place[R * E];
    const int32_t expected[R * E] = { 0 };
    ck_assert_int_eq(drop(place, 1, THOR_CAPACITY_PRIORITY), 0);
    ck_assert_mem_eq(place, expected, sizeof expected);
}
END_TEST

/* ---- many rows on many threads, against one row after another -------------------------------------------------- */

enum { MANY = 9001, EXPERTS = 5 };

/* The definition: places are given away one after another. */
static int64_t drop_plainly(int32_t *place, const int32_t *choice, const int64_t *queue, int64_t capacity)
{
    int64_t taken[EXPERTS] = { 0 }, dropped = 0;
    for (int64_t rank = 0; rank < K; rank++)
        for (int64_t i = 0; i < MANY; i++) {
            int32_t e = choice[queue[i] * K + rank];
            bool full = taken[e] >= capacity;
            taken[e] += !full;
            dropped += full;
            place[queue[i] * EXPERTS + e] = full ? -1 : 0;
        }
    return dropped;
}

static const float *judged;             /* what qsort compares by */
static const int32_t *first_choices;

static int by_largest(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    float p = judged[x * EXPERTS + first_choices[x * K]], q = judged[y * EXPERTS + first_choices[y * K]];
    return p != q ? (p < q) - (p > q) : (x > y) - (x < y);
}

START_TEST(many_threads)
{
    static const int threads[] = { 1, 2, 3, 17, 64, 300 };
    static float probs[MANY * EXPERTS];
    static int32_t choice[MANY * K], place[MANY * EXPERTS], expected[MANY * EXPERTS];
    static uint64_t order[2 * MANY];
    static int64_t queue[MANY];
    int64_t offset[EXPERTS + 1], counts[THOR_ROUTER_CHUNKS * EXPERTS];
    thor_router router = { .k = K, .E = EXPERTS, .pool = EXPERTS, .capacity_factor = 0.8,
                           .capacity_order = _i ? THOR_CAPACITY_POSITION : THOR_CAPACITY_PRIORITY };
    thor_routing routing = { .probs = probs, .choice = choice, .offset = offset, .order = order, .counts = counts,
                             .place = place };
    judge_draw(probs, MANY * EXPERTS, 0.5, 0.5, 300);
    for (int64_t r = 0; r < MANY; r++) {
        queue[r] = r;
        choice[r * K] = (int32_t)(probs[r * EXPERTS] * 4.99f);
        choice[r * K + 1] = (choice[r * K] + 1) % EXPERTS;
        probs[r * EXPERTS + choice[r * K]] = (float)(r * 7 % 100) / 100;        /* many are equal */
    }
    judged = probs;
    first_choices = choice;
    if (!_i)
        qsort(queue, MANY, sizeof *queue, by_largest);
    memset(expected, 0, sizeof expected);
    int64_t dropped = drop_plainly(expected, choice, queue, thor_capacity(0.8, K, MANY, EXPERTS));
    ck_assert_int_gt(dropped, 0);
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        const thor_compute compute = { .par = { threads[t] } };
        memset(place, 0, sizeof place);
        ck_assert_int_eq(thor_capacity_drop(&compute, &routing, MANY, &router), dropped);
        ck_assert_msg(memcmp(place, expected, sizeof place) == 0, "%d threads drop others", threads[t]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("capacity");
    tcase_add_test(tests, places);
    tcase_add_test(tests, by_priority);
    tcase_add_test(tests, by_position);
    tcase_add_test(tests, room_for_all);
    tcase_add_loop_test(tests, many_threads, 0, 2);
    return judge_main(tests);
}
