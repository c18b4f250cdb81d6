/* Clusters and assignments against programs that try everything. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "reproduce/similarity.h"

enum { COUNT = 40, WIDTH = 19, TASKS = 4 };

static double made(uint64_t seed, uint64_t i)
{
    thor_rng rng = thor_rng_make(seed, THOR_SITE_TEST, 0, 0);
    return (double)thor_rng_word(&rng, i) / 4294967296.0;
}

/* The best sum over all permutations of the rows from `row` on. */
static double plain_best(const double *values, int32_t count, int32_t row, unsigned used)
{
    double best = -INFINITY;
    if (row == count)
        return 0;
    for (int32_t j = 0; j < count; j++)
        if (!(used >> j & 1))
            best = fmax(best, values[row * count + j] + plain_best(values, count, row + 1, used | 1u << j));
    return best;
}

START_TEST(assignments)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        int32_t count = 1 + (int32_t)(seed % 7), column_of[7];
        double values[49], sum = 0;
        for (int32_t i = 0; i < count * count; i++)         /* every third with many ties */
            values[i] = seed % 3 ? made(seed, (uint64_t)i) : floor(made(seed, (uint64_t)i) * 3);
        ck_assert_int_eq(thor_best_assignment(values, count, column_of, NULL), THOR_OK);
        unsigned used = 0;
        for (int32_t i = 0; i < count; i++) {
            sum += values[i * count + column_of[i]];
            used |= 1u << column_of[i];
        }
        ck_assert_uint_eq(used, (1u << count) - 1);
        ck_assert_double_eq_tol(sum, plain_best(values, count, 0, 0), 1e-12);
    }
    const double same[9] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
    int32_t column_of[3];
    ck_assert_int_eq(thor_best_assignment(same, 3, column_of, NULL), THOR_OK);
    for (int32_t i = 0; i < 3; i++)
        ck_assert_int_eq(column_of[i], i);
}
END_TEST

/* Four clouds of points around four corners. */
static void make_clouds(float *values, int32_t *cloud_of)
{
    for (int i = 0; i < COUNT; i++) {
        cloud_of[i] = (i * 3 + 1) % TASKS;
        for (int j = 0; j < WIDTH; j++)
            values[i * WIDTH + j] = (float)(made(5, (uint64_t)(i * WIDTH + j)) + (j % TASKS == cloud_of[i] ? 4 : 0));
    }
}

static double squared(const float *a, const double *b)
{
    double sum = 0;
    for (int j = 0; j < WIDTH; j++)
        sum += ((double)a[j] - b[j]) * ((double)a[j] - b[j]);
    return sum;
}

/* The result is a local optimum: every point is nearest to the mean of its own cluster. */
START_TEST(clusters_are_stable)
{
    float values[COUNT * WIDTH];
    int32_t cloud_of[COUNT], cluster_of[COUNT];
    double spread, centres[TASKS][WIDTH] = { { 0 } }, sizes[TASKS] = { 0 }, sum = 0;
    make_clouds(values, cloud_of);
    const thor_points points = { values, COUNT, WIDTH };
    const thor_kernels *kernels;
    ck_assert_int_eq(thor_kernels_choose(&kernels, "scalar", NULL), THOR_OK);
    ck_assert_int_eq(thor_kmeans(kernels, &points, TASKS, 1, cluster_of, &spread, NULL), THOR_OK);
    for (int i = 0; i < COUNT; i++) {
        sizes[cluster_of[i]]++;
        for (int j = 0; j < WIDTH; j++)
            centres[cluster_of[i]][j] += (double)values[i * WIDTH + j];
    }
    for (int k = 0; k < TASKS; k++)
        for (int j = 0; j < WIDTH; j++)
            centres[k][j] /= sizes[k];
    for (int i = 0; i < COUNT; i++) {
        for (int k = 0; k < TASKS; k++)
            ck_assert_double_le(squared(values + i * WIDTH, centres[cluster_of[i]]),
                                squared(values + i * WIDTH, centres[k]) + 1e-9);
        sum += squared(values + i * WIDTH, centres[cluster_of[i]]);
        for (int k = 0; k < i; k++)         /* and the clouds are found */
            ck_assert_int_eq(cloud_of[i] == cloud_of[k], cluster_of[i] == cluster_of[k]);
    }
    ck_assert_double_eq_tol(spread, sum, 1e-4);
}
END_TEST

/* Word `index` of a draw, by the text of thor-numerics(7). */
static double plain_draw(uint32_t start, uint32_t centre, uint32_t word)
{
    const uint32_t counter[4] = { 0, (uint32_t)8 << 24, start, centre }, key[2] = { 3, 0 };
    uint32_t out[4];
    thor_philox(out, counter, key);
    return out[word];
}

static double plain_distance(const float *values, int i, const double *centre)
{
    return squared(values + i * WIDTH, centre);
}

/* Distance to the nearest of the first `centres` centres; *which is the lowest of the nearest. */
static double plain_nearest(const float *values, int i, double centre[][WIDTH], int centres, int *which)
{
    double least = INFINITY;
    for (int k = 0; k < centres; k++)
        if (plain_distance(values, i, centre[k]) < least) {
            least = plain_distance(values, i, centre[k]);
            *which = k;
        }
    return least;
}

static void plain_choose(const float *values, double centre[][WIDTH], uint32_t start)
{
    for (int k = 0; k < TASKS; k++) {
        double all = 0, sum = 0;
        int chosen = 0, which;
        for (int i = 0; k > 0 && i < COUNT; i++)
            all += plain_nearest(values, i, centre, k, &which);
        if (k == 0)         /* a uniform integer from 64 bits, by multiplication */
            chosen = (int)(((plain_draw(start, 0, 0) * 4294967296.0 + plain_draw(start, 0, 1)) * COUNT) / 0x1p64);
        double reach = floor(plain_draw(start, (uint32_t)k, 0) / 256) / 16777216 * all;
        for (int i = 0; k > 0 && i < COUNT && sum <= reach; i++) {
            sum += plain_nearest(values, i, centre, k, &which);
            chosen = i;
        }
        for (int j = 0; j < WIDTH; j++)
            centre[k][j] = (double)values[chosen * WIDTH + j];
    }
}

static double plain_start(const float *values, int *cluster_of, uint32_t start)
{
    double centre[TASKS][WIDTH], spread = 0;
    plain_choose(values, centre, start);
    for (int round = 0; round < 100; round++) {
        double sums[TASKS][WIDTH] = { { 0 } }, sizes[TASKS] = { 0 };
        spread = 0;
        for (int i = 0; i < COUNT; i++) {
            spread += plain_nearest(values, i, centre, TASKS, &cluster_of[i]);
            sizes[cluster_of[i]]++;
            for (int j = 0; j < WIDTH; j++)
                sums[cluster_of[i]][j] += (double)values[i * WIDTH + j];
        }
        for (int k = 0; k < TASKS; k++)
            for (int j = 0; j < WIDTH && sizes[k] > 0; j++)
                centre[k][j] = sums[k][j] / sizes[k];
    }
    return spread;
}

/* Points without any order: what is found depends on every draw. */
START_TEST(plain_clusters)
{
    float values[COUNT * WIDTH];
    int32_t found[COUNT];
    int best[COUNT] = { 0 }, tried[COUNT];
    double least = INFINITY, spread;
    for (int i = 0; i < COUNT * WIDTH; i++)
        values[i] = (float)made(17, (uint64_t)i);
    for (uint32_t start = 0; start < THOR_KMEANS_STARTS; start++) {
        double reached = plain_start(values, tried, start);
        if (reached < least) {
            least = reached;
            memcpy(best, tried, sizeof best);
        }
    }
    const thor_points points = { values, COUNT, WIDTH };
    const thor_kernels *kernels;
    ck_assert_int_eq(thor_kernels_choose(&kernels, "scalar", NULL), THOR_OK);
    ck_assert_int_eq(thor_kmeans(kernels, &points, TASKS, 3, found, &spread, NULL), THOR_OK);
    ck_assert_double_eq_tol(spread, least, 1e-4);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(found[i], best[i]);
}
END_TEST

/* The same clusters and the same bits with every instruction set. */
START_TEST(every_instruction_set)
{
    float values[COUNT * WIDTH];
    for (int i = 0; i < COUNT * WIDTH; i++)
        values[i] = (float)made(11, (uint64_t)i);
    const thor_points points = { values, COUNT, WIDTH };
    const thor_kernels *list[8];
    int count = thor_kernels_list(list, 8);
    int32_t first[COUNT], other[COUNT];
    double spread, spread_of_other;
    ck_assert_int_eq(thor_kmeans(list[0], &points, 6, 2, first, &spread, NULL), THOR_OK);
    for (int i = 1; i < count; i++) {
        ck_assert_int_eq(thor_kmeans(list[i], &points, 6, 2, other, &spread_of_other, NULL), THOR_OK);
        ck_assert_mem_eq(first, other, sizeof first);
        ck_assert_double_eq(spread, spread_of_other);
    }
}
END_TEST

/* The first centre and the next ones by hand, on a line: 0, 1, 10. */
START_TEST(few_points)
{
    const float values[] = { 0, 1, 10 };
    const thor_points points = { values, 3, 1 };
    const thor_kernels *kernels;
    int32_t cluster_of[3];
    double spread;
    thor_error error;
    ck_assert_int_eq(thor_kernels_choose(&kernels, "scalar", NULL), THOR_OK);
    ck_assert_int_eq(thor_kmeans(kernels, &points, 2, 7, cluster_of, &spread, NULL), THOR_OK);
    ck_assert_int_eq(cluster_of[0], cluster_of[1]);
    ck_assert_int_ne(cluster_of[0], cluster_of[2]);
    ck_assert_double_eq(spread, 0.5);
    ck_assert_int_eq(thor_kmeans(kernels, &points, 3, 7, cluster_of, &spread, NULL), THOR_OK);
    ck_assert_double_eq(spread, 0);
    ck_assert_int_eq(thor_kmeans(kernels, &points, 4, 7, cluster_of, &spread, &error), THOR_E_USAGE);
    const float bad[] = { 0, NAN, 1 };
    const thor_points broken = { bad, 3, 1 };
    ck_assert_int_eq(thor_kmeans(kernels, &broken, 2, 7, cluster_of, &spread, &error), THOR_E_NUMBER);
    ck_assert_ptr_nonnull(strstr(error.text, "point 1"));
}
END_TEST

/* Soft labels that lean to the cloud: the diagonal is the largest of its row, and rows add up to 1. */
START_TEST(similarity)
{
    float values[COUNT * WIDTH], labels[COUNT * TASKS];
    int32_t cloud_of[COUNT];
    double matrix[TASKS * TASKS];
    int64_t sizes[TASKS], in_cloud[TASKS] = { 0 };
    make_clouds(values, cloud_of);
    for (int i = 0; i < COUNT; i++) {
        in_cloud[cloud_of[i]]++;
        for (int t = 0; t < TASKS; t++)
            labels[i * TASKS + t] = t == cloud_of[i] ? 0.625f : 0.125f;
    }
    const thor_points points = { values, COUNT, WIDTH };
    const thor_kernels *kernels;
    ck_assert_int_eq(thor_kernels_choose(&kernels, "scalar", NULL), THOR_OK);
    ck_assert_int_eq(thor_similarity(kernels, &points, labels, TASKS, 1, matrix, sizes, NULL), THOR_OK);
    for (int r = 0; r < TASKS; r++) {
        ck_assert_int_eq(sizes[r], in_cloud[r]);
        for (int t = 0; t < TASKS; t++)
            ck_assert_double_eq_tol(matrix[r * TASKS + t], r == t ? 0.625 : 0.125, 1e-12);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("similarity");
    TCase *tests = tcase_create("similarity");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, assignments);
    tcase_add_test(tests, clusters_are_stable);
    tcase_add_test(tests, plain_clusters);
    tcase_add_test(tests, every_instruction_set);
    tcase_add_test(tests, few_points);
    tcase_add_test(tests, similarity);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
