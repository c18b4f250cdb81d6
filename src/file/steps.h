/* The checkpoints RUN/step-NNNNNN that a run keeps beside `best` and `last` (thor-checkpoint(5)). */
#ifndef THOR_FILE_STEPS_H
#define THOR_FILE_STEPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* RUN/step-000500 of 500 updates; more digits where six are too few. The caller frees; NULL without memory. */
char *thor_step_path(const char *run, int64_t updates);

/* The updates of a run's steps, ascending; the caller frees *updates. */
thor_status thor_steps_list(int64_t **updates, size_t *count, const char *run, thor_error *error);

/* Removes all but the `keep` newest, by update number. */
thor_status thor_steps_remove(const char *run, int64_t keep, thor_error *error);

#endif
