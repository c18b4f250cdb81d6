/* One writer at a time: a lock beside a folder that is being made. */
#ifndef THOR_DATA_CLAIM_H
#define THOR_DATA_CLAIM_H

#include <stdbool.h>

#include "base/status.h"

typedef struct thor_claim {
    char *path;                 /* PATH.lock */
    int file;
    bool unlocked;              /* this file system has no locks: nobody is kept out, and a person should know */
} thor_claim;

/* Locks PATH.lock for this process. Another process that has it is an error THOR_E_FAILED with its number. The lock
 * goes with the process, however that ends. Zero *claim first, release it in any case. */
thor_status thor_claim_take(thor_claim *claim, const char *path, thor_error *error);

/* Removes the file, then the lock. Harmless when there is none. */
void thor_claim_release(thor_claim *claim);

#endif
