/* Adam's moments of several processes, for checkpoints, which know nothing of processes (thor-cluster(7)): rank 0 reads
 * and writes the files, and asks the owners for a bucket at a time. */
#ifndef THOR_TRAIN_MOMENTS_H
#define THOR_TRAIN_MOMENTS_H

#include "train/trainer.h"

typedef struct thor_moments {
    thor_trainer *trainer;
    float *bucket;              /* rank 0: what was asked for last */
    int64_t held;               /* its number, counted through both moments; -1: none */
} thor_moments;

/* On all ranks. Error: THOR_E_MEMORY. Close it after any result. */
thor_status thor_moments_open(thor_moments *moments, thor_trainer *trainer, thor_error *error);
void thor_moments_close(thor_moments *moments);

/* Rank 0: floats first … first + count - 1 of the first (which 0) or second moment, as they would lie in a block. The
 * other ranks are in thor_moments_serve meanwhile. */
thor_status thor_moments_read(void *moments, int which, int64_t first, int64_t count, float *values,
                              thor_error *error);

/* Rank 0: lets the others go. */
void thor_moments_end(thor_moments *moments);

/* The other ranks: answer until rank 0 ends. */
void thor_moments_serve(thor_moments *moments);

/* On all ranks: rank 0's block becomes the moments of those that own them. */
void thor_moments_spread(thor_trainer *trainer, int which, const float *block);

#endif
