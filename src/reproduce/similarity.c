#include "reproduce/similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Shortest augmenting paths with potentials. Rows and columns count from 1; 0 is "none". */
typedef struct matching {
    const double *values;
    int32_t count;
    double *row_potential, *column_potential, *slack;
    int32_t *row_of, *way;      /* of each column: its row, and the column before it on the path */
    unsigned char *used;
} matching;

static double cost(const matching *m, int32_t row, int32_t column)
{
    return -m->values[(size_t)(row - 1) * (size_t)m->count + (size_t)(column - 1)] - m->row_potential[row] -
           m->column_potential[column];
}

/* Brings the next column onto the path from `from`; returns it. */
static int32_t extend(matching *m, int32_t from)
{
    int32_t next = 0;
    double least = INFINITY;
    m->used[from] = 1;
    for (int32_t j = 1; j <= m->count; j++) {
        if (m->used[j])
            continue;
        double reduced = cost(m, m->row_of[from], j);
        if (reduced < m->slack[j]) {
            m->slack[j] = reduced;
            m->way[j] = from;
        }
        if (m->slack[j] < least) {
            least = m->slack[j];
            next = j;
        }
    }
    for (int32_t j = 0; j <= m->count; j++) {
        if (m->used[j]) {
            m->row_potential[m->row_of[j]] += least;
            m->column_potential[j] -= least;
        } else {
            m->slack[j] -= least;
        }
    }
    return next;
}

static void add_row(matching *m, int32_t row)
{
    for (int32_t j = 0; j <= m->count; j++) {
        m->slack[j] = INFINITY;
        m->used[j] = 0;
    }
    m->row_of[0] = row;
    int32_t column = 0;
    do
        column = extend(m, column);
    while (m->row_of[column] != 0);
    for (; column != 0; column = m->way[column])
        m->row_of[column] = m->row_of[m->way[column]];
}

thor_status thor_best_assignment(const double *values, int32_t count, int32_t *column_of, thor_error *error)
{
    size_t room = (size_t)count + 1;
    matching m = { .values = values, .count = count, .row_potential = calloc(room, sizeof(double)),
                   .column_potential = calloc(room, sizeof(double)), .slack = calloc(room, sizeof(double)),
                   .row_of = calloc(room, sizeof(int32_t)), .way = calloc(room, sizeof(int32_t)),
                   .used = calloc(room, 1) };
    thor_status status = THOR_OK;
    if (!m.row_potential || !m.column_potential || !m.slack || !m.row_of || !m.way || !m.used)
        status = thor_fail(error, THOR_E_MEMORY, "no memory for an assignment of %d rows", (int)count);
    for (int32_t row = 1; status == THOR_OK && row <= count; row++)
        add_row(&m, row);
    for (int32_t j = 1; status == THOR_OK && j <= count; j++)
        column_of[m.row_of[j] - 1] = j - 1;
    free(m.row_potential);
    free(m.column_potential);
    free(m.slack);
    free(m.row_of);
    free(m.way);
    free(m.used);
    return status;
}

/* sums[cluster, task], each row divided by its sum. */
static void add_labels(const int32_t *cluster_of, const float *labels, int64_t count, int32_t tasks, double *sums,
                       int64_t *sizes)
{
    for (int64_t i = 0; i < count; i++) {
        sizes[cluster_of[i]]++;
        for (int32_t t = 0; t < tasks; t++)
            sums[cluster_of[i] * tasks + t] += (double)labels[i * tasks + t];
    }
    for (int32_t k = 0; k < tasks; k++) {
        double all = 0;
        for (int32_t t = 0; t < tasks; t++)
            all += sums[k * tasks + t];
        for (int32_t t = 0; t < tasks && all > 0; t++)
            sums[k * tasks + t] /= all;
    }
}

thor_status thor_similarity(const thor_kernels *kernels, const thor_points *sentences, const float *labels,
                            int32_t tasks, uint64_t seed, double *matrix, int64_t *sizes, thor_error *error)
{
    size_t K = (size_t)tasks;
    double spread, *sums = calloc(K, K * sizeof *sums);
    int32_t *cluster_of = calloc((size_t)sentences->count + 1, sizeof *cluster_of);
    int32_t *task_of = calloc(K, sizeof *task_of);
    int64_t *counted = calloc(K, sizeof *counted);
    thor_status status = THOR_E_MEMORY;
    if (!sums || !cluster_of || !task_of || !counted)
        thor_fail(error, status, "no memory for the similarity of %d tasks", (int)tasks);
    else
        status = thor_kmeans(kernels, sentences, tasks, seed, cluster_of, &spread, error);
    if (status == THOR_OK) {
        add_labels(cluster_of, labels, sentences->count, tasks, sums, counted);
        status = thor_best_assignment(sums, tasks, task_of, error);
    }
    for (size_t k = 0; status == THOR_OK && k < K; k++) {
        memcpy(matrix + (size_t)task_of[k] * K, sums + k * K, K * sizeof *sums);
        sizes[task_of[k]] = counted[k];
    }
    free(sums);
    free(cluster_of);
    free(task_of);
    free(counted);
    return status;
}
