/* Places of experts: how many, and who gets them. */
#include <check.h>
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
    static float probs[R * E] = { 0.6f, 0.4f, 0.8f, 0.2f, 0.6f, 0.4f, 0.3f, 0.7f };
    int32_t choice[R * K] = { 0, 1, 0, 1, 0, 1, 1, 0 };
    int64_t offset[E + 1];
    uint64_t queue[R];
    thor_router router = { .k = K, .E = E, .pool = E, .capacity_factor = factor, .capacity_order = order };
    thor_routing routing = { .probs = probs, .choice = choice, .offset = offset, .order = queue, .place = place };
    memset(place, 0, R * E * sizeof *place);
    return thor_capacity_drop(&routing, R, &router);
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

int main(void)
{
    TCase *tests = tcase_create("capacity");
    tcase_add_test(tests, places);
    tcase_add_test(tests, by_priority);
    tcase_add_test(tests, by_position);
    tcase_add_test(tests, room_for_all);
    return judge_main(tests);
}
