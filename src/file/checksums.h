/* SHA256SUMS: checksums of a folder's files in the format of sha256sum(1). */
#ifndef THOR_FILE_CHECKSUMS_H
#define THOR_FILE_CHECKSUMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Writes `folder`/SHA256SUMS over those of `names` that exist, in the order given. */
thor_status thor_checksums_write(const char *folder, const char *const *names, size_t count, thor_error *error);

/* The SHA-256 of `folder`/`name` as 64 digits; "" where there is no such file. */
thor_status thor_checksums_of(char hex[65], const char *folder, const char *name, thor_error *error);

/* Called for every line whose file is missing or has another content. */
typedef void thor_checksum_visitor(void *context, const char *name, const char *what);

/* Checks every line of `folder`/SHA256SUMS; *wrong counts what was visited. A line of another form, or a name with a
 * slash, is THOR_E_FORMAT. */
thor_status thor_checksums_check(const char *folder, thor_checksum_visitor *visit, void *context, size_t *wrong,
                                 thor_error *error);

/* The list of a folder, read once for several files. */
typedef struct thor_checksums {
    const char *folder;         /* the caller's */
    char *text;                 /* NULL: the folder has no list, promises nothing, and that is fine */
} thor_checksums;

/* Close it after any result. */
thor_status thor_checksums_open(thor_checksums *sums, const char *folder, thor_error *error);
void thor_checksums_close(thor_checksums *sums);

/* Compares `folder`/`name`, if the file exists, with its line. THOR_E_FORMAT when they differ or no line names it.
 * Before that the list is read once more: another process may have put a new folder in the place of the old one. */
thor_status thor_checksums_compare(thor_checksums *sums, const char *name, thor_error *error);

#endif
