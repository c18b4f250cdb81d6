/* The checksums of a checkpoint: SHA256SUMS beside its files, in sha256sum(1)'s format. */
#ifndef THOR_FILE_SEAL_H
#define THOR_FILE_SEAL_H

#include <stddef.h>

#include "base/status.h"

/* Writes `folder`/SHA256SUMS over those of `names` that are there. */
thor_status thor_seal_write(const char *folder, const char *const *names, size_t count, thor_error *error);

/* Compares `folder`/`name` with its line. THOR_E_FORMAT when they differ or there is no such line; a folder without
 * SHA256SUMS promises nothing and is fine. */
thor_status thor_seal_check(const char *folder, const char *name, thor_error *error);

#endif
