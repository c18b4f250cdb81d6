/* Do sentences group by themselves as the task predictor groups them? (The paper's table 10.) */
#ifndef THOR_REPRODUCE_SIMILARITY_H
#define THOR_REPRODUCE_SIMILARITY_H

#include "reproduce/kmeans.h"

/* The column for each row that makes the sum of value[row, column] largest, each column once (the Hungarian method,
 * Kuhn 1955): column_of[count]. Ties go to the lowest column at the step where they arise. THOR_E_MEMORY. */
thor_status thor_best_assignment(const double *values, int32_t count, int32_t *column_of, thor_error *error);

/* Clusters the sentences (thor_kmeans), as many clusters as `tasks`, and adds the soft labels of each cluster:
 * labels[count, tasks], rows of the predictor's probabilities. Every row of matrix[tasks, tasks] is divided by its sum;
 * row t is the cluster that the best assignment gives to task t, and has sizes[t] sentences. A cluster without
 * sentences is a row of zeros. */
thor_status thor_similarity(const thor_kernels *kernels, const thor_points *sentences, const float *labels,
                            int32_t tasks, uint64_t seed, double *matrix, int64_t *sizes, thor_error *error);

#endif
