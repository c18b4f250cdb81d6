/* The mean of checkpoints' parameters: thor-average(1). */
#ifndef THOR_FILE_AVERAGE_H
#define THOR_FILE_AVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Folders in the order in which they are added. Zero it before the first use; thor_average_list_free after the last. */
typedef struct thor_average_list {
    char **folders;
    size_t count, room;
} thor_average_list;

/* Appends the checkpoint that `path` means: itself, or the best or last of a run. */
thor_status thor_average_list_add(thor_average_list *list, const char *path, thor_error *error);

/* Appends the `wanted` highest checkpoints RUN/step-NNNNNN, in the order of their updates. Fewer are THOR_E_FAILED. */
thor_status thor_average_list_newest(thor_average_list *list, const char *run, int64_t wanted, thor_error *error);
void thor_average_list_free(thor_average_list *list);

/* Writes the checkpoint `folder`, which must not exist (THOR_E_USAGE). Each value is the sum of the checkpoints' values
 * in the order of the list, in double, divided by their number and rounded once. Their configurations (all keys) and
 * vocabularies have to be equal: THOR_E_FAILED names the first difference. `version` goes into config.json. Optimiser
 * state is left out; state.json names the folders and the SHA-256 of their weights. Memory is taken for a piece of a
 * tensor, not for models. */
thor_status thor_average_write(const char *folder, const thor_average_list *list, const char *version,
                               thor_error *error);

#endif
